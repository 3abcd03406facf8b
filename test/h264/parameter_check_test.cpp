// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <array>
#include <optional>

#include "h264/picture_parser.h"

namespace daedalus::h264 {
namespace {

PictureParameters picture() {
  PictureParameters parameters;
  parameters.pic_width_in_mbs = 4;
  parameters.frame_height_in_mbs = 3;
  return parameters;
}

SliceParameters slice(SliceType type) {
  SliceParameters parameters;
  parameters.slice_type = type;
  for (auto& list : parameters.ref_pic_list) list.fill(no_reference);
  static constexpr std::array<std::byte, 10> nal_unit{};
  parameters.nal_unit = nal_unit;
  parameters.slice_data_bit_offset = 20;
  return parameters;
}

std::optional<Error> error_of(const Result<void>& result) {
  return result ? std::nullopt : std::optional(result.error());
}

template <typename Change>
std::optional<Error> check_picture(Change change) {
  auto parameters = picture();
  change(parameters);
  return error_of(PictureParser::check(parameters));
}

template <typename Change>
std::optional<Error> check_slice(SliceType type, Change change) {
  auto parameters = slice(type);
  change(parameters);
  return error_of(PictureParser::check(picture(), parameters));
}

constexpr std::optional<Error> good;
constexpr std::optional<Error> unsupported = Error::unsupported;
constexpr std::optional<Error> invalid = Error::invalid_parameter;

TEST(ParameterCheck, Scope) {
  using P = PictureParameters;
  EXPECT_EQ(error_of(PictureParser::check(picture())), good);
  const auto check_interlaced = [](auto&& change) {
    return check_picture([&](P& p) {
      p.frame_mbs_only_flag = false;
      p.direct_8x8_inference_flag = true;
      p.frame_height_in_mbs = 4;
      change(p);
    });
  };
  EXPECT_EQ(check_interlaced([](P&) {}), good);
  EXPECT_EQ(check_interlaced([](P& p) { p.field_pic_flag = true; }), good);
  EXPECT_EQ(check_interlaced([](P& p) { p.frame_height_in_mbs = 3; }), invalid);
  EXPECT_EQ(check_interlaced([](P& p) { p.direct_8x8_inference_flag = false; }), invalid);
  EXPECT_EQ(check_picture([](P& p) { p.mb_adaptive_frame_field_flag = true; }), good);
  EXPECT_EQ(check_interlaced([](P& p) { p.mb_adaptive_frame_field_flag = true; }), good);
  EXPECT_EQ(check_picture([](P& p) { p.field_pic_flag = true; }), invalid);  // frame_mbs_only_flag
  EXPECT_EQ(check_picture([](P& p) { p.chroma_format_idc = 0; }), good);
  EXPECT_EQ(check_picture([](P& p) { p.chroma_format_idc = 2; }), unsupported);
  EXPECT_EQ(check_picture([](P& p) { p.bit_depth_luma_minus8 = 2; }), unsupported);
  EXPECT_EQ(check_picture([](P& p) { p.bit_depth_chroma_minus8 = 1; }), unsupported);
  EXPECT_EQ(check_picture([](P& p) { p.num_slice_groups_minus1 = 1; }), unsupported);
}

TEST(ParameterCheck, PictureRanges) {
  using P = PictureParameters;
  EXPECT_EQ(check_picture([](P& p) { p.pic_width_in_mbs = 0; }), invalid);
  EXPECT_EQ(check_picture([](P& p) { p.pic_width_in_mbs = 257; }), invalid);
  EXPECT_EQ(check_picture([](P& p) { p.frame_height_in_mbs = 1u << 31; }), invalid);
  EXPECT_EQ(check_picture([](P& p) { p.frame_height_in_mbs = 256; }), good);
  EXPECT_EQ(check_picture([](P& p) { p.weighted_bipred_idc = 3; }), invalid);
  EXPECT_EQ(check_picture([](P& p) { p.pic_init_qp_minus26 = 26; }), invalid);
  EXPECT_EQ(check_picture([](P& p) { p.chroma_qp_index_offset = -13; }), invalid);
  EXPECT_EQ(check_picture([](P& p) { p.second_chroma_qp_index_offset = 13; }), invalid);
}

TEST(ParameterCheck, SliceRanges) {
  using S = SliceParameters;
  const auto i = SliceType::i, p = SliceType::p, b = SliceType::b;
  for (auto type : {i, p, b})
    EXPECT_EQ(error_of(PictureParser::check(picture(), slice(type))), good);
  EXPECT_EQ(check_slice(i, [](S& s) { s.slice_type = static_cast<SliceType>(3); }), invalid);
  EXPECT_EQ(check_slice(i, [](S& s) { s.first_mb_in_slice = 12; }), invalid);
  EXPECT_EQ(check_slice(i, [](S& s) { s.slice_qp_delta = 26; }), invalid);
  EXPECT_EQ(check_slice(i, [](S& s) { s.slice_qp_delta = -27; }), invalid);
  EXPECT_EQ(check_slice(i, [](S& s) { s.disable_deblocking_filter_idc = 3; }), invalid);
  EXPECT_EQ(check_slice(i, [](S& s) { s.slice_beta_offset_div2 = 7; }), invalid);
  EXPECT_EQ(check_slice(i, [](S& s) { s.nal_unit = {}; }), invalid);
  EXPECT_EQ(check_slice(i, [](S& s) { s.slice_data_bit_offset = 80; }), invalid);
  EXPECT_EQ(check_slice(i, [](S& s) { s.num_ref_idx_l0_active_minus1 = 32; }), good);
  EXPECT_EQ(check_slice(p, [](S& s) { s.num_ref_idx_l0_active_minus1 = 32; }), invalid);
  EXPECT_EQ(check_slice(p, [](S& s) { s.num_ref_idx_l1_active_minus1 = 32; }), good);
  EXPECT_EQ(check_slice(b, [](S& s) { s.num_ref_idx_l1_active_minus1 = 32; }), invalid);
  EXPECT_EQ(check_slice(p, [](S& s) { s.cabac_init_idc = 3; }), invalid);
  EXPECT_EQ(check_slice(p, [](S& s) { s.ref_pic_list[0][0] = 16; }), invalid);
  EXPECT_EQ(check_slice(p, [](S& s) { s.ref_pic_list[0][1] = 16; }), good);  // inactive entry
}

TEST(ParameterCheck, SlicesOfMbaffFramesCountPairs) {
  auto frame = picture();
  frame.frame_mbs_only_flag = false;
  frame.mb_adaptive_frame_field_flag = frame.direct_8x8_inference_flag = true;
  frame.frame_height_in_mbs = 4;
  auto parameters = slice(SliceType::p);
  const uint32_t pairs = frame.pic_width_in_mbs * 2;
  parameters.first_mb_in_slice = pairs - 1;
  EXPECT_EQ(error_of(PictureParser::check(frame, parameters)), good);
  parameters.first_mb_in_slice = pairs;
  EXPECT_EQ(error_of(PictureParser::check(frame, parameters)), invalid);
  parameters.first_mb_in_slice = 0x80000000u + 1;
  EXPECT_EQ(error_of(PictureParser::check(frame, parameters)), invalid);
  parameters.first_mb_in_slice = 0;
  parameters.num_ref_idx_l0_active_minus1 = 16;
  EXPECT_EQ(error_of(PictureParser::check(frame, parameters)), invalid);
}

TEST(ParameterCheck, WeightsMatterInExplicitModeOnly) {
  auto parameters = slice(SliceType::p);
  parameters.luma_log2_weight_denom = 8;
  EXPECT_EQ(error_of(PictureParser::check(picture(), parameters)), good);
  auto weighted = picture();
  weighted.weighted_pred_flag = true;
  EXPECT_EQ(error_of(PictureParser::check(weighted, parameters)), invalid);
  parameters.luma_log2_weight_denom = 7;
  parameters.weights = {};
  EXPECT_EQ(error_of(PictureParser::check(weighted, parameters)), good);
  parameters.weights[0].chroma_weight[0][1] = 129;
  EXPECT_EQ(error_of(PictureParser::check(weighted, parameters)), invalid);
}

}  // namespace
}  // namespace daedalus::h264
