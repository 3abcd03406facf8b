// SPDX-License-Identifier: MIT
// The entropy stage: from a frame's parameters, its tiles and its references' state to a job and
// the frame's own state. The job is all it knows of the GPU.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "av1/saved_frame.h"
#include "daedalus/av1/job.h"
#include "daedalus/av1/picture.h"
#include "daedalus/error.h"

namespace daedalus::av1 {

// By RefFrame - 1. Null: lost or absent.
using SavedReferences = std::array<std::shared_ptr<const SavedFrame>, reference_count>;

// Damaged or missing 64x64 squares, which are concealed: rows from first_row to end_row - 1, and
// columns likewise.
struct DamagedSquares {
  uint32_t first_row, end_row, first_column, end_column;
};

class TileParserPool;

class PictureParser {
 public:
  PictureParser();  // with a pool of its own
  explicit PictureParser(std::shared_ptr<TileParserPool> parsers);
  ~PictureParser();

  // Whether the parameters are within the specification's ranges and consistent:
  // Error::invalid_parameter; Error::unsupported for sizes beyond a job's. All other functions
  // require checked parameters.
  static Result<void> check(const PictureParameters& picture);

  // The lists that a job for this picture needs, with their sizes.
  static JobRoom room(const PictureParameters& picture);

  // The picture, its bytes and the job must stay valid until finish(). Error::damaged if the frame
  // cannot be decoded for lack of references: then conceal() must fill the job.
  Result<void> begin(const PictureParameters& picture, const SavedReferences& references,
                     PictureJob& job);

  // This frame's state, from begin() or conceal() on: later frames may be opened with it.
  std::shared_ptr<const SavedFrame> state() const;

  // For each of the seven references, the one that the GPU uses: itself, or the number of another
  // one if it is lost; no_reference if there is none.
  const std::array<uint8_t, reference_count>& substitutes() const;

  std::size_t tile_count() const;
  // Whether the tiles' initial CDFs are known, so that parse_tile() may be called. They are after
  // the context tile of the frame that makes them is parsed.
  bool may_parse() const;
  // Whether parse_tile() may have to wait for an earlier frame. Once false, it stays false.
  bool waits() const;
  // Once for each tile, on any thread, several at the same time. Waits for rows of earlier frames
  // whose vectors or segments predict this one's.
  void parse_tile(std::size_t index);

  // After all tiles: completes the job, and returns what is concealed.
  std::vector<DamagedSquares> finish();

  // Instead of finish(), for a frame that failed after begin(): releases the frames that follow it.
  void give_up() noexcept;

  // Instead of all this, for a frame that cannot be parsed: a job that copies a reference, or is
  // grey if there is none.
  void conceal(const PictureParameters& picture, const SavedReferences& references,
               PictureJob& job);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace daedalus::av1
