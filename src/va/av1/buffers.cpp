// SPDX-License-Identifier: MIT
#include "va/av1/buffers.h"

#include <algorithm>
#include <array>

#include "daedalus/av1/tile_spacing.h"

namespace daedalus::va {

using namespace av1;

namespace {

void fill_sequence(const VADecPictureParameterBufferAV1& buffer, PictureParameters& picture) {
  const auto& sequence = buffer.seq_info_fields.fields;
  picture.bit_depth = buffer.bit_depth_idx == 0 ? 8 : 10;
  picture.monochrome = sequence.mono_chrome;
  picture.use_128x128_superblock = sequence.use_128x128_superblock;
  picture.enable_filter_intra = sequence.enable_filter_intra;
  picture.enable_intra_edge_filter = sequence.enable_intra_edge_filter;
  picture.enable_interintra_compound = sequence.enable_interintra_compound;
  picture.enable_masked_compound = sequence.enable_masked_compound;
  picture.enable_dual_filter = sequence.enable_dual_filter;
  picture.enable_order_hint = sequence.enable_order_hint;
  picture.enable_jnt_comp = sequence.enable_jnt_comp;
  picture.enable_cdef = sequence.enable_cdef;
  picture.order_hint_bits =
      sequence.enable_order_hint ? static_cast<uint8_t>(buffer.order_hint_bits_minus_1 + 1) : 0;
  picture.matrix_coefficients = buffer.matrix_coefficients;
}

void fill_frame(const VADecPictureParameterBufferAV1& buffer, PictureParameters& picture) {
  const auto& info = buffer.pic_info_fields.bits;
  picture.frame_type = static_cast<FrameType>(info.frame_type);
  picture.show_frame = info.show_frame;
  picture.error_resilient_mode = info.error_resilient_mode;
  picture.disable_cdf_update = info.disable_cdf_update;
  picture.allow_screen_content_tools = info.allow_screen_content_tools;
  picture.force_integer_mv = info.force_integer_mv;
  picture.allow_intrabc = info.allow_intrabc;
  picture.allow_high_precision_mv = info.allow_high_precision_mv;
  picture.is_motion_mode_switchable = info.is_motion_mode_switchable;
  picture.use_ref_frame_mvs = info.use_ref_frame_mvs;
  picture.disable_frame_end_update_cdf = info.disable_frame_end_update_cdf;
  picture.allow_warped_motion = info.allow_warped_motion;
  const auto& modes = buffer.mode_control_fields.bits;
  picture.tx_mode = static_cast<uint8_t>(modes.tx_mode);
  picture.reference_select = modes.reference_select;
  picture.reduced_tx_set = modes.reduced_tx_set_used;
  picture.skip_mode_present = modes.skip_mode_present;
  picture.upscaled_width = uint32_t{buffer.frame_width_minus1} + 1;
  picture.height = uint32_t{buffer.frame_height_minus1} + 1;
  // At least 1, whatever the client passed: width() divides by it before the decoder checks it.
  picture.superres_denominator =
      info.use_superres ? std::max<uint8_t>(buffer.superres_scale_denominator, 1) : 8;
  picture.order_hint = buffer.order_hint;
  picture.primary_ref_frame = buffer.primary_ref_frame;
  picture.interpolation_filter = buffer.interp_filter;
  picture.context_update_tile_id = buffer.context_update_tile_id;
}

void fill_segmentation(const VASegmentationStructAV1& buffer, Segmentation& segmentation) {
  const auto& info = buffer.segment_info_fields.bits;
  segmentation = {};
  segmentation.enabled = info.enabled;
  if (!info.enabled) return;
  segmentation.update_map = info.update_map;
  segmentation.temporal_update = info.temporal_update;
  for (std::size_t segment = 0; segment < max_segments; ++segment) {
    segmentation.feature_mask[segment] = buffer.feature_mask[segment];
    std::copy(std::begin(buffer.feature_data[segment]), std::end(buffer.feature_data[segment]),
              segmentation.feature_data[segment].begin());
  }
}

void fill_quantizer(const VADecPictureParameterBufferAV1& buffer, PictureParameters& picture) {
  picture.base_q_idx = buffer.base_qindex;
  picture.delta_q_y_dc = buffer.y_dc_delta_q;
  picture.delta_q_u_dc = buffer.u_dc_delta_q;
  picture.delta_q_u_ac = buffer.u_ac_delta_q;
  picture.delta_q_v_dc = buffer.v_dc_delta_q;
  picture.delta_q_v_ac = buffer.v_ac_delta_q;
  const auto& matrices = buffer.qmatrix_fields.bits;
  picture.using_qmatrix = matrices.using_qmatrix;
  picture.qm_y = matrices.using_qmatrix ? static_cast<uint8_t>(matrices.qm_y) : 15;
  picture.qm_u = matrices.using_qmatrix ? static_cast<uint8_t>(matrices.qm_u) : 15;
  picture.qm_v = matrices.using_qmatrix ? static_cast<uint8_t>(matrices.qm_v) : 15;
  const auto& modes = buffer.mode_control_fields.bits;
  picture.delta_q_present = modes.delta_q_present_flag;
  picture.delta_q_res = static_cast<uint8_t>(modes.log2_delta_q_res);
  picture.delta_lf_present = modes.delta_q_present_flag && modes.delta_lf_present_flag;
  picture.delta_lf_res = static_cast<uint8_t>(modes.log2_delta_lf_res);
  picture.delta_lf_multi = modes.delta_lf_multi;
}

// Strengths as in the bitstream: secondary 3 means 4.
CdefStrength strength(uint8_t luma, uint8_t chroma) {
  const auto secondary = [](uint8_t packed) {
    return static_cast<uint8_t>((packed & 3) == 3 ? 4 : packed & 3);
  };
  return {static_cast<uint8_t>(luma >> 2), secondary(luma), static_cast<uint8_t>(chroma >> 2),
          secondary(chroma)};
}

void fill_filters(const VADecPictureParameterBufferAV1& buffer, PictureParameters& picture) {
  picture.loop_filter_level = {buffer.filter_level[0], buffer.filter_level[1],
                               buffer.filter_level_u, buffer.filter_level_v};
  const auto& info = buffer.loop_filter_info_fields.bits;
  picture.loop_filter_sharpness = info.sharpness_level;
  picture.loop_filter_delta_enabled = info.mode_ref_delta_enabled;
  std::copy(std::begin(buffer.ref_deltas), std::end(buffer.ref_deltas),
            picture.loop_filter_ref_deltas.begin());
  std::copy(std::begin(buffer.mode_deltas), std::end(buffer.mode_deltas),
            picture.loop_filter_mode_deltas.begin());
  picture.cdef_damping = static_cast<uint8_t>(buffer.cdef_damping_minus_3 + 3);
  picture.cdef_bits = buffer.cdef_bits;
  for (std::size_t i = 0; i < picture.cdef_strengths.size(); ++i)
    picture.cdef_strengths[i] = strength(buffer.cdef_y_strengths[i], buffer.cdef_uv_strengths[i]);
  const auto& restoration = buffer.loop_restoration_fields.bits;
  picture.restoration = {static_cast<Restoration>(restoration.yframe_restoration_type),
                         static_cast<Restoration>(restoration.cbframe_restoration_type),
                         static_cast<Restoration>(restoration.crframe_restoration_type)};
  if (picture.monochrome) picture.restoration[1] = picture.restoration[2] = Restoration::none;
  const auto luma = static_cast<uint8_t>(6 + restoration.lr_unit_shift);
  const auto chroma = static_cast<uint8_t>(luma - restoration.lr_uv_shift);
  picture.restoration_size_log2 = {luma, chroma, chroma};
}

void fill_global_motion(const VADecPictureParameterBufferAV1& buffer, PictureParameters& picture) {
  for (std::size_t i = 0; i < reference_count; ++i) {
    const auto& from = buffer.wm[i];
    GlobalMotion& to = picture.global_motion[i];
    to = {};
    if (picture.intra() || from.wmtype == VAAV1TransformationIdentity) continue;
    to.type = static_cast<uint8_t>(from.wmtype);
    std::copy(std::begin(from.wmmat), std::begin(from.wmmat) + 6, to.params.begin());
  }
}

void fill_film_grain(const VAFilmGrainStructAV1& from, FilmGrainParameters& to) {
  const auto& info = from.film_grain_info_fields.bits;
  to = {};
  to.apply_grain = info.apply_grain;
  if (!info.apply_grain) return;
  to.chroma_scaling_from_luma = info.chroma_scaling_from_luma;
  to.overlap_flag = info.overlap_flag;
  to.clip_to_restricted_range = info.clip_to_restricted_range;
  to.grain_seed = from.grain_seed;
  to.grain_scaling_minus_8 = static_cast<uint8_t>(info.grain_scaling_minus_8);
  to.ar_coeff_lag = static_cast<uint8_t>(info.ar_coeff_lag);
  to.ar_coeff_shift_minus_6 = static_cast<uint8_t>(info.ar_coeff_shift_minus_6);
  to.grain_scale_shift = static_cast<uint8_t>(info.grain_scale_shift);
  to.num_y_points = from.num_y_points;
  to.num_cb_points = from.num_cb_points;
  to.num_cr_points = from.num_cr_points;
  const auto copy = [](const auto& source, auto& target) {
    std::copy(std::begin(source), std::end(source), target.begin());
  };
  copy(from.point_y_value, to.point_y_value);
  copy(from.point_y_scaling, to.point_y_scaling);
  copy(from.point_cb_value, to.point_cb_value);
  copy(from.point_cb_scaling, to.point_cb_scaling);
  copy(from.point_cr_value, to.point_cr_value);
  copy(from.point_cr_scaling, to.point_cr_scaling);
  copy(from.ar_coeffs_y, to.ar_coeffs_y);
  copy(from.ar_coeffs_cb, to.ar_coeffs_cb);
  copy(from.ar_coeffs_cr, to.ar_coeffs_cr);
  to.cb_mult = from.cb_mult;
  to.cb_luma_mult = from.cb_luma_mult;
  to.cb_offset = from.cb_offset;
  to.cr_mult = from.cr_mult;
  to.cr_luma_mult = from.cr_luma_mult;
  to.cr_offset = from.cr_offset;
}

bool fill_tiles(const VADecPictureParameterBufferAV1& buffer, PictureParameters& picture) {
  picture.tile_columns = buffer.tile_cols;
  picture.tile_rows = buffer.tile_rows;
  return set_tile_spacing<uint16_t>(buffer.pic_info_fields.bits.uniform_tile_spacing_flag != 0,
                                    buffer.width_in_sbs_minus_1, buffer.height_in_sbs_minus_1,
                                    picture);
}

}  // namespace

Outcome fill_picture(const VADecPictureParameterBufferAV1& buffer, PictureParameters& picture) {
  const auto& sequence = buffer.seq_info_fields.fields;
  if (buffer.profile != 0) return {VA_STATUS_ERROR_UNSUPPORTED_PROFILE, "not the Main profile"};
  if (buffer.bit_depth_idx > 1) return {VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT, "12 bits a sample"};
  if (!sequence.mono_chrome && (!sequence.subsampling_x || !sequence.subsampling_y))
    return {VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT, "4:2:2 or 4:4:4 chroma"};
  if (buffer.pic_info_fields.bits.large_scale_tile || buffer.anchor_frames_num != 0)
    return {VA_STATUS_ERROR_UNSUPPORTED_PROFILE, "large-scale tiles"};
  // Without order hints GStreamer passes 0 - 1.
  const bool has_invalid_hints = sequence.enable_order_hint && buffer.order_hint_bits_minus_1 > 7;
  if (has_invalid_hints || uint32_t{buffer.frame_width_minus1} >= max_width ||
      uint32_t{buffer.frame_height_minus1} >= max_height) {
    return {VA_STATUS_ERROR_INVALID_PARAMETER, "a picture parameter is out of its range"};
  }
  fill_sequence(buffer, picture);
  fill_frame(buffer, picture);
  fill_segmentation(buffer.seg_info, picture.segmentation);
  fill_quantizer(buffer, picture);
  fill_filters(buffer, picture);
  fill_global_motion(buffer, picture);
  fill_film_grain(buffer.film_grain_info, picture.film_grain);
  if (!fill_tiles(buffer, picture))
    return {VA_STATUS_ERROR_INVALID_PARAMETER, "tiles that do not cover the frame"};
  return VA_STATUS_SUCCESS;
}

}  // namespace daedalus::va
