// SPDX-License-Identifier: MIT
// What PictureParser accepts: the scope of this driver and the ranges of H.264 7.4.
#include <algorithm>

#include "h264/picture_parser.h"
#include "h264/slice_context.h"
#include "h264/slice_parser.h"

namespace daedalus::h264 {

namespace {

constexpr std::size_t max_nal_unit_size = std::size_t{1} << 26;

bool within(int value, int low, int high) {
  return value >= low && value <= high;
}

bool is_supported(const PictureParameters& parameters) {
  return parameters.chroma_format_idc <= 1 && parameters.bit_depth_luma_minus8 == 0 &&
         (parameters.is_monochrome() || parameters.bit_depth_chroma_minus8 == 0) &&
         parameters.num_slice_groups_minus1 == 0;
}

// 7.4.2.1.1: direct prediction relies on direct_8x8_inference_flag wherever fields may be involved.
bool fields_are_possible(const PictureParameters& parameters) {
  if (parameters.frame_mbs_only_flag) return !parameters.field_pic_flag;
  return parameters.direct_8x8_inference_flag && parameters.frame_height_in_mbs % 2 == 0;
}

bool lists_are_in_range(const PictureParameters& parameters, const SliceParameters& slice) {
  const uint32_t end = (parameters.field_pic_flag ? 2 : 1) * max_reference_pictures;
  const std::size_t most = parameters.is_mbaff() ? 16 : 32;
  const auto is_slot = [end](uint8_t slot) { return slot < end || slot == no_reference; };
  const auto in_range = [&](std::size_t list, uint32_t num_ref_idx_active_minus1) {
    const auto& slots = slice.ref_pic_list[list];
    return num_ref_idx_active_minus1 < most &&
           std::all_of(slots.begin(), slots.begin() + num_ref_idx_active_minus1 + 1, is_slot);
  };
  if (slice.slice_type == SliceType::i) return true;
  if (!in_range(0, slice.num_ref_idx_l0_active_minus1)) return false;
  return slice.slice_type == SliceType::p || in_range(1, slice.num_ref_idx_l1_active_minus1);
}

// A default weight is up to 2^7, a transmitted one up to 127.
bool weights_are_in_range(const SliceParameters& slice) {
  const auto in_range = [](int weight, int offset) {
    return within(weight, -128, 128) && within(offset, -128, 127);
  };
  const auto list_in_range = [&](const PredictionWeights& weights, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      if (!in_range(weights.luma_weight[i], weights.luma_offset[i]) ||
          !in_range(weights.chroma_weight[i][0], weights.chroma_offset[i][0]) ||
          !in_range(weights.chroma_weight[i][1], weights.chroma_offset[i][1]))
        return false;
    return true;
  };
  if (slice.luma_log2_weight_denom > 7 || slice.chroma_log2_weight_denom > 7) return false;
  if (!list_in_range(slice.weights[0], slice.num_ref_idx_l0_active_minus1 + std::size_t{1}))
    return false;
  return slice.slice_type == SliceType::p ||
         list_in_range(slice.weights[1], slice.num_ref_idx_l1_active_minus1 + std::size_t{1});
}

}  // namespace

Result<void> PictureParser::check(const PictureParameters& parameters) {
  if (!is_supported(parameters)) return tl::unexpected(Error::unsupported);
  const bool in_range =
      within(static_cast<int>(parameters.pic_width_in_mbs), 1, max_width_in_mbs) &&
      within(static_cast<int>(parameters.frame_height_in_mbs), 1, max_height_in_mbs) &&
      fields_are_possible(parameters) && parameters.weighted_bipred_idc <= 2 &&
      within(parameters.pic_init_qp_minus26, -26, 25) &&
      within(parameters.chroma_qp_index_offset, -12, 12) &&
      within(parameters.second_chroma_qp_index_offset, -12, 12);
  if (!in_range) return tl::unexpected(Error::invalid_parameter);
  return {};
}

Result<void> PictureParser::check(const PictureParameters& parameters,
                                  const SliceParameters& slice) {
  const bool is_explicit =
      slice.slice_type <= SliceType::i &&
      weight_mode(parameters, slice.slice_type) == WeightMode::explicit_weights;
  const bool deblocks = slice.disable_deblocking_filter_idc != 1;
  const bool in_range =
      slice.slice_type <= SliceType::i &&
      first_mb_of(parameters, slice) < parameters.size_in_mbs() &&
      slice.first_mb_in_slice < parameters.size_in_mbs() &&
      within(slice_qp(parameters, slice), 0, 51) && slice.disable_deblocking_filter_idc <= 2 &&
      (!deblocks || (within(slice.slice_alpha_c0_offset_div2, -6, 6) &&
                     within(slice.slice_beta_offset_div2, -6, 6))) &&
      (slice.slice_type == SliceType::i || slice.cabac_init_idc <= 2) &&
      lists_are_in_range(parameters, slice) && (!is_explicit || weights_are_in_range(slice)) &&
      slice.nal_unit.size() <= max_nal_unit_size &&
      slice.slice_data_bit_offset < slice.nal_unit.size() * 8;
  if (!in_range) return tl::unexpected(Error::invalid_parameter);
  return {};
}

}  // namespace daedalus::h264
