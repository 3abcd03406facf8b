// SPDX-License-Identifier: MIT
// What stays the same throughout a slice: its reference pictures, as motion prediction sees them,
// and its prediction weights.
#pragma once

#include <array>
#include <cstdint>

#include "daedalus/h264/job.h"
#include "daedalus/h264/picture.h"
#include "h264/motion_field.h"
#include "h264/neighbours.h"
#include "h264/picture_parser.h"

namespace daedalus::h264 {

// 8.4.2.3: the weights of a slice's inter prediction.
enum class WeightMode { default_weights, implicit_weights, explicit_weights };

WeightMode weight_mode(const PictureParameters& parameters, SliceType slice_type);

// DistScaleFactor of 8.4.1.2.3, in frames: -1024..1023. `poc1` must differ from `poc0`.
int dist_scale_factor(int32_t current_poc, int32_t poc0, int32_t poc1);

// w1 of 8.4.2.3.1 in implicit mode, -64..128, for two pictures as in reference lists.
int implicit_weight_1(const PictureParameters& picture, uint32_t reference0, uint32_t reference1);

// PictureJob::reference_slots of one slice.
uint32_t reference_slots(const PictureParameters& parameters, const SliceParameters& slice);

// vertMvScale of 8.4.1.2.1; by_pair: differs between the pairs of an MBAFF frame.
enum class MvScale : uint8_t { one_to_one, frame_to_field, field_to_frame, by_pair };

// The co-located macroblocks of a B slice: colPic is null if its motion is unknown.
struct ColocatedPicture {
  const MotionField* motion = nullptr;
  MvScale scale = MvScale::one_to_one;
  bool is_for_field = false;      // the current macroblock is a field macroblock
  bool bottom_is_nearer = false;  // which of a frame's fields a frame macroblock follows

  // Waits for the motion that macroblocks in this row of the current picture read.
  void wait_for_row(uint32_t mb_y) const;
};
ColocatedPicture colocated_picture(const PictureParameters& picture, const SliceParameters& slice,
                                   const PictureParser::Motion& motion);

// A slice of an MBAFF frame, as seen by its field macroblocks of one parity: like a slice of a
// field picture whose lists alternate between the fields of the frame's references (8.4.2.1).
struct FieldView {
  PictureParameters picture;
  SliceParameters slice;

  void assign(const PictureParameters& frame, const SliceParameters& frame_slice, bool bottom);
};

class SliceContext {
 public:
  // `first_weight`: where begin() put the slice's explicit weights in the job.
  void assign(const PictureParameters& picture_parameters, const SliceParameters& slice_parameters,
              const PictureParser::Motion& motion, uint32_t first_weight);
  // The same for a FieldView: two reference indices share each explicit weight.
  void assign(const FieldView& view, const PictureParser::Motion& motion, uint32_t first_weight);

  const PictureParameters& picture() const { return *picture_; }
  const SliceParameters& slice() const { return *slice_; }
  bool is_b() const { return slice_->slice_type == SliceType::b; }
  uint32_t num_ref_idx_active(uint32_t list) const {
    return list == 0 ? slice_->num_ref_idx_l0_active_minus1 + 1u
                     : slice_->num_ref_idx_l1_active_minus1 + 1u;
  }

  // A job's entry for this motion; the vector of a list without a reference index is zero.
  MotionEntry motion_entry(Mv mv_l0, Mv mv_l1, int ref_idx_l0, int ref_idx_l1) const {
    return {.mv_l0 = {mv_l0.x(), mv_l0.y()},
            .mv_l1 = {mv_l1.x(), mv_l1.y()},
            .slots = static_cast<uint32_t>(slot(0, ref_idx_l0) | slot(1, ref_idx_l1) << 8),
            .weights = weights(ref_idx_l0, ref_idx_l1)};
  }

  // Names a reference picture for MotionField.
  uint32_t serial(uint32_t list, int ref_idx) const {
    return serials_[list][static_cast<uint32_t>(ref_idx)];
  }

  // Direct prediction (8.4.1.2): the motion of colPic, nullptr if it is unknown.
  const ColocatedPicture& followed() const { return colocated_; }
  const MotionField* colocated() const { return colocated_.motion; }
  MvScale mv_scale() const { return colocated_.scale; }
  bool colocated_is_short_term() const { return colocated_is_short_term_; }
  // Converts the reference of a co-located block of the other kind (frame or field) to the current
  // kind: the field with the current picture's parity, or the frame that contains the field.
  uint32_t converted_serial(uint32_t ref_serial) const {
    const uint32_t frame = ref_serial & ~3u;
    if (frame == 0 || !picture_->field_pic_flag) return frame;
    return frame + (picture_->bottom_field_flag ? 2 : 1);
  }
  // refIdxL0 in temporal mode of the picture that a co-located block refers to.
  int map_col_to_list0(uint32_t ref_serial) const;
  // Temporal mode: mvL0 and mvL1 of a block with mvCol and this refIdxL0.
  std::array<Mv, 2> temporal_mvs(int ref_idx_l0, Mv mv_col) const;

 private:
  void set_lists(const PictureParser::Motion& motion);
  uint32_t serial_of(uint32_t reference, const PictureParser::Motion& motion) const;
  void set_direct(const PictureParser::Motion& motion);
  void set_implicit_weights();
  void set_explicit_weights();
  int slot(std::size_t list, int ref_idx) const {
    return slots_[list][static_cast<std::size_t>(ref_idx + 1)];
  }
  uint32_t reference(std::size_t list, uint32_t ref_idx) const { return slots_[list][ref_idx + 1]; }
  uint32_t weights(int ref_idx_l0, int ref_idx_l1) const {
    if (weight_mode_ == WeightMode::explicit_weights)
      return explicit_weights(ref_idx_l0, ref_idx_l1);
    if (weight_mode_ == WeightMode::default_weights || (ref_idx_l0 | ref_idx_l1) < 0)
      return weights_default;
    return implicit_weights_[static_cast<uint32_t>(ref_idx_l0)][static_cast<uint32_t>(ref_idx_l1)];
  }
  uint32_t explicit_weights(int ref_idx_l0, int ref_idx_l1) const;

  const PictureParameters* picture_ = nullptr;
  const SliceParameters* slice_ = nullptr;
  std::array<std::array<uint8_t, 33>, 2> slots_{};  // by refIdx + 1
  std::array<std::array<uint32_t, 32>, 2> serials_{};

  WeightMode weight_mode_ = WeightMode::default_weights;
  std::array<std::array<uint32_t, 32>, 32> implicit_weights_;  // MotionEntry::weights
  std::array<uint32_t, 2> first_weight_{};                     // by list
  uint32_t weight_shift_ = 0;  // refIdxL0WP is refIdxL0 shifted right by it (8.4.2.3)
  std::array<std::array<bool, 32>, 2> has_default_weights_{};

  ColocatedPicture colocated_;
  bool colocated_is_short_term_ = false;
  static constexpr int16_t unscaled = INT16_MAX;
  std::array<int16_t, 32> dist_scale_factors_{};  // by refIdxL0, or unscaled
};

// The weights of one reference index, in the job's form.
ExplicitWeight explicit_weight(const SliceParameters& slice, std::size_t list, std::size_t ref_idx);

}  // namespace daedalus::h264
