// SPDX-License-Identifier: MIT
// Converts a frame header to VA's structures, as API clients do.
#include <algorithm>

#include "va/av1/stream.h"

namespace daedalus::test {

namespace {

using av1::PictureParameters;

void fill_sequence(const PictureParameters& picture, VADecPictureParameterBufferAV1& buffer) {
  auto& sequence = buffer.seq_info_fields.fields;
  buffer.bit_depth_idx = picture.bit_depth == 10;
  buffer.order_hint_bits_minus_1 =
      picture.order_hint_bits == 0 ? 0 : static_cast<uint8_t>(picture.order_hint_bits - 1);
  buffer.matrix_coefficients = picture.matrix_coefficients;
  sequence.mono_chrome = picture.monochrome;
  sequence.subsampling_x = sequence.subsampling_y = 1;
  sequence.use_128x128_superblock = picture.use_128x128_superblock;
  sequence.enable_filter_intra = picture.enable_filter_intra;
  sequence.enable_intra_edge_filter = picture.enable_intra_edge_filter;
  sequence.enable_interintra_compound = picture.enable_interintra_compound;
  sequence.enable_masked_compound = picture.enable_masked_compound;
  sequence.enable_dual_filter = picture.enable_dual_filter;
  sequence.enable_order_hint = picture.enable_order_hint;
  sequence.enable_jnt_comp = picture.enable_jnt_comp;
  sequence.enable_cdef = picture.enable_cdef;
}

void fill_frame(const PictureParameters& picture, VADecPictureParameterBufferAV1& buffer) {
  auto& info = buffer.pic_info_fields.bits;
  info.frame_type = static_cast<uint32_t>(picture.frame_type) & 3;
  info.show_frame = picture.show_frame;
  info.error_resilient_mode = picture.error_resilient_mode;
  info.disable_cdf_update = picture.disable_cdf_update;
  info.allow_screen_content_tools = picture.allow_screen_content_tools;
  info.force_integer_mv = picture.force_integer_mv;
  info.allow_intrabc = picture.allow_intrabc;
  info.use_superres = picture.superres_denominator != 8;
  info.allow_high_precision_mv = picture.allow_high_precision_mv;
  info.is_motion_mode_switchable = picture.is_motion_mode_switchable;
  info.use_ref_frame_mvs = picture.use_ref_frame_mvs;
  info.disable_frame_end_update_cdf = picture.disable_frame_end_update_cdf;
  info.allow_warped_motion = picture.allow_warped_motion;
  auto& modes = buffer.mode_control_fields.bits;
  modes.tx_mode = picture.tx_mode & 3;
  modes.reference_select = picture.reference_select;
  modes.reduced_tx_set_used = picture.reduced_tx_set;
  modes.skip_mode_present = picture.skip_mode_present;
  buffer.frame_width_minus1 = static_cast<uint16_t>(picture.upscaled_width - 1);
  buffer.frame_height_minus1 = static_cast<uint16_t>(picture.height - 1);
  buffer.superres_scale_denominator = picture.superres_denominator;
  buffer.order_hint = picture.order_hint;
  buffer.primary_ref_frame = picture.primary_ref_frame;
  buffer.interp_filter = picture.interpolation_filter;
  buffer.context_update_tile_id = static_cast<uint16_t>(picture.context_update_tile_id);
}

void fill_segmentation(const av1::Segmentation& segmentation, VASegmentationStructAV1& buffer) {
  auto& info = buffer.segment_info_fields.bits;
  info.enabled = segmentation.enabled;
  info.update_map = segmentation.update_map;
  info.temporal_update = segmentation.temporal_update;
  for (std::size_t i = 0; i < av1::max_segments; ++i) {
    buffer.feature_mask[i] = segmentation.feature_mask[i];
    std::ranges::copy(segmentation.feature_data[i], buffer.feature_data[i]);
  }
}

void fill_quantizer(const PictureParameters& picture, VADecPictureParameterBufferAV1& buffer) {
  buffer.base_qindex = picture.base_q_idx;
  buffer.y_dc_delta_q = picture.delta_q_y_dc;
  buffer.u_dc_delta_q = picture.delta_q_u_dc;
  buffer.u_ac_delta_q = picture.delta_q_u_ac;
  buffer.v_dc_delta_q = picture.delta_q_v_dc;
  buffer.v_ac_delta_q = picture.delta_q_v_ac;
  auto& matrices = buffer.qmatrix_fields.bits;
  matrices.using_qmatrix = picture.using_qmatrix;
  matrices.qm_y = picture.qm_y & 15u;
  matrices.qm_u = picture.qm_u & 15u;
  matrices.qm_v = picture.qm_v & 15u;
  auto& modes = buffer.mode_control_fields.bits;
  modes.delta_q_present_flag = picture.delta_q_present;
  modes.log2_delta_q_res = picture.delta_q_res & 3u;
  modes.delta_lf_present_flag = picture.delta_lf_present;
  modes.log2_delta_lf_res = picture.delta_lf_res & 3u;
  modes.delta_lf_multi = picture.delta_lf_multi;
}

uint8_t packed(uint8_t primary, uint8_t secondary) {
  return static_cast<uint8_t>(primary << 2 | (secondary == 4 ? 3 : secondary));
}

void fill_filters(const PictureParameters& picture, VADecPictureParameterBufferAV1& buffer) {
  buffer.filter_level[0] = picture.loop_filter_level[0];
  buffer.filter_level[1] = picture.loop_filter_level[1];
  buffer.filter_level_u = picture.loop_filter_level[2];
  buffer.filter_level_v = picture.loop_filter_level[3];
  auto& info = buffer.loop_filter_info_fields.bits;
  info.sharpness_level = picture.loop_filter_sharpness & 7u;
  info.mode_ref_delta_enabled = picture.loop_filter_delta_enabled;
  std::ranges::copy(picture.loop_filter_ref_deltas, buffer.ref_deltas);
  for (std::size_t i = 0; i < 2; ++i) buffer.mode_deltas[i] = picture.loop_filter_mode_deltas[i];
  buffer.cdef_damping_minus_3 = static_cast<uint8_t>(picture.cdef_damping - 3);
  buffer.cdef_bits = picture.cdef_bits;
  for (std::size_t i = 0; i < picture.cdef_strengths.size(); ++i) {
    const auto& strength = picture.cdef_strengths[i];
    buffer.cdef_y_strengths[i] = packed(strength.y_primary, strength.y_secondary);
    buffer.cdef_uv_strengths[i] = packed(strength.uv_primary, strength.uv_secondary);
  }
  auto& restoration = buffer.loop_restoration_fields.bits;
  restoration.yframe_restoration_type = static_cast<uint16_t>(picture.restoration[0]) & 3u;
  restoration.cbframe_restoration_type = static_cast<uint16_t>(picture.restoration[1]) & 3u;
  restoration.crframe_restoration_type = static_cast<uint16_t>(picture.restoration[2]) & 3u;
  const auto& sizes = picture.restoration_size_log2;
  restoration.lr_unit_shift = (sizes[0] - 6u) & 3u;
  restoration.lr_uv_shift = sizes[1] != sizes[0];
}

void fill_global_motion(const PictureParameters& picture, VADecPictureParameterBufferAV1& buffer) {
  for (std::size_t i = 0; i < av1::reference_count; ++i) {
    const auto& motion = picture.global_motion[i];
    buffer.wm[i].wmtype = static_cast<VAAV1TransformationType>(motion.type);
    std::ranges::copy(motion.params, buffer.wm[i].wmmat);
  }
}

void fill_film_grain(const av1::FilmGrainParameters& grain, VAFilmGrainStructAV1& buffer) {
  auto& info = buffer.film_grain_info_fields.bits;
  info.apply_grain = grain.apply_grain;
  info.chroma_scaling_from_luma = grain.chroma_scaling_from_luma;
  info.overlap_flag = grain.overlap_flag;
  info.clip_to_restricted_range = grain.clip_to_restricted_range;
  info.grain_scaling_minus_8 = grain.grain_scaling_minus_8 & 3u;
  info.ar_coeff_lag = grain.ar_coeff_lag & 3u;
  info.ar_coeff_shift_minus_6 = grain.ar_coeff_shift_minus_6 & 3u;
  info.grain_scale_shift = grain.grain_scale_shift & 3u;
  buffer.grain_seed = grain.grain_seed;
  buffer.num_y_points = grain.num_y_points;
  buffer.num_cb_points = grain.num_cb_points;
  buffer.num_cr_points = grain.num_cr_points;
  std::ranges::copy(grain.point_y_value, buffer.point_y_value);
  std::ranges::copy(grain.point_y_scaling, buffer.point_y_scaling);
  std::ranges::copy(grain.point_cb_value, buffer.point_cb_value);
  std::ranges::copy(grain.point_cb_scaling, buffer.point_cb_scaling);
  std::ranges::copy(grain.point_cr_value, buffer.point_cr_value);
  std::ranges::copy(grain.point_cr_scaling, buffer.point_cr_scaling);
  std::ranges::copy(grain.ar_coeffs_y, buffer.ar_coeffs_y);
  std::ranges::copy(grain.ar_coeffs_cb, buffer.ar_coeffs_cb);
  std::ranges::copy(grain.ar_coeffs_cr, buffer.ar_coeffs_cr);
  buffer.cb_mult = grain.cb_mult;
  buffer.cb_luma_mult = grain.cb_luma_mult;
  buffer.cb_offset = grain.cb_offset;
  buffer.cr_mult = grain.cr_mult;
  buffer.cr_luma_mult = grain.cr_luma_mult;
  buffer.cr_offset = grain.cr_offset;
}

// The last tile takes the rest; with 64 tiles there is no room for its size.
void fill_sizes(std::span<const uint16_t> starts, uint32_t tiles, std::span<uint16_t> sizes) {
  for (uint32_t i = 0; i < std::min<std::size_t>(tiles, sizes.size()); ++i)
    sizes[i] = static_cast<uint16_t>(starts[i + 1] - starts[i] - 1);
}

void fill_tiles(const PictureParameters& picture, Av1Frame& frame) {
  auto& buffer = frame.picture;
  buffer.tile_cols = static_cast<uint8_t>(picture.tile_columns);
  buffer.tile_rows = static_cast<uint8_t>(picture.tile_rows);
  fill_sizes(picture.tile_column_starts, picture.tile_columns, buffer.width_in_sbs_minus_1);
  fill_sizes(picture.tile_row_starts, picture.tile_rows, buffer.height_in_sbs_minus_1);
  for (const auto& tile : picture.tiles) {
    VASliceParameterBufferAV1 slice{};
    slice.slice_data_size = static_cast<uint32_t>(tile.bytes.size());
    slice.slice_data_offset = static_cast<uint32_t>(frame.data.size());
    slice.slice_data_flag = VA_SLICE_DATA_FLAG_ALL;
    slice.tile_row = static_cast<uint16_t>(tile.row);
    slice.tile_column = static_cast<uint16_t>(tile.column);
    frame.tiles.push_back(slice);
    frame.data.insert(frame.data.end(), tile.bytes.begin(), tile.bytes.end());
  }
}

}  // namespace

Av1Frame make_av1_frame(const av1::test::CodedFrame& coded) {
  Av1Frame frame{};
  const auto& picture = coded.picture;
  fill_sequence(picture, frame.picture);
  fill_frame(picture, frame.picture);
  fill_segmentation(picture.segmentation, frame.picture.seg_info);
  fill_quantizer(picture, frame.picture);
  fill_filters(picture, frame.picture);
  fill_global_motion(picture, frame.picture);
  fill_film_grain(picture.film_grain, frame.picture.film_grain_info);
  fill_tiles(picture, frame);
  std::ranges::copy(coded.ref_frame_idx, frame.picture.ref_frame_idx);
  frame.refresh_frame_flags = coded.refresh_frame_flags;
  return frame;
}

}  // namespace daedalus::test
