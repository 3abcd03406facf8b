// SPDX-License-Identifier: MIT
// The entropy stage: from a frame's parameters and tiles, and what its references left, to a job
// and what the frame leaves itself. Knows the job and nothing else of the GPU.
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

// By RefFrame - 1. Null: lost, or not there.
using SavedReferences = std::array<std::shared_ptr<const SavedFrame>, reference_count>;

// 64x64 squares that were damaged or missing, and are concealed: rows first_row and up to
// end_row - 1, columns likewise.
struct DamagedSquares {
  uint32_t first_row, end_row, first_column, end_column;
};

class TileParserPool;

class PictureParser {
 public:
  PictureParser();  // with a pool of its own
  explicit PictureParser(std::shared_ptr<TileParserPool> parsers);
  ~PictureParser();

  // Whether the parameters are within the specification's ranges and do not contradict each other:
  // Error::invalid_parameter; Error::unsupported for sizes beyond the job's. Nothing else takes
  // parameters that were not checked.
  static Result<void> check(const PictureParameters& picture);

  // What of each list a job for this picture needs.
  static JobRoom room(const PictureParameters& picture);

  // The picture, its bytes and the job must stay valid until finish(). Error::damaged where the
  // frame cannot be decoded for want of references: then the job is to be made by conceal().
  Result<void> begin(const PictureParameters& picture, const SavedReferences& references,
                     PictureJob& job);

  // What this frame leaves, from begin() or conceal() on: later frames may be opened with it.
  std::shared_ptr<const SavedFrame> state() const;

  // Which of the seven references takes the place of each, for the GPU: itself, or another one's
  // number where it is lost; no_reference where there is none.
  const std::array<uint8_t, reference_count>& substitutes() const;

  std::size_t tile_count() const;
  // Whether the CDFs that the tiles begin with are known: parse_tile() may be called. They are once
  // the context tile of the frame that makes them is parsed.
  bool may_parse() const;
  // Whether parse_tile() may have to wait for an earlier frame now. Where not, it never does.
  bool waits() const;
  // Each tile once, on any thread, several at the same time. It waits for rows of earlier frames
  // whose vectors or segments predict this one's.
  void parse_tile(std::size_t index);

  // After all tiles: puts the job together, and returns what is concealed.
  std::vector<DamagedSquares> finish();

  // Instead of finish(), for a frame that failed after begin(): frames that follow it go on.
  void give_up() noexcept;

  // Instead of all this, for a frame that cannot be parsed: a job that copies a reference, or is
  // grey where there is none.
  void conceal(const PictureParameters& picture, const SavedReferences& references,
               PictureJob& job);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace daedalus::av1
