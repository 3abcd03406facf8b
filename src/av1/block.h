// SPDX-License-Identifier: MIT
// A block while it is parsed, and the part of it that neighbours and later stages see. Names are
// the specification's (5.11 and 6.10).
#pragma once

#include <array>
#include <cstdint>

#include "av1/mv.h"
#include "av1/syntax.h"

namespace daedalus::av1 {

// Replaces the specification's arrays over the frame's units (YModes[][], RefFrames[][], ...): each
// block has one of these, and each unit has its block's index (FrameContext::grid).
struct BlockInfo {
  uint16_t mi_row = 0, mi_col = 0;  // of the block's first unit
  uint8_t size = block_4x4;         // MiSizes
  uint8_t y_mode = dc_pred;         // YModes: PredictionMode
  uint8_t uv_mode = dc_pred;
  uint8_t segment_id = 0;
  std::array<int8_t, 2> ref_frame = {intra_frame, no_ref};
  std::array<Mv, 2> mv{};
  std::array<uint8_t, 2> interp_filter{};  // InterpFilters[dir]: 0 vertical (y), 1 horizontal
  uint8_t motion_mode = simple_motion;
  uint8_t tx_size = 0;                    // TxSizes: TxSize of the block's last transform block
  std::array<uint8_t, 2> palette_size{};  // PaletteSizes[plane]
  bool is_inter : 1 = false;              // IsInters
  bool skip : 1 = false;                  // Skips
  bool skip_mode : 1 = false;             // SkipModes
  bool use_intrabc : 1 = false;
  bool comp_group_idx : 1 = false;  // CompGroupIdxs
  bool compound_idx : 1 = false;    // CompoundIdxs
  bool is_inter_intra : 1 = false;  // interintra
  bool has_chroma : 1 = false;

  bool is_compound() const { return ref_frame[1] > intra_frame; }
};

// A block with all its syntax elements.
struct Block {
  BlockInfo info;
  uint32_t mi_row, mi_col;  // in units
  uint32_t width, height;   // in units: Num_4x4_Blocks_Wide, ..._High
  bool avail_u, avail_l;    // inside the tile
  bool avail_u_chroma, avail_l_chroma;
  const BlockInfo* above;  // null unless avail_u, avail_l
  const BlockInfo* left;

  bool lossless = false;  // LosslessArray[segment_id]
  uint32_t qidx = 0;      // get_qidx(0, segment_id), including delta q
  uint32_t segment_id() const { return info.segment_id; }

  // Intra.
  int8_t angle_delta_y = 0, angle_delta_uv = 0;
  bool use_filter_intra = false;
  uint8_t filter_intra_mode = 0;
  int8_t cfl_alpha_u = 0, cfl_alpha_v = 0;
  uint32_t palette = 0;  // PictureJob::palettes: index of luma's palette, if any
  uint32_t palette_uv = 0;

  // Inter.
  uint8_t compound_type = compound_average;  // CompoundType
  uint8_t interintra_mode = 0;  // 0 II_DC_PRED, 1 II_V_PRED, 2 II_H_PRED, 3 II_SMOOTH_PRED
  bool wedge_interintra = false;
  uint8_t wedge_index = 0;
  bool wedge_sign = false;
  bool mask_type = false;
  bool local_warp_valid = false;  // LocalValid
  std::array<int32_t, 6> local_warp_params{};

  uint8_t tx_size = 0;  // TxSize; for varying sizes see ResidualParser::inter_tx_sizes_
  bool tx_sizes_differ = false;
  std::array<int8_t, 4> delta_lf{};

  bool is_inter() const { return info.is_inter; }
};

}  // namespace daedalus::av1
