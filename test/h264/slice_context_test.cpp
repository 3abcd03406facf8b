// SPDX-License-Identifier: MIT
#include "h264/slice_context.h"

#include <gtest/gtest.h>

namespace daedalus::h264 {
namespace {

ReferenceFrame frame(int32_t poc, bool long_term = false) {
  return {true, long_term, poc, poc + 1};
}

int implicit_weight_1(int32_t current_poc, const ReferenceFrame& reference0,
                      const ReferenceFrame& reference1) {
  PictureParameters picture;
  picture.top_field_order_cnt = picture.bottom_field_order_cnt = current_poc;
  picture.references[2] = reference0;
  picture.references[7] = reference1;
  return h264::implicit_weight_1(picture, 2, 7);
}

TEST(Weights, ImplicitFollowsDistance) {
  EXPECT_EQ(implicit_weight_1(4, frame(0), frame(8)), 32);
  EXPECT_EQ(implicit_weight_1(2, frame(0), frame(8)), 16);
  EXPECT_EQ(implicit_weight_1(6, frame(0), frame(8)), 48);
  EXPECT_EQ(implicit_weight_1(12, frame(0), frame(8)), 96);
}

TEST(Weights, ImplicitFallsBackToTheAverage) {
  EXPECT_EQ(implicit_weight_1(2, frame(8), frame(8)), 32);
  EXPECT_EQ(implicit_weight_1(2, frame(0, true), frame(8)), 32);
  EXPECT_EQ(implicit_weight_1(2, frame(0), frame(8, true)), 32);
  EXPECT_EQ(implicit_weight_1(100, frame(0), frame(8)), 32);   // above 128
  EXPECT_EQ(implicit_weight_1(-100, frame(0), frame(8)), 32);  // below -64
}

TEST(Weights, ImplicitFollowsTheDistanceOfFields) {
  PictureParameters picture;
  picture.field_pic_flag = picture.bottom_field_flag = true;
  picture.top_field_order_cnt = 1000;
  picture.bottom_field_order_cnt = 4;
  picture.references[2] = {true, false, 0, 2};
  picture.references[7] = {true, false, 8, 10};
  EXPECT_EQ(h264::implicit_weight_1(picture, 2, 7), 32);
  EXPECT_EQ(h264::implicit_weight_1(picture, 2 + bottom_field, 7 + bottom_field), 16);
  EXPECT_EQ(h264::implicit_weight_1(picture, 2, 2 + bottom_field), 128);
}

TEST(Weights, DistancesAreClipped) {
  EXPECT_EQ(dist_scale_factor(1000000, 0, 1000000), 256);
  EXPECT_EQ(dist_scale_factor(INT32_MAX, INT32_MIN, INT32_MAX), 256);
  EXPECT_EQ(dist_scale_factor(127, 0, 1), 1023);
}

struct Slice {
  PictureParameters picture;
  SliceParameters slice;
  PictureParser::Motion motion{};
  SliceContext context;

  Slice() {
    picture.pic_width_in_mbs = picture.frame_height_in_mbs = 1;
    picture.top_field_order_cnt = picture.bottom_field_order_cnt = 4;
    picture.references[3] = frame(0);
    picture.references[5] = frame(8);
    slice.slice_type = SliceType::b;
    for (auto& list : slice.ref_pic_list) list.fill(no_reference);
    slice.ref_pic_list[0] = {3, 5};
    slice.ref_pic_list[1] = {5, 3};
    slice.num_ref_idx_l0_active_minus1 = slice.num_ref_idx_l1_active_minus1 = 1;
  }
  SliceContext& assigned(uint32_t first_weight = 0) {
    context.assign(picture, slice, motion, first_weight);
    return context;
  }
};

TEST(SliceContext, Entries) {
  Slice slice;
  const auto entry = slice.assigned().motion_entry({1, 2}, {3, 4}, 0, 1);
  EXPECT_EQ(entry.mv_l0, (std::array<int16_t, 2>{1, 2}));
  EXPECT_EQ(entry.mv_l1, (std::array<int16_t, 2>{3, 4}));
  EXPECT_EQ(entry.slots, 3u | 3u << 8);
  EXPECT_EQ(entry.weights, weights_default);
  EXPECT_EQ(slice.context.motion_entry({}, {}, -1, 0).slots, 0xffu | 5u << 8);
}

TEST(SliceContext, ImplicitWeights) {
  Slice slice;
  slice.picture.weighted_bipred_idc = 2;
  slice.picture.top_field_order_cnt = slice.picture.bottom_field_order_cnt = 2;
  slice.assigned();
  EXPECT_EQ(slice.context.motion_entry({}, {}, 0, 0).weights, weights_implicit | 16u << 2);
  EXPECT_EQ(slice.context.motion_entry({}, {}, 0, 1).weights, weights_default);  // equal POCs
  EXPECT_EQ(slice.context.motion_entry({}, {}, 1, -1).weights, weights_default);
}

TEST(SliceContext, ExplicitWeights) {
  Slice slice;
  slice.picture.weighted_bipred_idc = 1;
  slice.slice.luma_log2_weight_denom = 5;
  for (auto& list : slice.slice.weights) {
    list.luma_weight.fill(32);
    list.luma_offset.fill(0);
    list.chroma_weight.fill({1, 1});
    list.chroma_offset.fill({0, 0});
  }
  slice.slice.weights[1].luma_offset[1] = -3;
  slice.assigned(100);
  EXPECT_EQ(slice.context.motion_entry({}, {}, 0, 1).weights,
            weights_explicit | 100u << 2 | 103u << 17);
  EXPECT_EQ(slice.context.motion_entry({}, {}, -1, 1).weights, weights_explicit | 103u << 17);
  EXPECT_EQ(slice.context.motion_entry({}, {}, 0, 0).weights, weights_default);
  const auto weight = explicit_weight(slice.slice, 1, 1);
  EXPECT_EQ(weight.luma, 0xfffd'0020u);
  EXPECT_EQ(weight.cb, 1u);
  EXPECT_EQ(weight.log2_denominators, 5u);
}

TEST(SliceContext, LostReferencesHaveSubstitutes) {
  Slice slice;
  slice.slice.ref_pic_list[0] = {no_reference, 7, 5};  // 7 is missing
  slice.slice.num_ref_idx_l0_active_minus1 = 2;
  slice.slice.ref_pic_list[1] = {no_reference, 9};
  slice.assigned();
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(slice.context.motion_entry({}, {}, i, -1).slots, 5u | 0xffu << 8);
  EXPECT_EQ(slice.context.motion_entry({}, {}, -1, 0).slots, 0xffu | 0u << 8);
}

TEST(SliceContext, TemporalDirect) {
  Slice slice;
  MotionField field0, field1;
  field0.serial = 11;
  field1.serial = 12;
  field1.begin(1, 1);
  slice.motion[3] = &field0;
  slice.motion[5] = &field1;
  slice.assigned();
  EXPECT_EQ(slice.context.colocated(), &field1);
  EXPECT_EQ(slice.context.map_col_to_list0(serial_of_frame(11)), 0);
  EXPECT_EQ(slice.context.map_col_to_list0(serial_of_frame(12)), 1);
  EXPECT_EQ(slice.context.map_col_to_list0(99), 0);
  const auto [mv_l0, mv_l1] = slice.context.temporal_mvs(0, {10, -6});
  EXPECT_EQ(mv_l0, (Mv{5, -3}));
  EXPECT_EQ(mv_l1, (Mv{-5, 3}));
  // Both pictures at the same distance: nothing to scale.
  EXPECT_EQ(slice.context.temporal_mvs(1, {10, -6}), (std::array<Mv, 2>{Mv{10, -6}, Mv{}}));
  field1.begin(1, 2);  // another size
  EXPECT_EQ(slice.assigned().colocated(), nullptr);
}

// Table 8-6.
struct ColocatedCase : Slice {
  std::shared_ptr<MotionField> frame_motion = std::make_shared<MotionField>();
  std::shared_ptr<MotionField> top = std::make_shared<MotionField>();
  std::shared_ptr<MotionField> bottom = std::make_shared<MotionField>();

  ColocatedCase() {
    picture.frame_mbs_only_flag = false;
    picture.direct_8x8_inference_flag = true;
    picture.frame_height_in_mbs = 2;
    frame_motion->begin(1, 2);
    top->begin(1, 1);
    bottom->begin(1, 1);
    top->structure = PictureStructure::top_field;
    bottom->structure = PictureStructure::bottom_field;
    bottom->first_field = top;
  }
  ColocatedPicture found() { return colocated_picture(picture, slice, motion); }
};

TEST(Colocated, AFieldFollowsTheFieldOrTheFrameItWasCodedIn) {
  ColocatedCase c;
  c.picture.field_pic_flag = true;
  c.motion[5] = c.bottom.get();
  EXPECT_EQ(c.found().motion, c.top.get());
  EXPECT_EQ(c.found().scale, MvScale::one_to_one);
  c.slice.ref_pic_list[1][0] = 5 + bottom_field;
  EXPECT_EQ(c.found().motion, c.bottom.get());
  c.motion[5] = c.top.get();  // the bottom field was not decoded
  EXPECT_EQ(c.found().motion, nullptr);
  c.motion[5] = c.frame_motion.get();
  EXPECT_EQ(c.found().motion, c.frame_motion.get());
  EXPECT_EQ(c.found().scale, MvScale::frame_to_field);
}

TEST(Colocated, AFrameFollowsTheNearerField) {
  ColocatedCase c;
  c.motion[5] = c.frame_motion.get();
  EXPECT_EQ(c.found().scale, MvScale::one_to_one);
  c.motion[5] = c.bottom.get();
  c.picture.references[5] = {true, false, 8, 9};
  EXPECT_EQ(c.found().motion, c.top.get());
  EXPECT_EQ(c.found().scale, MvScale::field_to_frame);
  c.picture.references[5] = {true, false, 8, 8};
  EXPECT_EQ(c.found().motion, c.bottom.get());
  c.frame_motion->begin(1, 4);  // another size
  c.motion[5] = c.frame_motion.get();
  EXPECT_EQ(c.found().motion, nullptr);
}

// Surfaces may be larger than the pictures that they hold, and so hold pictures of several sizes.
TEST(Colocated, PicturesOfAnotherShapeHaveNoMotion) {
  ColocatedCase c;
  c.picture.pic_width_in_mbs = 4;
  c.picture.frame_height_in_mbs = 3;
  c.top->begin(4, 1);  // as many macroblocks as half of the frame, rounded down
  c.motion[5] = c.top.get();
  c.picture.references[5] = {true, false, 8, 9};
  EXPECT_EQ(c.found().motion, nullptr);
  c.frame_motion->begin(2, 6);  // as many macroblocks as the frame
  c.motion[5] = c.frame_motion.get();
  EXPECT_EQ(c.found().motion, nullptr);
  c.frame_motion->is_mbaff = true;
  EXPECT_EQ(c.found().motion, nullptr);
  c.frame_motion->begin(4, 3);
  EXPECT_EQ(c.found().motion, c.frame_motion.get());
}

TEST(Colocated, SerialsOfAnotherKindAreConverted) {
  ColocatedCase c;
  c.assigned();
  EXPECT_EQ(c.context.converted_serial(serial_of_field(7, true)), serial_of_frame(7));
  c.picture.field_pic_flag = c.picture.bottom_field_flag = true;
  EXPECT_EQ(c.context.converted_serial(serial_of_frame(7)), serial_of_field(7, true));
  EXPECT_EQ(c.context.converted_serial(0), 0u);
}

}  // namespace
}  // namespace daedalus::h264
