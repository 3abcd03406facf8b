// SPDX-License-Identifier: MIT
// What is kept of a frame block by block: the modes and vectors from which those of later blocks
// and of the next frame are predicted, and the segmentation map.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "daedalus/vp9/job.h"
#include "threads/row_progress.h"
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
class FrameField : public RowProgress<in_superblocks(max_height)> {
 public:
  uint32_t mi_cols = 0, mi_rows = 0;
  std::vector<ModeInfo> infos;
  std::vector<uint8_t> segment_ids;  // empty unless the frame updates the map

  // Call before any other thread knows the frame.
  void begin(uint32_t columns, uint32_t rows, uint32_t tile_columns, bool has_segment_ids) {
    mi_cols = columns;
    mi_rows = rows;
    infos.resize(std::size_t{columns} * rows);
    segment_ids.resize(has_segment_ids ? infos.size() : 0);
    begin_rows(tile_columns);
  }
};

}  // namespace daedalus::vp9
