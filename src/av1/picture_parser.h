// SPDX-License-Identifier: MIT
// The entropy stage: turns a frame's parameters, its tiles and its references' state into a job and
// the frame's own state. It knows nothing of the GPU but the job.
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

// Damaged or missing 64x64 squares, which are concealed: rows first_row to end_row - 1, and columns
// likewise.
struct DamagedSquares {
  uint32_t first_row, end_row, first_column, end_column;
};

class TileParserPool;

class PictureParser {
 public:
  PictureParser();  // creates its own pool
  explicit PictureParser(std::shared_ptr<TileParserPool> parsers);
  ~PictureParser();

  // Checks that the parameters are consistent and within the specification's ranges: else
  // Error::invalid_parameter, or Error::unsupported if the size does not fit a job. All other
  // functions require checked parameters.
  static Result<void> check(const PictureParameters& picture);

  // The sizes of the lists that a job for this picture needs.
  static JobRoom room(const PictureParameters& picture);

  // The picture, its bytes and the job must stay valid until finish(). Returns Error::damaged if
  // missing references make the frame undecodable: then call conceal() to fill the job.
  Result<void> begin(const PictureParameters& picture, const SavedReferences& references,
                     PictureJob& job);

  // This frame's state, valid after begin() or conceal(): later frames may then begin with it.
  std::shared_ptr<const SavedFrame> state() const;

  // For each of the seven references, the index of the one that the GPU uses: its own, or a
  // substitute's if it is lost; no_reference if there is none.
  const std::array<uint8_t, reference_count>& substitutes() const;

  std::size_t tile_count() const;
  // Whether the initial CDFs are known, so that parse_tile() may be called. They are known once the
  // context tile of the frame that saves them is parsed.
  bool may_parse() const;
  // Whether parse_tile() may have to wait for an earlier frame. Once false, stays false.
  bool waits() const;
  // Call once for each tile, from any thread; calls may run in parallel. Waits for rows of earlier
  // frames whose vectors or segments this frame predicts from.
  void parse_tile(std::size_t index);

  // Call after all tiles. Completes the job, and returns the concealed squares.
  std::vector<DamagedSquares> finish();

  // Call instead of finish() if the frame fails after begin(). Releases frames that wait for it.
  void give_up() noexcept;

  // Call instead of all the above for a frame that cannot be parsed. Fills the job with a copy of a
  // reference, or with grey if there is none.
  void conceal(const PictureParameters& picture, const SavedReferences& references,
               PictureJob& job);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace daedalus::av1
