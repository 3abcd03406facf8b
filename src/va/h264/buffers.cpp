// SPDX-License-Identifier: MIT
#include "va/h264/buffers.h"

#include <algorithm>

#include "daedalus/h264/scaling_lists.h"

namespace daedalus::va {

namespace {

using h264::max_reference_pictures;
using h264::no_reference;
using h264::PictureParameters;
using h264::PredictionWeights;
using h264::SliceParameters;

bool is_long_term(const VAPictureH264& picture) {
  return (picture.flags & VA_PICTURE_H264_LONG_TERM_REFERENCE) != 0;
}

h264::ReferenceFrame reference_frame(const VAPictureH264& picture) {
  return {
      .present = names_surface(picture),
      .long_term = is_long_term(picture),
      .top_field_order_cnt = picture.TopFieldOrderCnt,
      .bottom_field_order_cnt = picture.BottomFieldOrderCnt,
  };
}

uint32_t num_slice_groups_minus1(const VAPictureParameterBufferH264& picture) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  return picture.num_slice_groups_minus1;
#pragma GCC diagnostic pop
}

uint8_t slot_of(const VAPictureH264& reference, const VAPictureParameterBufferH264& picture) {
  if (!names_surface(reference)) return no_reference;
  // A surface with differently marked fields is listed twice, as short-term and as long-term.
  uint8_t found = no_reference;
  for (uint8_t slot = 0; slot < max_reference_pictures; ++slot) {
    const auto& frame = picture.ReferenceFrames[slot];
    if (!names_surface(frame) || frame.picture_id != reference.picture_id) continue;
    if (is_long_term(frame) == is_long_term(reference)) return slot;
    if (found == no_reference) found = slot;
  }
  return found;
}

// The entry of a reference list: in field pictures a field.
uint8_t reference_of(const VAPictureH264& reference, const VAPictureParameterBufferH264& picture) {
  const uint8_t slot = slot_of(reference, picture);
  const bool is_field = picture.pic_fields.bits.field_pic_flag != 0;
  if (slot == no_reference || !is_field || !(reference.flags & VA_PICTURE_H264_BOTTOM_FIELD))
    return slot;
  return static_cast<uint8_t>(slot + h264::bottom_field);
}

// A slice's weights for one list, for luma or both chroma components, as VA lays them out.
template <std::size_t components>
struct WeightTable {
  bool flag;
  uint8_t log2_denom;
  const int16_t* weight;
  const int16_t* offset;

  // Clients that fill the tables do not all set the flag (Chromium never does). If neither is set,
  // the default weights apply.
  bool filled() const {
    const auto any = [](const int16_t* values) {
      return std::any_of(values, values + 32 * components,
                         [](int16_t value) { return value != 0; });
    };
    return flag || any(weight) || any(offset);
  }
};

// 7.4.3.2: the default weight is 2 to the denominator. The core refuses a denominator that is out
// of range.
template <std::size_t components>
void set_weights(const WeightTable<components>& table, int16_t* weight, int16_t* offset) {
  if (table.filled()) {
    std::copy_n(table.weight, 32 * components, weight);
    std::copy_n(table.offset, 32 * components, offset);
    return;
  }
  const int denominator = table.log2_denom <= 7 ? 1 << table.log2_denom : 0;
  std::fill_n(weight, 32 * components, static_cast<int16_t>(denominator));
  std::fill_n(offset, 32 * components, int16_t{0});
}

void set_weights(const VASliceParameterBufferH264& slice, SliceParameters& parameters) {
  auto& [list0, list1] = parameters.weights;
  const uint8_t luma_denom = slice.luma_log2_weight_denom;
  const uint8_t chroma_denom = slice.chroma_log2_weight_denom;
  set_weights<1>(
      {slice.luma_weight_l0_flag != 0, luma_denom, slice.luma_weight_l0, slice.luma_offset_l0},
      list0.luma_weight.data(), list0.luma_offset.data());
  set_weights<1>(
      {slice.luma_weight_l1_flag != 0, luma_denom, slice.luma_weight_l1, slice.luma_offset_l1},
      list1.luma_weight.data(), list1.luma_offset.data());
  set_weights<2>({slice.chroma_weight_l0_flag != 0, chroma_denom, slice.chroma_weight_l0[0],
                  slice.chroma_offset_l0[0]},
                 list0.chroma_weight[0].data(), list0.chroma_offset[0].data());
  set_weights<2>({slice.chroma_weight_l1_flag != 0, chroma_denom, slice.chroma_weight_l1[0],
                  slice.chroma_offset_l1[0]},
                 list1.chroma_weight[0].data(), list1.chroma_offset[0].data());
}

}  // namespace

bool names_surface(const VAPictureH264& picture) {
  return picture.picture_id != VA_INVALID_SURFACE && !(picture.flags & VA_PICTURE_H264_INVALID);
}

PictureParameters picture_parameters(const VAPictureParameterBufferH264& picture) {
  const auto& sequence = picture.seq_fields.bits;
  const auto& fields = picture.pic_fields.bits;
  PictureParameters parameters{
      .pic_width_in_mbs = picture.picture_width_in_mbs_minus1 + 1u,
      .frame_height_in_mbs = picture.picture_height_in_mbs_minus1 + 1u,
      .chroma_format_idc = static_cast<uint8_t>(sequence.chroma_format_idc),
      .bit_depth_luma_minus8 = picture.bit_depth_luma_minus8,
      .bit_depth_chroma_minus8 = picture.bit_depth_chroma_minus8,
      .frame_mbs_only_flag = sequence.frame_mbs_only_flag != 0,
      .mb_adaptive_frame_field_flag = sequence.mb_adaptive_frame_field_flag != 0,
      .field_pic_flag = fields.field_pic_flag != 0,
      .bottom_field_flag = (picture.CurrPic.flags & VA_PICTURE_H264_BOTTOM_FIELD) != 0,
      .frame_num = picture.frame_num,
      .num_slice_groups_minus1 = num_slice_groups_minus1(picture),
      .direct_8x8_inference_flag = sequence.direct_8x8_inference_flag != 0,
      .entropy_coding_mode_flag = fields.entropy_coding_mode_flag != 0,
      .weighted_pred_flag = fields.weighted_pred_flag != 0,
      .weighted_bipred_idc = static_cast<uint8_t>(fields.weighted_bipred_idc),
      .transform_8x8_mode_flag = fields.transform_8x8_mode_flag != 0,
      .constrained_intra_pred_flag = fields.constrained_intra_pred_flag != 0,
      .pic_init_qp_minus26 = picture.pic_init_qp_minus26,
      .chroma_qp_index_offset = picture.chroma_qp_index_offset,
      .second_chroma_qp_index_offset = picture.second_chroma_qp_index_offset,
      .reference_pic_flag = fields.reference_pic_flag != 0,
      .top_field_order_cnt = picture.CurrPic.TopFieldOrderCnt,
      .bottom_field_order_cnt = picture.CurrPic.BottomFieldOrderCnt,
  };
  std::transform(std::begin(picture.ReferenceFrames), std::end(picture.ReferenceFrames),
                 parameters.references.begin(), reference_frame);
  h264::set_flat_scaling_lists(parameters);
  return parameters;
}

// VA's lists are in raster order (va.h, VAIQMatrixBufferH264).
void set_scaling_lists(const VAIQMatrixBufferH264& matrices, PictureParameters& parameters) {
  h264::set_scaling_lists(matrices.ScalingList4x4, matrices.ScalingList8x8, parameters);
}

SliceParameters slice_parameters(const VASliceParameterBufferH264& slice,
                                 const VAPictureParameterBufferH264& picture,
                                 std::span<const std::byte> nal_unit) {
  SliceParameters parameters{
      .first_mb_in_slice = slice.first_mb_in_slice,
      .slice_type = static_cast<h264::SliceType>(slice.slice_type % 5),
      .direct_spatial_mv_pred_flag = slice.direct_spatial_mv_pred_flag != 0,
      .num_ref_idx_l0_active_minus1 = slice.num_ref_idx_l0_active_minus1,
      .num_ref_idx_l1_active_minus1 = slice.num_ref_idx_l1_active_minus1,
      .cabac_init_idc = slice.cabac_init_idc,
      .slice_qp_delta = slice.slice_qp_delta,
      .disable_deblocking_filter_idc = slice.disable_deblocking_filter_idc,
      .slice_alpha_c0_offset_div2 = slice.slice_alpha_c0_offset_div2,
      .slice_beta_offset_div2 = slice.slice_beta_offset_div2,
      .luma_log2_weight_denom = slice.luma_log2_weight_denom,
      .chroma_log2_weight_denom = slice.chroma_log2_weight_denom,
      .nal_unit = nal_unit,
      .slice_data_bit_offset = slice.slice_data_bit_offset,
  };
  const auto named = [&](const VAPictureH264& entry) { return reference_of(entry, picture); };
  auto& [list0, list1] = parameters.ref_pic_list;
  std::transform(std::begin(slice.RefPicList0), std::end(slice.RefPicList0), list0.begin(), named);
  std::transform(std::begin(slice.RefPicList1), std::end(slice.RefPicList1), list1.begin(), named);
  set_weights(slice, parameters);
  return parameters;
}

}  // namespace daedalus::va
