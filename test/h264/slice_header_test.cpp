// SPDX-License-Identifier: MIT
// Slice headers that conformance streams lack: broken ones, and ones at the limits of the syntax.
// test/streams/slice_header_test compares the parser with what VA clients send for real streams.
#include "daedalus/h264/slice_header.h"

#include <gtest/gtest.h>

#include <random>

#include "bit_writer.h"
#include "h264/picture_parser.h"
#include "h264/reference_lists.h"

namespace daedalus::h264 {
namespace {

constexpr uint32_t p_slice = 0, i_slice = 2;
constexpr uint32_t no_more_modifications = 3;

PictureParameters frame() {
  PictureParameters picture;
  picture.pic_width_in_mbs = 4;
  picture.frame_height_in_mbs = 4;
  picture.frame_num = 5;
  picture.top_field_order_cnt = picture.bottom_field_order_cnt = 100;
  return picture;
}

void add_reference(PictureParameters& picture, HeaderParameters& header, std::size_t slot,
                   uint16_t number, int32_t order_cnt, bool long_term = false) {
  picture.references[slot] = {.present = true,
                              .long_term = long_term,
                              .top_field_order_cnt = order_cnt,
                              .bottom_field_order_cnt = order_cnt + 1};
  header.reference_numbers[slot] = number;
}

// nal_ref_idc 0, nal_unit_type 1, and the elements before a frame's reference lists.
BitWriter begin(uint32_t slice_type) {
  BitWriter bits;
  bits.bits(1, 8).ue(0).ue(slice_type).ue(0).bits(5, 4).bits(0, 4);
  return bits;
}

struct Parsed {
  std::optional<Error> error;
  SliceParameters slice;
};

Parsed parse(BitWriter bits, const PictureParameters& picture, const HeaderParameters& header) {
  const std::size_t size = bits.bit_count();
  bits.trailing_bits().bits(0x80, 8);
  static std::vector<std::byte> bytes;
  bytes = bits.bytes();
  Parsed parsed;
  if (const auto result = SliceHeaderParser().parse(bytes, picture, header, parsed.slice); !result)
    parsed.error = result.error();
  else
    EXPECT_EQ(parsed.slice.slice_data_bit_offset, size);
  return parsed;
}

std::vector<int> entries(const ReferenceList& list) {
  const auto end = std::find(list.begin(), list.end(), no_reference);
  return {list.begin(), end};
}

TEST(SliceHeader, Intra) {
  const auto parsed = parse(begin(i_slice + 5).se(-7), frame(), {});
  ASSERT_FALSE(parsed.error);
  EXPECT_EQ(parsed.slice.slice_type, SliceType::i);
  EXPECT_EQ(parsed.slice.slice_qp_delta, -7);
}

TEST(SliceHeader, WhatItDoesNotDecodeIsRefused) {
  EXPECT_EQ(parse(begin(3).se(0), frame(), {}).error, Error::unsupported) << "SP";
  EXPECT_EQ(parse(begin(9).se(0), frame(), {}).error, Error::unsupported) << "SI";
  EXPECT_EQ(parse(begin(10).se(0), frame(), {}).error, Error::damaged);
  const HeaderParameters redundant{.redundant_pic_cnt_present_flag = true};
  EXPECT_EQ(parse(begin(i_slice).ue(1).se(0), frame(), redundant).error, Error::unsupported);
  EXPECT_FALSE(parse(begin(i_slice).ue(0).se(0), frame(), redundant).error);
}

TEST(SliceHeader, OfAnotherPictureIsDamaged) {
  auto picture = frame();
  picture.frame_mbs_only_flag = false;
  const auto with_field_flags = [](std::string_view flags) {
    return BitWriter().bits(1, 8).ue(0).ue(i_slice).ue(0).bits(5, 4).bits(flags).bits(0, 4).se(0);
  };
  EXPECT_FALSE(parse(with_field_flags("0"), picture, {}).error);
  EXPECT_EQ(parse(with_field_flags("10"), picture, {}).error, Error::damaged);
  picture.field_pic_flag = true;
  EXPECT_FALSE(parse(with_field_flags("10"), picture, {}).error);
  EXPECT_EQ(parse(with_field_flags("11"), picture, {}).error, Error::damaged);
}

TEST(SliceHeader, OrderCountsOfAllLengths) {
  const HeaderParameters header{.pic_order_cnt_type = 1,
                                .bottom_field_pic_order_in_frame_present_flag = true};
  BitWriter bits;
  bits.bits(1, 8).ue(0).ue(i_slice).ue(0).bits(5, 4);
  bits.bits(0, 31).bits(1, 1).bits(0x7fffffff, 31);  // the longest code
  bits.se(3).se(2);
  const auto parsed = parse(bits, frame(), header);
  ASSERT_FALSE(parsed.error);
  EXPECT_EQ(parsed.slice.slice_qp_delta, 2);
}

TEST(ReferenceLists, OfFrames) {
  auto picture = frame();
  HeaderParameters header;
  add_reference(picture, header, 0, 3, 90);
  add_reference(picture, header, 1, 4, 110);
  add_reference(picture, header, 2, 14, 80);  // 14 - 16: before frame_num wrapped
  add_reference(picture, header, 3, 1, 0, true);
  add_reference(picture, header, 4, 0, 4, true);
  add_reference(picture, header, 5, 2, 120);
  picture.references[5].has_bottom = false;  // no longer a complete frame
  const ReferenceLists lists(picture, header);
  EXPECT_EQ(entries(lists.initial(SliceType::p)[0]), (std::vector{1, 0, 2, 4, 3}));
  EXPECT_EQ(entries(lists.initial(SliceType::b)[0]), (std::vector{0, 2, 1, 4, 3}));
  EXPECT_EQ(entries(lists.initial(SliceType::b)[1]), (std::vector{1, 0, 2, 4, 3}));
}

TEST(ReferenceLists, OfBSlicesDiffer) {
  auto picture = frame();
  HeaderParameters header;
  add_reference(picture, header, 0, 3, 90);
  EXPECT_EQ(entries(ReferenceLists(picture, header).initial(SliceType::b)[1]), std::vector{0});
  add_reference(picture, header, 1, 4, 92);
  const auto lists = ReferenceLists(picture, header).initial(SliceType::b);
  EXPECT_EQ(entries(lists[0]), (std::vector{1, 0}));
  EXPECT_EQ(entries(lists[1]), (std::vector{0, 1}));
}

TEST(ReferenceLists, OfFieldsAlternate) {
  auto picture = frame();
  picture.frame_mbs_only_flag = false;
  picture.field_pic_flag = picture.bottom_field_flag = true;
  HeaderParameters header;
  add_reference(picture, header, 0, 5, 98);  // the first field of this frame
  picture.references[0].has_bottom = false;
  add_reference(picture, header, 1, 4, 96);
  add_reference(picture, header, 2, 3, 94);
  add_reference(picture, header, 3, 7, 10, true);
  const auto lists = ReferenceLists(picture, header).initial(SliceType::p);
  EXPECT_EQ(entries(lists[0]), (std::vector{16 + 1, 0, 16 + 2, 1, 2, 16 + 3, 3}));
}

TEST(ReferenceLists, ModificationsOfLostPicturesKeepTheOthersInPlace) {
  auto picture = frame();
  HeaderParameters header;
  add_reference(picture, header, 0, 4, 98);
  add_reference(picture, header, 1, 2, 94);  // frame 3 is lost
  header.num_ref_idx_l0_default_active_minus1 = 2;
  auto bits = begin(p_slice).bits("0").bits("1").ue(0).ue(1).ue(no_more_modifications).se(0);
  const auto parsed = parse(bits, picture, header);
  ASSERT_FALSE(parsed.error);
  const auto& list = parsed.slice.ref_pic_list[0];
  EXPECT_EQ((std::vector<int>(list.begin(), list.begin() + 4)),
            (std::vector<int>{no_reference, 0, 1, no_reference}));
}

TEST(SliceHeader, TooManyOrUnknownModificationsAreDamage) {
  const auto picture = frame();
  auto bits = begin(p_slice).bits("0").bits("1");
  for (int i = 0; i < 100; ++i) bits.ue(0).ue(0);
  EXPECT_EQ(parse(bits.ue(no_more_modifications).se(0), picture, {}).error, Error::damaged);
  EXPECT_EQ(parse(begin(p_slice).bits("0").bits("1").ue(4).ue(0).ue(3).se(0), picture, {}).error,
            Error::damaged);
}

TEST(SliceHeader, ModificationsAreLessThanMaxPicNum) {
  const auto with = [](uint32_t idc, uint32_t value) {
    auto bits = begin(p_slice).bits("0").bits("1").ue(idc).ue(value);
    return bits.ue(no_more_modifications).se(0);
  };
  for (const uint32_t idc : {0, 1, 2}) {
    EXPECT_FALSE(parse(with(idc, 15), frame(), {}).error) << idc;
    EXPECT_EQ(parse(with(idc, 16), frame(), {}).error, Error::damaged) << idc;
  }
}

TEST(SliceHeader, Weights) {
  auto picture = frame();
  picture.weighted_pred_flag = true;
  const auto with = [](int32_t weight) {
    return begin(p_slice)
        .bits("0")
        .bits("0")
        .ue(5)
        .ue(3)
        .bits("1")
        .se(weight)
        .se(-128)
        .bits("0")
        .se(0);
  };
  const auto parsed = parse(with(-128), picture, {});
  ASSERT_FALSE(parsed.error);
  EXPECT_EQ(parsed.slice.weights[0].luma_weight[0], -128);
  EXPECT_EQ(parsed.slice.weights[0].luma_offset[0], -128);
  EXPECT_EQ(parsed.slice.weights[0].chroma_weight[0][1], 8);
  EXPECT_EQ(parse(with(128), picture, {}).error, Error::damaged);
}

// A truncated slice is read within its bounds, whatever the parameters say. The result is either an
// error or decodable.
TEST(SliceHeader, Noise) {
  std::mt19937 random(1);
  const auto any = [&](uint32_t end) { return static_cast<uint32_t>(random() % end); };
  std::size_t good = 0;
  for (int i = 0; i < 200000; ++i) {
    auto picture = frame();
    picture.frame_mbs_only_flag = any(2) != 0;
    picture.field_pic_flag = !picture.frame_mbs_only_flag && any(2) != 0;
    picture.bottom_field_flag = any(2) != 0;
    picture.weighted_pred_flag = any(2) != 0;
    picture.weighted_bipred_idc = static_cast<uint8_t>(any(3));
    picture.entropy_coding_mode_flag = any(2) != 0;
    picture.direct_8x8_inference_flag = true;
    picture.frame_num = static_cast<uint32_t>(random());
    HeaderParameters header{
        .log2_max_frame_num_minus4 = static_cast<uint8_t>(any(14)),
        .pic_order_cnt_type = static_cast<uint8_t>(any(4)),
        .log2_max_pic_order_cnt_lsb_minus4 = static_cast<uint8_t>(any(14)),
        .num_ref_idx_l0_default_active_minus1 = static_cast<uint8_t>(any(34)),
        .num_ref_idx_l1_default_active_minus1 = static_cast<uint8_t>(any(34)),
        .deblocking_filter_control_present_flag = any(2) != 0,
    };
    for (std::size_t slot = 0; slot < any(17); ++slot) {
      add_reference(picture, header, slot, static_cast<uint16_t>(random()),
                    static_cast<int32_t>(random()), any(2) != 0);
      picture.references[slot].has_top = any(3) != 0;
    }
    std::vector<std::byte> bytes(1 + any(100));
    for (auto& byte : bytes) byte = static_cast<std::byte>(any(4) == 0 ? 0xff : random());
    bytes[0] = static_cast<std::byte>(any(4) << 5 | 1 | any(2) << 2);
    SliceParameters slice;
    if (!SliceHeaderParser().parse(bytes, picture, header, slice)) continue;
    ++good;
    ASSERT_LT(slice.slice_data_bit_offset, bytes.size() * 8);
    slice.slice_qp_delta = 0;
    slice.first_mb_in_slice = 0;
    if (!picture.is_mbaff() || slice.num_ref_idx_l0_active_minus1 < 16) {
      ASSERT_TRUE(PictureParser::check(picture, slice)) << i;
    }
  }
  EXPECT_GT(good, 10000u);
}

}  // namespace
}  // namespace daedalus::h264
