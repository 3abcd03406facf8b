// SPDX-License-Identifier: MIT
// The entropy stage: from a frame's bytes and the stream's state to a job and the next state. The
// job is all it knows of the GPU.
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

// Damaged or missing superblocks of one tile column, which are concealed: from first_row to end_row
// - 1, and columns likewise.
struct DamagedSuperblocks {
  uint32_t first_row, end_row, first_column, end_column;
};

class PictureParser {
 public:
  PictureParser();
  ~PictureParser();

  // The frame's uncompressed header. `before` is the state after the previous frame; nullptr if
  // there is none. Errors as in parse_uncompressed_header; Error::damaged also if the frame needs a
  // state and there is none.
  static Result<UncompressedHeader> read_header(const PictureParameters& picture,
                                                const StreamState* before);

  // Whether the frame's initial probabilities are known, so that begin() may be called. Otherwise
  // they will be after finish() of the frame that makes them.
  static bool may_begin(const UncompressedHeader& header, const StreamState* before);

  // The lists that a job for this frame needs, with their sizes.
  static JobRoom room(const UncompressedHeader& header, const PictureParameters& picture);

  // Reads the compressed header and locates the tiles. The picture, its bytes and the job must stay
  // valid until finish(). After Error::damaged the stream continues from `before`, and conceal()
  // must fill the job.
  Result<void> begin(const PictureParameters& picture, const UncompressedHeader& header,
                     const std::shared_ptr<const StreamState>& before, PictureJob& job);

  // The state after this frame, available from begin() on: later frames may be opened with it when
  // may_begin() allows.
  std::shared_ptr<const StreamState> state() const;

  // The slots of the job's reference pictures; only for references that have a size.
  std::array<uint8_t, reference_count> reference_slots() const;

  std::size_t tile_column_count() const;
  // Whether parse_tile_column() may now have to wait for an earlier frame. Once false, it stays
  // false.
  bool waits() const;
  // Once for each tile column, on any thread, several at the same time. Waits for rows of earlier
  // frames whose vectors or segments predict this one's.
  void parse_tile_column(std::size_t index);

  // After all tile columns: adapts the probabilities, completes the job, and returns what is
  // concealed. A damaged frame leaves its contexts unchanged.
  std::vector<DamagedSuperblocks> finish();

  // Instead of finish(), for a frame that failed after begin(): releases the frames that follow it.
  // Leaves its contexts unchanged.
  void give_up() noexcept;

  // Instead of all this, for a frame with unreadable headers: a job that copies a reference of the
  // picture's size, or is grey if there is none. Leaves no state.
  void conceal(const PictureParameters& picture, uint32_t width, uint32_t height,
               uint32_t bit_depth, PictureJob& job);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace daedalus::vp9
