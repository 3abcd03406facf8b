// SPDX-License-Identifier: MIT
// Motion vector prediction (VP9 bitstream specification, 6.4.20 to 6.4.22: find_mv_refs,
// append_sub8x8_mvs), as libvpx's decoder does it.
#pragma once

#include <array>
#include <cstdint>

#include "vp9/frame_field.h"
#include "vp9/mv.h"
#include "vp9/probabilities.h"
#include "vp9/syntax.h"

namespace daedalus::vp9 {

struct CandidatePlace {
  int8_t row, column;
};
inline constexpr uint32_t candidate_places = 8;
// mv_ref_blocks: where a block looks for candidate vectors, relative to its top left 8x8 unit.
extern const std::array<std::array<CandidatePlace, candidate_places>, block_sizes> mv_ref_blocks;

// What stays the same for all blocks of a frame.
struct MvFrame {
  uint32_t mi_rows, mi_cols;  // of the frame
  std::array<bool, 4> ref_frame_sign_bias;
  bool allow_high_precision_mv;
  // mv_ref_blocks as distances in an array of mi_cols elements a row.
  Nested<int32_t, block_sizes, candidate_places> distances;
};
MvFrame mv_frame(uint32_t mi_rows, uint32_t mi_cols, const std::array<bool, 4>& sign_bias,
                 bool allow_high_precision_mv);

// Both vectors of one sub-block of a block below 8x8: the lower left one for the block below, the
// upper right one for the block to the right. Valid if ModeInfo has the flag `small`.
using SmallBlockMvs = std::array<Mv, 2>;

// A block's neighbourhood.
struct MvNeighbourhood {
  const MvFrame* frame;
  uint32_t mi_row, mi_col;
  uint32_t tile_begin, tile_end;  // columns
  BlockSize size;
  bool all_inside;                   // all candidates are inside the tile
  const ModeInfo* unit;              // the block's own place in the frame's field
  const ModeInfo* previous;          // the same place in the previous frame's; nullptr: not used
  const SmallBlockMvs* above_small;  // of the unit above
  const SmallBlockMvs* left_small;   // of the unit to the left

  bool inside(uint32_t place) const {
    const CandidatePlace at = mv_ref_blocks[size][place];
    const int32_t row = static_cast<int32_t>(mi_row) + at.row;
    const int32_t column = static_cast<int32_t>(mi_col) + at.column;
    return row >= 0 && row < static_cast<int32_t>(frame->mi_rows) &&
           column >= static_cast<int32_t>(tile_begin) && column < static_cast<int32_t>(tile_end);
  }
  const ModeInfo& candidate(uint32_t place) const { return unit[frame->distances[size][place]]; }
};

// Context of inter_mode.
uint32_t inter_mode_context(const MvNeighbourhood& neighbourhood);

// NearestMv, which also predicts new vectors, and NearMv of blocks of 8x8 and larger, in the
// frame's precision.
Mv nearest_mv_of(const MvNeighbourhood& neighbourhood, uint32_t ref_frame);
Mv near_mv_of(const MvNeighbourhood& neighbourhood, uint32_t ref_frame);

// The same for sub-block `block` of a block below 8x8; `earlier` has the vectors of the sub-blocks
// before it.
Mv small_nearest_mv(const MvNeighbourhood& neighbourhood, uint32_t ref_frame, uint32_t block,
                    const std::array<Mv, 4>& earlier);
Mv small_near_mv(const MvNeighbourhood& neighbourhood, uint32_t ref_frame, uint32_t block,
                 const std::array<Mv, 4>& earlier);

}  // namespace daedalus::vp9
