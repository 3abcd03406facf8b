// SPDX-License-Identifier: MIT
// What the two entropy coding modes share: the values of the syntax elements of macroblock_layer()
// (H.264 7.3.5). CavlcSyntax and CabacSyntax read them, with the same functions;
// macroblock_parser.h combines them.
#pragma once

#include <cstdint>

#include "daedalus/h264/job.h"

namespace daedalus::h264 {

inline constexpr uint32_t mb_type_i_pcm = 25;
inline constexpr uint32_t first_intra_mb_type_of_p = 5;
inline constexpr uint32_t first_intra_mb_type_of_b = 23;
inline constexpr int rem_pred_mode_none = -1;  // prev_intra_pred_mode_flag is set

// A partition within a macroblock, in 4x4 blocks.
struct BlockRect {
  uint32_t x, y, width, height;
};

// The inputs of residual() (7.3.5.3).
struct ResidualShape {
  MbKind kind;
  bool transform_8x8;
  uint32_t coded_block_pattern;

  bool luma_coded(uint32_t luma_8x8_blk_idx) const {
    return (coded_block_pattern >> luma_8x8_blk_idx & 1) != 0;
  }
  bool chroma_dc_coded() const { return coded_block_pattern >> 4 != 0; }
  bool chroma_ac_coded() const { return coded_block_pattern >> 4 == 2; }
};

// Column and row of luma4x4BlkIdx (6.4.3).
constexpr uint32_t luma_block_x(uint32_t index) {
  return (index & 1) | (index >> 1 & 2);
}
constexpr uint32_t luma_block_y(uint32_t index) {
  return (index >> 1 & 1) | (index >> 2 & 2);
}

// The positions of chroma blocks in MbEdge::coded.
constexpr uint32_t chroma_on_edge(uint32_t component, uint32_t block) {
  return 4 + component * 2 + block;
}

constexpr uint32_t pcm_samples_per_mb(bool monochrome) {
  return monochrome ? 256 : 384;
}

}  // namespace daedalus::h264
