// SPDX-License-Identifier: MIT
// Constants of the AV1 specification that the entropy stage shares (section 3 and the semantics).
#pragma once

#include <cstdint>

#include "daedalus/av1/job.h"

namespace daedalus::av1 {

enum BlockSize : uint8_t {
  block_4x4,
  block_4x8,
  block_8x4,
  block_8x8,
  block_8x16,
  block_16x8,
  block_16x16,
  block_16x32,
  block_32x16,
  block_32x32,
  block_32x64,
  block_64x32,
  block_64x64,
  block_64x128,
  block_128x64,
  block_128x128,
  block_4x16,
  block_16x4,
  block_8x32,
  block_32x8,
  block_16x64,
  block_64x16,
  block_invalid
};

// Num_4x4_Blocks_Wide, Num_4x4_Blocks_High.
constexpr uint32_t units_wide(uint8_t size) {
  return 1u << (block_width_log2[size] - 2);
}
constexpr uint32_t units_high(uint8_t size) {
  return 1u << (block_height_log2[size] - 2);
}

// Reference frames, for BlockInfo::ref_frame. no_ref: single prediction.
enum RefFrame : int8_t {
  no_ref = -1,
  intra_frame = 0,
  last_frame = 1,
  last2_frame = 2,
  last3_frame = 3,
  golden_frame = 4,
  bwdref_frame = 5,
  altref2_frame = 6,
  altref_frame = 7
};

// YMode (6.10.22 and 6.10.6).
enum PredictionMode : uint8_t {
  dc_pred,
  v_pred,
  h_pred,
  d45_pred,
  d135_pred,
  d113_pred,
  d157_pred,
  d203_pred,
  d67_pred,
  smooth_pred,
  smooth_v_pred,
  smooth_h_pred,
  paeth_pred,
  uv_cfl_pred,
  nearestmv = 13,
  nearmv,
  globalmv,
  newmv,
  nearest_nearestmv,
  near_nearmv,
  nearest_newmv,
  new_nearestmv,
  near_newmv,
  new_nearmv,
  global_globalmv,
  new_newmv
};

constexpr bool is_directional(uint8_t mode) {
  return mode >= v_pred && mode <= d67_pred;
}

enum MotionMode : uint8_t { simple_motion, obmc, local_warp };
enum CompoundType : uint8_t {
  compound_wedge,
  compound_diffwtd,
  compound_average,
  compound_intra,
  compound_distance
};
enum InterpFilter : uint8_t { eighttap, eighttap_smooth, eighttap_sharp, bilinear, switchable };
enum TxMode : uint8_t { only_4x4, tx_mode_largest, tx_mode_select };
enum SegmentFeature : uint8_t {
  seg_lvl_alt_q,
  seg_lvl_alt_lf_y_v,
  seg_lvl_alt_lf_y_h,
  seg_lvl_alt_lf_u,
  seg_lvl_alt_lf_v,
  seg_lvl_ref_frame,
  seg_lvl_skip,
  seg_lvl_globalmv
};

}  // namespace daedalus::av1
