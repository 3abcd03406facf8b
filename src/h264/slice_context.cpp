// SPDX-License-Identifier: MIT
#include "h264/slice_context.h"

#include <algorithm>
#include <cstdlib>
#include <span>

namespace daedalus::h264 {

namespace {

// The slots of a slice's reference list. A lost reference is replaced: a field by the other one of
// its frame, otherwise by the first present picture of the list, or by slot 0, for which the GPU
// always has a picture. The other field may be the first field of the current frame, which alone
// exists then.
std::array<uint8_t, 33> usable_slots(const PictureParameters& picture,
                                     const std::array<uint8_t, 32>& list, uint32_t count) {
  const auto is_present = [&](uint8_t slot) { return picture.has_reference(slot); };
  const auto end = list.begin() + count;
  const auto first = std::find_if(list.begin(), end, is_present);
  const uint8_t last_resort =
      picture.structure() == PictureStructure::top_field ? bottom_field : uint8_t{0};
  const uint8_t stand_in = first == end ? last_resort : *first;
  std::array<uint8_t, 33> slots;
  slots.fill(stand_in);
  slots[0] = no_reference;
  for (std::size_t i = 0; i < count; ++i) {
    const auto other_field = static_cast<uint8_t>(list[i] ^ bottom_field);
    if (is_present(list[i]))
      slots[i + 1] = list[i];
    else if (picture.field_pic_flag && is_present(other_field))
      slots[i + 1] = other_field;
  }
  return slots;
}

uint32_t slots_of_list(const PictureParameters& picture, const std::array<uint8_t, 32>& list,
                       uint32_t count) {
  const auto slots = usable_slots(picture, list, count);
  uint32_t bits = 0;
  for (const uint8_t slot : std::span(slots).subspan(1)) bits |= 1u << reference_slot(slot);
  return bits;
}

uint32_t packed(int weight, int offset) {
  return static_cast<uint16_t>(weight) | static_cast<uint32_t>(offset) << 16;
}

// Explicit weighting with these values is the default average.
bool is_default(const SliceParameters& slice, std::size_t list, std::size_t ref_idx) {
  const auto& weights = slice.weights[list];
  const int luma = 1 << slice.luma_log2_weight_denom;
  const int chroma = 1 << slice.chroma_log2_weight_denom;
  return weights.luma_weight[ref_idx] == luma && weights.luma_offset[ref_idx] == 0 &&
         weights.chroma_weight[ref_idx][0] == chroma && weights.chroma_offset[ref_idx][0] == 0 &&
         weights.chroma_weight[ref_idx][1] == chroma && weights.chroma_offset[ref_idx][1] == 0;
}

int32_t clipped_difference(int32_t a, int32_t b) {
  return static_cast<int32_t>(std::clamp(int64_t{a} - b, int64_t{-128}, int64_t{127}));
}

}  // namespace

WeightMode weight_mode(const PictureParameters& parameters, SliceType slice_type) {
  const int idc = slice_type == SliceType::b      ? parameters.weighted_bipred_idc
                  : parameters.weighted_pred_flag ? 1
                                                  : 0;
  if (slice_type == SliceType::i || idc == 0) return WeightMode::default_weights;
  return idc == 1 ? WeightMode::explicit_weights : WeightMode::implicit_weights;
}

int dist_scale_factor(int32_t current_poc, int32_t poc0, int32_t poc1) {
  const int tb = clipped_difference(current_poc, poc0);
  const int td = clipped_difference(poc1, poc0);
  const int tx = (16384 + std::abs(td / 2)) / td;
  return std::clamp((tb * tx + 32) >> 6, -1024, 1023);
}

int implicit_weight_1(const PictureParameters& picture, uint32_t reference0, uint32_t reference1) {
  const int32_t poc0 = picture.pic_order_cnt(reference0), poc1 = picture.pic_order_cnt(reference1);
  const auto is_long_term = [&](uint32_t reference) {
    return picture.references[reference_slot(reference)].long_term;
  };
  if (poc0 == poc1 || is_long_term(reference0) || is_long_term(reference1)) return 32;
  const int w1 = dist_scale_factor(picture.pic_order_cnt(), poc0, poc1) >> 2;
  return w1 < -64 || w1 > 128 ? 32 : w1;
}

ExplicitWeight explicit_weight(const SliceParameters& slice, std::size_t list,
                               std::size_t ref_idx) {
  const auto& weights = slice.weights[list];
  const auto chroma = [&](std::size_t component) {
    return packed(weights.chroma_weight[ref_idx][component],
                  weights.chroma_offset[ref_idx][component]);
  };
  return {.luma = packed(weights.luma_weight[ref_idx], weights.luma_offset[ref_idx]),
          .cb = chroma(0),
          .cr = chroma(1),
          .log2_denominators = static_cast<uint32_t>(slice.luma_log2_weight_denom |
                                                     slice.chroma_log2_weight_denom << 8)};
}

uint32_t reference_slots(const PictureParameters& parameters, const SliceParameters& slice) {
  if (slice.slice_type == SliceType::i) return 0;
  uint32_t bits =
      slots_of_list(parameters, slice.ref_pic_list[0], slice.num_ref_idx_l0_active_minus1 + 1u);
  if (slice.slice_type == SliceType::b)
    bits |=
        slots_of_list(parameters, slice.ref_pic_list[1], slice.num_ref_idx_l1_active_minus1 + 1u);
  return bits;
}

namespace {

// 8.4.1.2.1, Table 8-6: a field picture follows the field itself, or the frame in which it was
// coded; a frame follows the field that is nearer in output order if two fields were coded.
ColocatedPicture colocated_in(const PictureParameters& picture, uint32_t reference1,
                              const MotionField& motion) {
  if (picture.field_pic_flag && motion.is_frame())
    return {&motion, motion.is_mbaff ? MvScale::by_pair : MvScale::frame_to_field, true};
  if (picture.field_pic_flag)
    return {motion.field(is_bottom_field(reference1)), MvScale::one_to_one, true};
  const ReferenceFrame& frame = picture.references[reference1];
  const auto distance = [&](int32_t order_cnt) {
    return std::abs(int64_t{order_cnt} - picture.pic_order_cnt());
  };
  const bool bottom = distance(frame.top_field_order_cnt) >= distance(frame.bottom_field_order_cnt);
  if (motion.is_frame())
    return {&motion, motion.is_mbaff ? MvScale::by_pair : MvScale::one_to_one, false, bottom};
  return {motion.field(bottom), MvScale::field_to_frame};
}

}  // namespace

void ColocatedPicture::wait_for_row(uint32_t mb_y) const {
  if (!motion) return;
  switch (scale) {
    case MvScale::one_to_one:
      motion->wait_for_row(mb_y);
      break;
    case MvScale::frame_to_field:
      motion->wait_for_row(mb_y * 2);
      motion->wait_for_row(mb_y * 2 + 1);
      break;
    case MvScale::field_to_frame:
      motion->wait_for_row(mb_y / 2);
      break;
    case MvScale::by_pair:  // both rows of a pair are complete together
      motion->wait_for_row(is_for_field ? mb_y * 2 : mb_y);
      break;
  }
}

// A lost RefPicList1[0] has no motion, whatever replaces its samples. Nor has one of another size,
// which only a surface that is larger than the picture can hold.
ColocatedPicture colocated_picture(const PictureParameters& picture, const SliceParameters& slice,
                                   const PictureParser::Motion& motion) {
  const uint32_t reference1 = slice.ref_pic_list[1][0];
  if (slice.slice_type != SliceType::b || !picture.has_reference(reference1)) return {};
  const MotionField* const known = motion[reference_slot(reference1)];
  if (!known) return {};
  const ColocatedPicture colocated = colocated_in(picture, reference1, *known);
  if (!colocated.motion ||
      !colocated.motion->is_of_frame(picture.pic_width_in_mbs, picture.frame_height_in_mbs))
    return {};
  return colocated;
}

void SliceContext::assign(const PictureParameters& picture_parameters,
                          const SliceParameters& slice_parameters,
                          const PictureParser::Motion& motion, uint32_t first_weight) {
  picture_ = &picture_parameters;
  slice_ = &slice_parameters;
  weight_mode_ = weight_mode(picture_parameters, slice_parameters.slice_type);
  weight_shift_ = 0;
  colocated_ = {};
  if (slice_->slice_type == SliceType::i) return;
  set_lists(motion);
  if (is_b()) set_direct(motion);
  if (weight_mode_ == WeightMode::implicit_weights) set_implicit_weights();
  first_weight_ = {first_weight, first_weight + num_ref_idx_active(0)};
  if (weight_mode_ == WeightMode::explicit_weights) set_explicit_weights();
}

void SliceContext::assign(const FieldView& view, const PictureParser::Motion& motion,
                          uint32_t first_weight) {
  assign(view.picture, view.slice, motion, first_weight);
  weight_shift_ = 1;
  first_weight_[1] = first_weight + num_ref_idx_active(0) / 2;
  if (weight_mode_ == WeightMode::explicit_weights) set_explicit_weights();
}

void FieldView::assign(const PictureParameters& frame, const SliceParameters& frame_slice,
                       bool bottom) {
  picture = frame;
  picture.field_pic_flag = true;
  picture.bottom_field_flag = bottom;
  for (auto& reference : picture.references) reference.has_top = reference.has_bottom = true;
  slice = frame_slice;
  slice.num_ref_idx_l0_active_minus1 =
      static_cast<uint8_t>(frame_slice.num_ref_idx_l0_active_minus1 * 2 + 1);
  slice.num_ref_idx_l1_active_minus1 =
      static_cast<uint8_t>(frame_slice.num_ref_idx_l1_active_minus1 * 2 + 1);
  for (std::size_t list = 0; list < 2; ++list) {
    for (std::size_t i = 0; i < 16; ++i) {
      const uint8_t slot = frame_slice.ref_pic_list[list][i];
      const auto field = [slot](bool is_bottom) {
        return slot == no_reference ? slot
                                    : static_cast<uint8_t>(slot + (is_bottom ? bottom_field : 0));
      };
      slice.ref_pic_list[list][i * 2] = field(bottom);
      slice.ref_pic_list[list][i * 2 + 1] = field(!bottom);
    }
  }
}

void SliceContext::set_lists(const PictureParser::Motion& motion) {
  const uint32_t lists = is_b() ? 2 : 1;
  slots_[1].fill(no_reference);
  for (uint32_t list = 0; list < lists; ++list) {
    slots_[list] = usable_slots(*picture_, slice_->ref_pic_list[list], num_ref_idx_active(list));
    for (std::size_t i = 0; i < 32; ++i) serials_[list][i] = serial_of(slots_[list][i + 1], motion);
  }
}

// 0 if the picture's motion is unknown.
uint32_t SliceContext::serial_of(uint32_t reference, const PictureParser::Motion& motion) const {
  const MotionField* const known = motion[reference_slot(reference)];
  if (!known) return 0;
  return picture_->field_pic_flag ? serial_of_field(known->serial, is_bottom_field(reference))
                                  : serial_of_frame(known->serial);
}

// 8.4.1.2.1, 8.4.1.2.3.
void SliceContext::set_direct(const PictureParser::Motion& motion) {
  colocated_ = colocated_picture(*picture_, *slice_, motion);
  const uint32_t reference1 = reference(1, 0);
  colocated_is_short_term_ = !picture_->references[reference_slot(reference1)].long_term;

  for (uint32_t i = 0; i < num_ref_idx_active(0); ++i) {
    const uint32_t reference0 = reference(0, i);
    const int32_t poc0 = picture_->pic_order_cnt(reference0);
    const int32_t poc1 = picture_->pic_order_cnt(reference1);
    const bool is_scaled =
        poc0 != poc1 && !picture_->references[reference_slot(reference0)].long_term;
    dist_scale_factors_[i] =
        is_scaled ? static_cast<int16_t>(dist_scale_factor(picture_->pic_order_cnt(), poc0, poc1))
                  : unscaled;
  }
}

void SliceContext::set_implicit_weights() {
  for (uint32_t i = 0; i < num_ref_idx_active(0); ++i) {
    for (uint32_t j = 0; j < num_ref_idx_active(1); ++j) {
      const int w1 = implicit_weight_1(*picture_, reference(0, i), reference(1, j));
      // Equal weights are the default average.
      implicit_weights_[i][j] =
          w1 == 32 ? weights_default : weights_implicit | static_cast<uint32_t>(w1) << 2;
    }
  }
}

void SliceContext::set_explicit_weights() {
  const uint32_t lists = is_b() ? 2 : 1;
  for (uint32_t list = 0; list < lists; ++list)
    for (std::size_t i = 0; i < num_ref_idx_active(list); ++i)
      has_default_weights_[list][i] = is_default(*slice_, list, i >> weight_shift_);
}

uint32_t SliceContext::explicit_weights(int ref_idx_l0, int ref_idx_l1) const {
  const auto i = static_cast<uint32_t>(ref_idx_l0), j = static_cast<uint32_t>(ref_idx_l1);
  const bool uses_l0 = ref_idx_l0 >= 0, uses_l1 = ref_idx_l1 >= 0;
  if ((!uses_l0 || has_default_weights_[0][i]) && (!uses_l1 || has_default_weights_[1][j]))
    return weights_default;
  return weights_explicit | (uses_l0 ? (first_weight_[0] + (i >> weight_shift_)) << 2 : 0) |
         (uses_l1 ? (first_weight_[1] + (j >> weight_shift_)) << 17 : 0);
}

int SliceContext::map_col_to_list0(uint32_t ref_serial) const {
  const auto& serials = serials_[0];
  const auto end = serials.begin() + num_ref_idx_active(0);
  const auto found = std::find(serials.begin(), end, ref_serial);
  return found == end ? 0 : static_cast<int>(found - serials.begin());
}

std::array<Mv, 2> SliceContext::temporal_mvs(int ref_idx_l0, Mv mv_col) const {
  const int factor = dist_scale_factors_[static_cast<uint32_t>(ref_idx_l0)];
  if (factor == unscaled) return {mv_col, Mv{}};
  const auto scaled = [factor](int16_t component) { return (factor * component + 128) >> 8; };
  const Mv mv_l0 = {scaled(mv_col.x()), scaled(mv_col.y())};
  return {mv_l0, Mv{mv_l0.x() - mv_col.x(), mv_l0.y() - mv_col.y()}};
}

}  // namespace daedalus::h264
