// SPDX-License-Identifier: MIT
// What VA's H.264 structures are converted to.
#include "va/h264/buffers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "va/h264/stream.h"

namespace daedalus::va {

namespace {

using h264::no_reference;

VAPictureH264 reference(VASurfaceID id, uint32_t flags = VA_PICTURE_H264_SHORT_TERM_REFERENCE) {
  return {.picture_id = id, .flags = flags, .TopFieldOrderCnt = 7, .BottomFieldOrderCnt = 6};
}

TEST(H264Buffers, PictureParameters) {
  auto picture = test::make_pcm_picture(120, 68, 1, 0).picture;
  picture.CurrPic.TopFieldOrderCnt = 20;
  picture.CurrPic.BottomFieldOrderCnt = -21;
  picture.pic_init_qp_minus26 = -3;
  picture.chroma_qp_index_offset = -12;
  picture.second_chroma_qp_index_offset = 12;
  picture.pic_fields.bits.weighted_bipred_idc = 2;
  picture.pic_fields.bits.entropy_coding_mode_flag = 1;
  picture.ReferenceFrames[3] = reference(5, VA_PICTURE_H264_LONG_TERM_REFERENCE);
  const auto parameters = picture_parameters(picture);
  EXPECT_EQ(parameters.pic_width_in_mbs, 120u);
  EXPECT_EQ(parameters.frame_height_in_mbs, 68u);
  EXPECT_EQ(parameters.chroma_format_idc, 1);
  EXPECT_TRUE(parameters.frame_mbs_only_flag);
  EXPECT_TRUE(parameters.direct_8x8_inference_flag);
  EXPECT_TRUE(parameters.entropy_coding_mode_flag);
  EXPECT_FALSE(parameters.transform_8x8_mode_flag);
  EXPECT_TRUE(parameters.reference_pic_flag);
  EXPECT_EQ(parameters.weighted_bipred_idc, 2);
  EXPECT_EQ(parameters.pic_init_qp_minus26, -3);
  EXPECT_EQ(parameters.chroma_qp_index_offset, -12);
  EXPECT_EQ(parameters.second_chroma_qp_index_offset, 12);
  EXPECT_EQ(parameters.top_field_order_cnt, 20);
  EXPECT_EQ(parameters.bottom_field_order_cnt, -21);
  for (std::size_t slot = 0; slot < 16; ++slot)
    EXPECT_EQ(parameters.references[slot].present, slot == 3) << slot;
  EXPECT_TRUE(parameters.references[3].long_term);
  EXPECT_EQ(parameters.references[3].pic_order_cnt(), 6);
  for (const auto& list : parameters.scaling_list_4x4)
    EXPECT_EQ(std::count(list.begin(), list.end(), 16), 16);
  for (const auto& list : parameters.scaling_list_8x8)
    EXPECT_EQ(std::count(list.begin(), list.end(), 16), 64);
}

// Each entry of a raster list is its own position, so the result is the scan.
TEST(H264Buffers, ScalingListsGoFromRasterToZigZag) {
  VAIQMatrixBufferH264 matrices{};
  for (auto& list : matrices.ScalingList4x4) std::iota(std::begin(list), std::end(list), 0);
  for (auto& list : matrices.ScalingList8x8) std::iota(std::begin(list), std::end(list), 0);
  matrices.ScalingList4x4[5][0] = 99;
  matrices.ScalingList8x8[1][63] = 98;
  auto parameters = picture_parameters(test::make_pcm_picture(1, 1, 1, 0).picture);
  set_scaling_lists(matrices, parameters);
  const std::array<uint8_t, 16> scan_4x4 = {0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15};
  EXPECT_EQ(parameters.scaling_list_4x4[0], scan_4x4);
  EXPECT_EQ(parameters.scaling_list_4x4[5][0], 99);
  const std::array<uint8_t, 20> begin_8x8 = {0,  1,  8,  16, 9, 2, 3,  10, 17, 24,
                                             32, 25, 18, 11, 4, 5, 12, 19, 26, 33};
  EXPECT_TRUE(
      std::equal(begin_8x8.begin(), begin_8x8.end(), parameters.scaling_list_8x8[0].begin()));
  EXPECT_EQ(parameters.scaling_list_8x8[0][62], 62);
  EXPECT_EQ(parameters.scaling_list_8x8[1][63], 98);
  auto sorted = parameters.scaling_list_8x8[0];
  std::sort(sorted.begin(), sorted.end());
  for (uint8_t i = 0; i < 64; ++i) EXPECT_EQ(sorted[i], i);
}

class SliceBuffers : public testing::Test {
 protected:
  SliceBuffers() : content(test::make_pcm_picture(4, 4, 1, 0)) {
    content.picture.ReferenceFrames[0] = reference(10);
    content.picture.ReferenceFrames[1] = reference(11, VA_PICTURE_H264_INVALID);
    content.picture.ReferenceFrames[9] = reference(19);
    content.slice.slice_type = 5;  // P
  }
  h264::SliceParameters translate() const {
    return slice_parameters(content.slice, content.picture, bytes);
  }

  test::PcmPicture content;
  std::array<std::byte, 3> bytes{std::byte{1}, std::byte{2}, std::byte{3}};
};

TEST_F(SliceBuffers, SyntaxElements) {
  content.slice.first_mb_in_slice = 8;
  content.slice.slice_type = 6;
  content.slice.direct_spatial_mv_pred_flag = 1;
  content.slice.slice_qp_delta = -20;
  content.slice.cabac_init_idc = 2;
  content.slice.slice_beta_offset_div2 = -6;
  content.slice.num_ref_idx_l1_active_minus1 = 31;
  const auto slice = translate();
  EXPECT_EQ(slice.first_mb_in_slice, 8u);
  EXPECT_EQ(slice.slice_type, h264::SliceType::b);
  EXPECT_TRUE(slice.direct_spatial_mv_pred_flag);
  EXPECT_EQ(slice.slice_qp_delta, -20);
  EXPECT_EQ(slice.cabac_init_idc, 2);
  EXPECT_EQ(slice.slice_beta_offset_div2, -6);
  EXPECT_EQ(slice.num_ref_idx_l1_active_minus1, 31);
  EXPECT_EQ(slice.slice_data_bit_offset, 16u);
  EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), slice.nal_unit.begin(), slice.nal_unit.end()));
}

TEST_F(SliceBuffers, ReferenceListsNameSlots) {
  content.slice.RefPicList0[0] = reference(19);
  content.slice.RefPicList0[1] = reference(10);
  content.slice.RefPicList0[2] = reference(11);  // not in ReferenceFrames
  content.slice.RefPicList0[3] = reference(12);
  content.slice.RefPicList0[31] = reference(10);
  content.slice.RefPicList1[0] = reference(10, VA_PICTURE_H264_INVALID);
  const auto slice = translate();
  EXPECT_EQ(slice.ref_pic_list[0][0], 9);
  EXPECT_EQ(slice.ref_pic_list[0][1], 0);
  EXPECT_EQ(slice.ref_pic_list[0][2], no_reference);
  EXPECT_EQ(slice.ref_pic_list[0][3], no_reference);
  EXPECT_EQ(slice.ref_pic_list[0][4], no_reference);
  EXPECT_EQ(slice.ref_pic_list[0][31], 0);
  EXPECT_EQ(slice.ref_pic_list[1][0], no_reference);
}

TEST_F(SliceBuffers, WeightsAreTheDefaultWhereNothingIsFilledIn) {
  content.slice.luma_log2_weight_denom = 5;
  content.slice.chroma_log2_weight_denom = 3;
  const auto slice = translate();
  for (const auto& list : slice.weights) {
    EXPECT_EQ(list.luma_weight[0], 32);
    EXPECT_EQ(list.luma_offset[31], 0);
    EXPECT_EQ(list.chroma_weight[31][1], 8);
    EXPECT_EQ(list.chroma_offset[0][0], 0);
  }
}

TEST_F(SliceBuffers, WeightsAreTakenWithAndWithoutTheFlag) {
  for (bool flag : {false, true}) {
    content.slice.luma_weight_l0_flag = content.slice.chroma_weight_l1_flag = flag;
    content.slice.luma_weight_l0[0] = -128;
    content.slice.luma_offset_l0[1] = 127;
    content.slice.chroma_weight_l1[2][1] = 3;
    content.slice.chroma_offset_l1[2][0] = -4;
    const auto slice = translate();
    EXPECT_EQ(slice.weights[0].luma_weight[0], -128);
    EXPECT_EQ(slice.weights[0].luma_offset[1], 127);
    EXPECT_EQ(slice.weights[0].luma_weight[1], 0);
    EXPECT_EQ(slice.weights[0].chroma_weight[0][0], 1);
    EXPECT_EQ(slice.weights[1].luma_weight[0], 1);
    EXPECT_EQ(slice.weights[1].chroma_weight[2][1], 3);
    EXPECT_EQ(slice.weights[1].chroma_offset[2][0], -4);
  }
}

TEST_F(SliceBuffers, AZeroWeightMayBeMeant) {
  content.slice.luma_weight_l0_flag = 1;
  content.slice.luma_log2_weight_denom = 2;
  EXPECT_EQ(translate().weights[0].luma_weight[0], 0);
}

}  // namespace

}  // namespace daedalus::va
