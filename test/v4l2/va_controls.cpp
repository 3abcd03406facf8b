// SPDX-License-Identifier: MIT
#include "v4l2/va_controls.h"

#include <algorithm>
#include <cstring>

namespace daedalus::test {

namespace {

constexpr uint32_t field_flags = VA_PICTURE_H264_TOP_FIELD | VA_PICTURE_H264_BOTTOM_FIELD;

// The bit where `set`.
uint32_t flag(uint32_t set, uint32_t bit) {
  return set ? bit : 0;
}

v4l2_h264_dpb_entry dpb_entry(const VAPictureH264& picture) {
  v4l2_h264_dpb_entry entry{};
  if (picture.picture_id == VA_INVALID_SURFACE || (picture.flags & VA_PICTURE_H264_INVALID))
    return entry;
  const uint32_t fields = picture.flags & field_flags;
  entry.reference_ts = timestamp_of(picture.picture_id);
  entry.frame_num = static_cast<uint16_t>(picture.frame_idx);
  if (fields == 0 || fields == field_flags)
    entry.fields = V4L2_H264_FRAME_REF;
  else
    entry.fields =
        fields == VA_PICTURE_H264_TOP_FIELD ? V4L2_H264_TOP_FIELD_REF : V4L2_H264_BOTTOM_FIELD_REF;
  entry.top_field_order_cnt = picture.TopFieldOrderCnt;
  entry.bottom_field_order_cnt = picture.BottomFieldOrderCnt;
  entry.flags =
      V4L2_H264_DPB_ENTRY_FLAG_VALID | V4L2_H264_DPB_ENTRY_FLAG_ACTIVE |
      flag(picture.flags & VA_PICTURE_H264_LONG_TERM_REFERENCE, V4L2_H264_DPB_ENTRY_FLAG_LONG_TERM);
  return entry;
}

v4l2_ctrl_h264_sps sps(const VAPictureParameterBufferH264& picture) {
  const auto& sequence = picture.seq_fields.bits;
  v4l2_ctrl_h264_sps sps{};
  sps.chroma_format_idc = static_cast<uint8_t>(sequence.chroma_format_idc);
  sps.log2_max_frame_num_minus4 = static_cast<uint8_t>(sequence.log2_max_frame_num_minus4);
  sps.pic_order_cnt_type = static_cast<uint8_t>(sequence.pic_order_cnt_type);
  sps.log2_max_pic_order_cnt_lsb_minus4 =
      static_cast<uint8_t>(sequence.log2_max_pic_order_cnt_lsb_minus4);
  sps.pic_width_in_mbs_minus1 = picture.picture_width_in_mbs_minus1;
  const uint32_t map_unit_rows = sequence.frame_mbs_only_flag ? 1 : 2;
  sps.pic_height_in_map_units_minus1 =
      static_cast<uint16_t>((picture.picture_height_in_mbs_minus1 + 1u) / map_unit_rows - 1);
  sps.flags =
      flag(sequence.frame_mbs_only_flag, V4L2_H264_SPS_FLAG_FRAME_MBS_ONLY) |
      flag(sequence.mb_adaptive_frame_field_flag, V4L2_H264_SPS_FLAG_MB_ADAPTIVE_FRAME_FIELD) |
      flag(sequence.direct_8x8_inference_flag, V4L2_H264_SPS_FLAG_DIRECT_8X8_INFERENCE) |
      flag(sequence.delta_pic_order_always_zero_flag,
           V4L2_H264_SPS_FLAG_DELTA_PIC_ORDER_ALWAYS_ZERO);
  return sps;
}

v4l2_ctrl_h264_pps pps(const VAPictureParameterBufferH264& picture,
                       const PictureParameterSets::Defaults& defaults) {
  const auto& fields = picture.pic_fields.bits;
  v4l2_ctrl_h264_pps pps{};
  pps.num_ref_idx_l0_default_active_minus1 = defaults.num_ref_idx_l0_active_minus1;
  pps.num_ref_idx_l1_default_active_minus1 = defaults.num_ref_idx_l1_active_minus1;
  pps.weighted_bipred_idc = static_cast<uint8_t>(fields.weighted_bipred_idc);
  pps.pic_init_qp_minus26 = picture.pic_init_qp_minus26;
  pps.chroma_qp_index_offset = picture.chroma_qp_index_offset;
  pps.second_chroma_qp_index_offset = picture.second_chroma_qp_index_offset;
  pps.flags = static_cast<uint16_t>(
      V4L2_H264_PPS_FLAG_SCALING_MATRIX_PRESENT |
      flag(fields.entropy_coding_mode_flag, V4L2_H264_PPS_FLAG_ENTROPY_CODING_MODE) |
      flag(fields.pic_order_present_flag,
           V4L2_H264_PPS_FLAG_BOTTOM_FIELD_PIC_ORDER_IN_FRAME_PRESENT) |
      flag(fields.weighted_pred_flag, V4L2_H264_PPS_FLAG_WEIGHTED_PRED) |
      flag(fields.deblocking_filter_control_present_flag,
           V4L2_H264_PPS_FLAG_DEBLOCKING_FILTER_CONTROL_PRESENT) |
      flag(fields.constrained_intra_pred_flag, V4L2_H264_PPS_FLAG_CONSTRAINED_INTRA_PRED) |
      flag(fields.redundant_pic_cnt_present_flag, V4L2_H264_PPS_FLAG_REDUNDANT_PIC_CNT_PRESENT) |
      flag(fields.transform_8x8_mode_flag, V4L2_H264_PPS_FLAG_TRANSFORM_8X8_MODE));
  return pps;
}

v4l2_ctrl_h264_decode_params decode_params(const VAPictureParameterBufferH264& picture) {
  v4l2_ctrl_h264_decode_params params{};
  std::transform(std::begin(picture.ReferenceFrames), std::end(picture.ReferenceFrames),
                 std::begin(params.dpb), dpb_entry);
  params.nal_ref_idc = picture.pic_fields.bits.reference_pic_flag ? 1 : 0;
  params.frame_num = picture.frame_num;
  params.top_field_order_cnt = picture.CurrPic.TopFieldOrderCnt;
  params.bottom_field_order_cnt = picture.CurrPic.BottomFieldOrderCnt;
  params.flags =
      flag(picture.pic_fields.bits.field_pic_flag, V4L2_H264_DECODE_PARAM_FLAG_FIELD_PIC) |
      flag(picture.CurrPic.flags & VA_PICTURE_H264_BOTTOM_FIELD,
           V4L2_H264_DECODE_PARAM_FLAG_BOTTOM_FIELD);
  return params;
}

void fill_sequence(const VADecPictureParameterBufferAV1& picture,
                   v4l2::v4l2_ctrl_av1_sequence& sequence) {
  const auto& fields = picture.seq_info_fields.fields;
  sequence.seq_profile = picture.profile;
  sequence.bit_depth = picture.bit_depth_idx == 0 ? 8 : 10;
  sequence.order_hint_bits =
      static_cast<uint8_t>(fields.enable_order_hint ? picture.order_hint_bits_minus_1 + 1 : 0);
  sequence.flags =
      flag(fields.use_128x128_superblock, V4L2_AV1_SEQUENCE_FLAG_USE_128X128_SUPERBLOCK) |
      flag(fields.enable_filter_intra, V4L2_AV1_SEQUENCE_FLAG_ENABLE_FILTER_INTRA) |
      flag(fields.enable_intra_edge_filter, V4L2_AV1_SEQUENCE_FLAG_ENABLE_INTRA_EDGE_FILTER) |
      flag(fields.enable_interintra_compound, V4L2_AV1_SEQUENCE_FLAG_ENABLE_INTERINTRA_COMPOUND) |
      flag(fields.enable_masked_compound, V4L2_AV1_SEQUENCE_FLAG_ENABLE_MASKED_COMPOUND) |
      flag(fields.enable_dual_filter, V4L2_AV1_SEQUENCE_FLAG_ENABLE_DUAL_FILTER) |
      flag(fields.enable_order_hint, V4L2_AV1_SEQUENCE_FLAG_ENABLE_ORDER_HINT) |
      flag(fields.enable_jnt_comp, V4L2_AV1_SEQUENCE_FLAG_ENABLE_JNT_COMP) |
      flag(fields.enable_cdef, V4L2_AV1_SEQUENCE_FLAG_ENABLE_CDEF) |
      flag(fields.mono_chrome, V4L2_AV1_SEQUENCE_FLAG_MONO_CHROME) |
      flag(fields.subsampling_x, V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_X) |
      flag(fields.subsampling_y, V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_Y);
}

void fill_tile_info(const VADecPictureParameterBufferAV1& picture, v4l2::v4l2_av1_tile_info& info) {
  info.flags = static_cast<uint8_t>(flag(picture.pic_info_fields.bits.uniform_tile_spacing_flag,
                                         V4L2_AV1_TILE_INFO_FLAG_UNIFORM_TILE_SPACING));
  info.context_update_tile_id = static_cast<uint8_t>(picture.context_update_tile_id);
  info.tile_cols = picture.tile_cols;
  info.tile_rows = picture.tile_rows;
  std::copy(std::begin(picture.width_in_sbs_minus_1), std::end(picture.width_in_sbs_minus_1),
            info.width_in_sbs_minus_1);
  std::copy(std::begin(picture.height_in_sbs_minus_1), std::end(picture.height_in_sbs_minus_1),
            info.height_in_sbs_minus_1);
}

void fill_quantization(const VADecPictureParameterBufferAV1& picture,
                       v4l2::v4l2_av1_quantization& to) {
  const auto& matrices = picture.qmatrix_fields.bits;
  const auto& modes = picture.mode_control_fields.bits;
  to.flags = static_cast<uint8_t>(
      flag(matrices.using_qmatrix, V4L2_AV1_QUANTIZATION_FLAG_USING_QMATRIX) |
      flag(modes.delta_q_present_flag, V4L2_AV1_QUANTIZATION_FLAG_DELTA_Q_PRESENT));
  to.base_q_idx = picture.base_qindex;
  to.delta_q_y_dc = picture.y_dc_delta_q;
  to.delta_q_u_dc = picture.u_dc_delta_q;
  to.delta_q_u_ac = picture.u_ac_delta_q;
  to.delta_q_v_dc = picture.v_dc_delta_q;
  to.delta_q_v_ac = picture.v_ac_delta_q;
  to.qm_y = static_cast<uint8_t>(matrices.qm_y);
  to.qm_u = static_cast<uint8_t>(matrices.qm_u);
  to.qm_v = static_cast<uint8_t>(matrices.qm_v);
  to.delta_q_res = static_cast<uint8_t>(modes.log2_delta_q_res);
}

void fill_segmentation(const VASegmentationStructAV1& from, v4l2::v4l2_av1_segmentation& to) {
  const auto& info = from.segment_info_fields.bits;
  to.flags =
      static_cast<uint8_t>(flag(info.enabled, V4L2_AV1_SEGMENTATION_FLAG_ENABLED) |
                           flag(info.update_map, V4L2_AV1_SEGMENTATION_FLAG_UPDATE_MAP) |
                           flag(info.temporal_update, V4L2_AV1_SEGMENTATION_FLAG_TEMPORAL_UPDATE));
  std::copy(std::begin(from.feature_mask), std::end(from.feature_mask), to.feature_enabled);
  for (int segment = 0; segment < V4L2_AV1_MAX_SEGMENTS; ++segment)
    std::copy(std::begin(from.feature_data[segment]), std::end(from.feature_data[segment]),
              to.feature_data[segment]);
}

void fill_loop_filter(const VADecPictureParameterBufferAV1& picture,
                      v4l2::v4l2_av1_loop_filter& to) {
  const auto& info = picture.loop_filter_info_fields.bits;
  const auto& modes = picture.mode_control_fields.bits;
  to.flags = static_cast<uint8_t>(
      flag(info.mode_ref_delta_enabled, V4L2_AV1_LOOP_FILTER_FLAG_DELTA_ENABLED) |
      flag(modes.delta_lf_present_flag, V4L2_AV1_LOOP_FILTER_FLAG_DELTA_LF_PRESENT) |
      flag(modes.delta_lf_multi, V4L2_AV1_LOOP_FILTER_FLAG_DELTA_LF_MULTI));
  to.level[0] = picture.filter_level[0];
  to.level[1] = picture.filter_level[1];
  to.level[2] = picture.filter_level_u;
  to.level[3] = picture.filter_level_v;
  to.sharpness = static_cast<uint8_t>(info.sharpness_level);
  std::copy(std::begin(picture.ref_deltas), std::end(picture.ref_deltas), to.ref_deltas);
  std::copy(std::begin(picture.mode_deltas), std::end(picture.mode_deltas), to.mode_deltas);
  to.delta_lf_res = static_cast<uint8_t>(modes.log2_delta_lf_res);
}

void fill_cdef(const VADecPictureParameterBufferAV1& picture, v4l2::v4l2_av1_cdef& to) {
  to.damping_minus_3 = picture.cdef_damping_minus_3;
  to.bits = picture.cdef_bits;
  for (int i = 0; i < V4L2_AV1_CDEF_MAX; ++i) {
    to.y_pri_strength[i] = picture.cdef_y_strengths[i] >> 2;
    to.y_sec_strength[i] = picture.cdef_y_strengths[i] & 3;
    to.uv_pri_strength[i] = picture.cdef_uv_strengths[i] >> 2;
    to.uv_sec_strength[i] = picture.cdef_uv_strengths[i] & 3;
  }
}

void fill_restoration(const VADecPictureParameterBufferAV1& picture,
                      v4l2::v4l2_av1_loop_restoration& to) {
  const auto& from = picture.loop_restoration_fields.bits;
  to.frame_restoration_type[0] = from.yframe_restoration_type;
  to.frame_restoration_type[1] = from.cbframe_restoration_type;
  to.frame_restoration_type[2] = from.crframe_restoration_type;
  to.lr_unit_shift = static_cast<uint8_t>(from.lr_unit_shift);
  to.lr_uv_shift = static_cast<uint8_t>(from.lr_uv_shift);
  to.loop_restoration_size[0] = 64u << from.lr_unit_shift;
  to.loop_restoration_size[1] = to.loop_restoration_size[2] =
      to.loop_restoration_size[0] >> from.lr_uv_shift;
}

void fill_global_motion(const VADecPictureParameterBufferAV1& picture,
                        v4l2::v4l2_av1_global_motion& to) {
  for (int i = 0; i < V4L2_AV1_REFS_PER_FRAME; ++i) {
    to.type[i + 1] = static_cast<uint32_t>(picture.wm[i].wmtype);
    std::copy_n(picture.wm[i].wmmat, 6, to.params[i + 1]);
  }
}

uint32_t frame_flags(const VADecPictureParameterBufferAV1& picture) {
  const auto& info = picture.pic_info_fields.bits;
  const auto& modes = picture.mode_control_fields.bits;
  return flag(info.show_frame, V4L2_AV1_FRAME_FLAG_SHOW_FRAME) |
         flag(info.error_resilient_mode, V4L2_AV1_FRAME_FLAG_ERROR_RESILIENT_MODE) |
         flag(info.disable_cdf_update, V4L2_AV1_FRAME_FLAG_DISABLE_CDF_UPDATE) |
         flag(info.allow_screen_content_tools, V4L2_AV1_FRAME_FLAG_ALLOW_SCREEN_CONTENT_TOOLS) |
         flag(info.force_integer_mv, V4L2_AV1_FRAME_FLAG_FORCE_INTEGER_MV) |
         flag(info.allow_intrabc, V4L2_AV1_FRAME_FLAG_ALLOW_INTRABC) |
         flag(info.use_superres, V4L2_AV1_FRAME_FLAG_USE_SUPERRES) |
         flag(info.allow_high_precision_mv, V4L2_AV1_FRAME_FLAG_ALLOW_HIGH_PRECISION_MV) |
         flag(info.is_motion_mode_switchable, V4L2_AV1_FRAME_FLAG_IS_MOTION_MODE_SWITCHABLE) |
         flag(info.use_ref_frame_mvs, V4L2_AV1_FRAME_FLAG_USE_REF_FRAME_MVS) |
         flag(info.disable_frame_end_update_cdf, V4L2_AV1_FRAME_FLAG_DISABLE_FRAME_END_UPDATE_CDF) |
         flag(info.allow_warped_motion, V4L2_AV1_FRAME_FLAG_ALLOW_WARPED_MOTION) |
         flag(modes.reference_select, V4L2_AV1_FRAME_FLAG_REFERENCE_SELECT) |
         flag(modes.reduced_tx_set_used, V4L2_AV1_FRAME_FLAG_REDUCED_TX_SET) |
         flag(modes.skip_mode_present, V4L2_AV1_FRAME_FLAG_SKIP_MODE_PRESENT);
}

void fill_frame(const VADecPictureParameterBufferAV1& picture, v4l2::v4l2_ctrl_av1_frame& frame) {
  fill_tile_info(picture, frame.tile_info);
  fill_quantization(picture, frame.quantization);
  fill_segmentation(picture.seg_info, frame.segmentation);
  fill_loop_filter(picture, frame.loop_filter);
  fill_cdef(picture, frame.cdef);
  fill_restoration(picture, frame.loop_restoration);
  fill_global_motion(picture, frame.global_motion);
  frame.flags = frame_flags(picture);
  frame.superres_denom = picture.superres_scale_denominator;
  frame.primary_ref_frame = picture.primary_ref_frame;
  frame.frame_type = picture.pic_info_fields.bits.frame_type;
  frame.order_hint = picture.order_hint;
  frame.upscaled_width = picture.frame_width_minus1 + 1u;
  frame.frame_width_minus_1 = picture.frame_width_minus1;
  frame.frame_height_minus_1 = picture.frame_height_minus1;
  frame.interpolation_filter = picture.interp_filter;
  frame.tx_mode = picture.mode_control_fields.bits.tx_mode;
  for (int slot = 0; slot < V4L2_AV1_TOTAL_REFS_PER_FRAME; ++slot)
    frame.reference_frame_ts[slot] = timestamp_of(picture.ref_frame_map[slot]);
  for (int i = 0; i < V4L2_AV1_REFS_PER_FRAME; ++i)
    frame.ref_frame_idx[i] = static_cast<int8_t>(picture.ref_frame_idx[i]);
}

template <typename From>
void add_128(const From& from, uint8_t* to) {
  std::transform(std::begin(from), std::end(from), to,
                 [](int8_t value) { return static_cast<uint8_t>(value + 128); });
}

void fill_film_grain(const VAFilmGrainStructAV1& from, v4l2::v4l2_ctrl_av1_film_grain& to) {
  const auto& info = from.film_grain_info_fields.bits;
  to.flags = static_cast<uint8_t>(
      flag(info.apply_grain, V4L2_AV1_FILM_GRAIN_FLAG_APPLY_GRAIN) |
      flag(info.chroma_scaling_from_luma, V4L2_AV1_FILM_GRAIN_FLAG_CHROMA_SCALING_FROM_LUMA) |
      flag(info.overlap_flag, V4L2_AV1_FILM_GRAIN_FLAG_OVERLAP) |
      flag(info.clip_to_restricted_range, V4L2_AV1_FILM_GRAIN_FLAG_CLIP_TO_RESTRICTED_RANGE));
  to.grain_seed = from.grain_seed;
  to.num_y_points = from.num_y_points;
  to.num_cb_points = from.num_cb_points;
  to.num_cr_points = from.num_cr_points;
  const auto copy = [](const auto& source, uint8_t* target) {
    std::copy(std::begin(source), std::end(source), target);
  };
  copy(from.point_y_value, to.point_y_value);
  copy(from.point_y_scaling, to.point_y_scaling);
  copy(from.point_cb_value, to.point_cb_value);
  copy(from.point_cb_scaling, to.point_cb_scaling);
  copy(from.point_cr_value, to.point_cr_value);
  copy(from.point_cr_scaling, to.point_cr_scaling);
  add_128(from.ar_coeffs_y, to.ar_coeffs_y_plus_128);
  add_128(from.ar_coeffs_cb, to.ar_coeffs_cb_plus_128);
  add_128(from.ar_coeffs_cr, to.ar_coeffs_cr_plus_128);
  to.grain_scaling_minus_8 = static_cast<uint8_t>(info.grain_scaling_minus_8);
  to.ar_coeff_lag = static_cast<uint8_t>(info.ar_coeff_lag);
  to.ar_coeff_shift_minus_6 = static_cast<uint8_t>(info.ar_coeff_shift_minus_6);
  to.grain_scale_shift = static_cast<uint8_t>(info.grain_scale_shift);
  to.cb_mult = from.cb_mult;
  to.cb_luma_mult = from.cb_luma_mult;
  to.cb_offset = from.cb_offset;
  to.cr_mult = from.cr_mult;
  to.cr_luma_mult = from.cr_luma_mult;
  to.cr_offset = from.cr_offset;
}

}  // namespace

v4l2::H264Controls h264_controls(const VAPictureParameterBufferH264& picture,
                                 const VAIQMatrixBufferH264& matrices,
                                 const PictureParameterSets::Defaults& defaults) {
  v4l2::H264Controls controls{sps(picture), pps(picture, defaults), {}, decode_params(picture)};
  memcpy(controls.scaling_matrix.scaling_list_4x4, matrices.ScalingList4x4,
         sizeof(matrices.ScalingList4x4));
  memcpy(controls.scaling_matrix.scaling_list_8x8, matrices.ScalingList8x8,
         sizeof(matrices.ScalingList8x8));
  return controls;
}

v4l2_ctrl_vp9_frame vp9_control(const VADecPictureParameterBufferVP9& picture) {
  const auto& fields = picture.pic_fields.bits;
  v4l2_ctrl_vp9_frame frame{};
  frame.frame_width_minus_1 = static_cast<uint16_t>(picture.frame_width - 1);
  frame.frame_height_minus_1 = static_cast<uint16_t>(picture.frame_height - 1);
  frame.last_frame_ts = timestamp_of(picture.reference_frames[fields.last_ref_frame]);
  frame.golden_frame_ts = timestamp_of(picture.reference_frames[fields.golden_ref_frame]);
  frame.alt_frame_ts = timestamp_of(picture.reference_frames[fields.alt_ref_frame]);
  frame.profile = picture.profile;
  frame.bit_depth = picture.bit_depth;
  frame.flags = (fields.subsampling_x ? V4L2_VP9_FRAME_FLAG_X_SUBSAMPLING : 0) |
                (fields.subsampling_y ? V4L2_VP9_FRAME_FLAG_Y_SUBSAMPLING : 0);
  return frame;
}

v4l2::Av1Controls av1_controls(const VADecPictureParameterBufferAV1& picture) {
  v4l2::Av1Controls controls{};
  fill_sequence(picture, controls.sequence);
  fill_frame(picture, controls.frame);
  fill_film_grain(picture.film_grain_info, controls.film_grain);
  return controls;
}

}  // namespace daedalus::test
