// SPDX-License-Identifier: MIT
// The entropy stage: from a frame's bytes and the stream's state to a job and the state after it.
// Knows the job and nothing else of the GPU.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "daedalus/error.h"
#include "daedalus/vp9/job.h"
#include "daedalus/vp9/picture.h"
#include "vp9/stream_state.h"
#include "vp9/uncompressed_header.h"

namespace daedalus::vp9 {

// Superblocks of one tile column that were damaged or missing, and are concealed: rows first_row
// and up to end_row - 1, columns likewise.
struct DamagedSuperblocks {
  uint32_t first_row, end_row, first_column, end_column;
};

class PictureParser {
 public:
  PictureParser();
  ~PictureParser();

  // The frame's uncompressed header. `before` is the state that the frame before it leaves; nullptr
  // where there is none. Errors as parse_uncompressed_header's; Error::damaged also for a frame
  // that needs a state where there is none.
  static Result<UncompressedHeader> read_header(const PictureParameters& picture,
                                                const StreamState* before);

  // Whether the probabilities that the frame begins with are known: begin() may be called. Where
  // not, they are once finish() was called for the frame that makes them.
  static bool may_begin(const UncompressedHeader& header, const StreamState* before);

  // What of each list a job for this frame needs.
  static JobRoom room(const UncompressedHeader& header, const PictureParameters& picture);

  // Reads the compressed header and finds the tiles. The picture, its bytes and the job must stay
  // valid until finish(). After Error::damaged the stream goes on from `before`, and the job is to
  // be made by conceal().
  Result<void> begin(const PictureParameters& picture, const UncompressedHeader& header,
                     const std::shared_ptr<const StreamState>& before, PictureJob& job);

  // The state that this frame leaves, from begin() on: later frames may be opened with it as soon
  // as may_begin() says so.
  std::shared_ptr<const StreamState> state() const;

  // Slots of the pictures that the job's references are, by reference; only where it has a size.
  std::array<uint8_t, reference_count> reference_slots() const;

  std::size_t tile_column_count() const;
  // Whether parse_tile_column() may have to wait for an earlier frame now. Where not, it never
  // does.
  bool waits() const;
  // Each tile column once, on any thread, several at the same time. It waits for rows of earlier
  // frames whose vectors or segments predict this one's.
  void parse_tile_column(std::size_t index);

  // After all tile columns: adapts the probabilities, puts the job together, and returns what is
  // concealed. A frame with damage leaves its contexts as they were.
  std::vector<DamagedSuperblocks> finish();

  // Instead of finish(), for a frame that failed after begin(): frames that follow it go on. It
  // leaves its contexts as they were.
  void give_up() noexcept;

  // Instead of all this, for a frame whose headers could not be read: a job that copies a reference
  // of the picture's size, or is grey where there is none. Leaves no state.
  void conceal(const PictureParameters& picture, uint32_t width, uint32_t height,
               uint32_t bit_depth, PictureJob& job);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace daedalus::vp9
