// SPDX-License-Identifier: MIT
// What decoding an AV1 picture needs from an API client, with the specification's names: the
// frame header, as VA-API and V4L2 clients pass it (they have already resolved short reference
// signalling, differences of global motion, and inherited segmentation and deltas), and the
// tiles.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "daedalus/av1/job.h"

namespace daedalus::av1 {

enum class FrameType : uint8_t { key = 0, inter = 1, intra_only = 2, switch_frame = 3 };

inline constexpr uint32_t max_segments = 8;
inline constexpr uint32_t max_tile_columns = 64, max_tile_rows = 64;
inline constexpr uint8_t primary_ref_none = 7;

// segmentation_params(): the features in force.
struct Segmentation {
  bool enabled = false, update_map = false, temporal_update = false;
  std::array<uint8_t, max_segments> feature_mask = {};  // bit n: feature n is enabled
  std::array<std::array<int16_t, 8>, max_segments> feature_data = {};
};

// gm_type and gm_params. Types: 0 identity, 1 translation, 2 rotzoom, 3 affine.
struct GlobalMotion {
  uint8_t type = 0;
  std::array<int32_t, 6> params = {0, 0, 1 << 16, 0, 0, 1 << 16};
};

// film_grain_params() as in the bitstream, or as loaded from a reference.
struct FilmGrainParameters {
  bool apply_grain = false;
  bool chroma_scaling_from_luma = false, overlap_flag = false, clip_to_restricted_range = false;
  uint16_t grain_seed = 0;
  uint8_t grain_scaling_minus_8 = 0, ar_coeff_lag = 0, ar_coeff_shift_minus_6 = 0;
  uint8_t grain_scale_shift = 0;
  uint8_t num_y_points = 0, num_cb_points = 0, num_cr_points = 0;  // up to 14, 10, 10
  std::array<uint8_t, 14> point_y_value = {}, point_y_scaling = {};
  std::array<uint8_t, 10> point_cb_value = {}, point_cb_scaling = {};
  std::array<uint8_t, 10> point_cr_value = {}, point_cr_scaling = {};
  std::array<int8_t, 24> ar_coeffs_y = {};  // signed: ar_coeffs_y_plus_128 - 128
  std::array<int8_t, 25> ar_coeffs_cb = {}, ar_coeffs_cr = {};
  uint8_t cb_mult = 0, cb_luma_mult = 0, cr_mult = 0, cr_luma_mult = 0;
  uint16_t cb_offset = 0, cr_offset = 0;
};

// One tile's bytes, without its size field.
struct TileData {
  uint32_t row = 0, column = 0;
  std::span<const std::byte> bytes;  // their owner keeps them until the picture is parsed
};

struct PictureParameters {
  // From the sequence header.
  uint8_t bit_depth = 8;
  bool monochrome = false;
  bool use_128x128_superblock = false;
  bool enable_filter_intra = false, enable_intra_edge_filter = false;
  bool enable_interintra_compound = false, enable_masked_compound = false;
  bool enable_dual_filter = false, enable_order_hint = false, enable_jnt_comp = false;
  bool enable_cdef = false;
  uint8_t order_hint_bits = 0;  // 0 without order hints
  uint8_t matrix_coefficients = 2;

  // From the frame header.
  FrameType frame_type = FrameType::key;
  bool show_frame = true;
  bool error_resilient_mode = false, disable_cdf_update = false;
  bool allow_screen_content_tools = false, force_integer_mv = false, allow_intrabc = false;
  bool allow_high_precision_mv = false, is_motion_mode_switchable = false;
  bool use_ref_frame_mvs = false, disable_frame_end_update_cdf = false;
  bool allow_warped_motion = false;
  bool reference_select = false, reduced_tx_set = false, skip_mode_present = false;
  uint32_t upscaled_width = 0, height = 0;  // UpscaledWidth, FrameHeight, samples
  uint8_t superres_denominator = 8;
  uint8_t order_hint = 0;
  uint8_t primary_ref_frame = primary_ref_none;  // index in the seven references, or none
  uint8_t interpolation_filter = 0;              // 4: switchable
  uint8_t tx_mode = 0;                           // 0 ONLY_4X4, 1 TX_MODE_LARGEST, 2 TX_MODE_SELECT
  Segmentation segmentation;
  std::array<GlobalMotion, reference_count> global_motion;

  uint8_t base_q_idx = 0;
  int8_t delta_q_y_dc = 0, delta_q_u_dc = 0, delta_q_u_ac = 0, delta_q_v_dc = 0, delta_q_v_ac = 0;
  bool using_qmatrix = false;
  uint8_t qm_y = 15, qm_u = 15, qm_v = 15;
  bool delta_q_present = false, delta_lf_present = false, delta_lf_multi = false;
  uint8_t delta_q_res = 0, delta_lf_res = 0;  // logarithms

  std::array<uint8_t, 4> loop_filter_level = {};  // vertical, horizontal, Cb, Cr
  uint8_t loop_filter_sharpness = 0;
  bool loop_filter_delta_enabled = false;
  std::array<int8_t, 8> loop_filter_ref_deltas = {};
  std::array<int8_t, 2> loop_filter_mode_deltas = {};

  uint8_t cdef_damping = 3, cdef_bits = 0;
  std::array<CdefStrength, 8> cdef_strengths = {};

  std::array<Restoration, 3> restoration = {};
  std::array<uint8_t, 3> restoration_size_log2 = {6, 6, 6};

  FilmGrainParameters film_grain;

  // Where tiles begin, in superblocks, then the frame's end. At least two elements.
  uint32_t tile_columns = 1, tile_rows = 1;
  std::array<uint16_t, max_tile_columns + 1> tile_column_starts = {};
  std::array<uint16_t, max_tile_rows + 1> tile_row_starts = {};
  uint32_t context_update_tile_id = 0;
  // In any order; a missing or repeated tile counts as damage.
  std::vector<TileData> tiles;

  bool intra() const { return frame_type == FrameType::key || frame_type == FrameType::intra_only; }
  // 5.9.8: FrameWidth.
  uint32_t width() const {
    return (upscaled_width * 8 + superres_denominator / 2) / superres_denominator;
  }
  uint32_t superblock_log2() const { return use_128x128_superblock ? 7 : 6; }
};

}  // namespace daedalus::av1
