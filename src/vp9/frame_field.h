// SPDX-License-Identifier: MIT
// What a decoded frame leaves, block by block: modes and vectors, which predict those of its own
// later blocks and of the next frame, and its segmentation map.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "daedalus/vp9/job.h"
#include "vp9/mv.h"
#include "vp9/reference_contexts.h"
#include "vp9/syntax.h"

namespace daedalus::vp9 {

inline constexpr uint8_t no_filter_type = 3;  // an intra block's, for the context

// Everything that later blocks need to know about the block that covers an 8x8 unit.
struct alignas(16) ModeInfo {
  std::array<Mv, 2> mv{};              // below 8x8: of the last sub-block
  std::array<uint8_t, 2> ref_frame{};  // RefFrame; intra_frame: none
  PredictionMode mode = dc_pred;       // below 8x8: of the last sub-block
  ReferenceKind kind = ReferenceKind::none;
  uint8_t interp_filter = no_filter_type;
  uint8_t flags = 0;  // mode_info
  // Intra modes of the lower and of the right sub-blocks, first in the low half.
  uint8_t lower_modes = 0, right_modes = 0;
};
static_assert(sizeof(ModeInfo) == 16);

namespace mode_info {
inline constexpr uint32_t skip = 1u << 0;
inline constexpr uint32_t tx_size_shift = 1;  // 2 bits
inline constexpr uint32_t seg_id_predicted = 1u << 3;
inline constexpr uint32_t small = 1u << 4;  // below 8x8
}  // namespace mode_info

// A later frame may be parsed concurrently: it waits for this frame's superblock rows one by one.
// Each row counts the tile columns that have finished it.
class FrameField {
 public:
  uint32_t mi_cols = 0, mi_rows = 0;
  std::vector<ModeInfo> infos;
  std::vector<uint8_t> segment_ids;  // empty unless the frame updates the map

  // Call before any other thread knows the frame.
  void begin(uint32_t columns, uint32_t rows, uint32_t tile_columns, bool has_segment_ids) {
    mi_cols = columns;
    mi_rows = rows;
    tile_columns_ = tile_columns;
    infos.resize(std::size_t{columns} * rows);
    segment_ids.resize(has_segment_ids ? infos.size() : 0);
    for (auto& row : parsed_) row.store(0, std::memory_order_relaxed);
    finished_.store(false, std::memory_order_relaxed);
  }

  // Another tile column has finished this row of superblocks.
  void add_parsed(uint32_t sb_row) {
    auto& row = parsed_[sb_row];
    if (row.fetch_add(1, std::memory_order_acq_rel) + 1 == tile_columns_) row.notify_all();
  }
  // Everything is parsed, or never will be: ends all waits.
  void finish() {
    for (auto& row : parsed_) {
      row.store(all, std::memory_order_release);
      row.notify_all();
    }
    finished_.store(true, std::memory_order_release);
  }
  bool finished() const { return finished_.load(std::memory_order_acquire); }

  void wait_for_row(uint32_t sb_row) const {
    const auto& row = parsed_[sb_row];
    for (uint32_t count = row.load(std::memory_order_acquire); count < tile_columns_;
         count = row.load(std::memory_order_acquire))
      row.wait(count, std::memory_order_acquire);
  }

 private:
  static constexpr uint32_t all = ~0u;

  uint32_t tile_columns_ = 0;
  std::array<std::atomic<uint32_t>, in_superblocks(max_height)> parsed_{};
  std::atomic<bool> finished_ = false;
};

}  // namespace daedalus::vp9
