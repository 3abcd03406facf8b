// SPDX-License-Identifier: MIT
// Noise instead of slices, with parameters that are each in range but inconsistent. The result must
// still be a valid job.
#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <random>
#include <thread>

#include "expect_valid.h"
#include "h264/picture_parser.h"
#include "h264/slice_context.h"

namespace daedalus::h264 {
namespace {

class Noise {
 public:
  explicit Noise(uint32_t seed) : random_(seed) {}
  uint32_t below(uint32_t end) { return static_cast<uint32_t>(random_() % end); }
  int between(int first, int last) {
    return first + static_cast<int>(below(static_cast<uint32_t>(last - first + 1)));
  }
  bool coin() { return below(2) != 0; }

  PictureParameters picture();
  SliceParameters slice(const PictureParameters& picture);
  void fill(MotionField& field, uint32_t width_in_mbs, uint32_t height_in_mbs);
  // The motion of a frame, or of one or two fields.
  std::shared_ptr<MotionField> motion(const PictureParameters& picture);

 private:
  PredictionWeights weights();
  std::mt19937 random_;
  std::deque<std::vector<std::byte>> nal_units_;  // of the slices that it created
};

PictureParameters Noise::picture() {
  PictureParameters p;
  p.pic_width_in_mbs = below(8) + 1;
  p.frame_height_in_mbs = below(8) + 1;
  p.chroma_format_idc = below(4) != 0;
  p.frame_mbs_only_flag = coin();
  if (!p.frame_mbs_only_flag) {
    p.frame_height_in_mbs *= 2;
    p.field_pic_flag = below(3) != 0;
    p.bottom_field_flag = coin();
    p.mb_adaptive_frame_field_flag = coin();
  }
  p.direct_8x8_inference_flag = !p.frame_mbs_only_flag || coin();
  p.entropy_coding_mode_flag = coin();
  p.weighted_pred_flag = coin();
  p.weighted_bipred_idc = static_cast<uint8_t>(below(3));
  p.transform_8x8_mode_flag = coin();
  p.constrained_intra_pred_flag = coin();
  p.chroma_qp_index_offset = static_cast<int8_t>(between(-12, 12));
  p.second_chroma_qp_index_offset = static_cast<int8_t>(between(-12, 12));
  p.top_field_order_cnt = between(-300, 300);
  p.bottom_field_order_cnt = coin() ? p.top_field_order_cnt : INT32_MIN;
  for (auto& reference : p.references)
    reference = {
        coin(),        below(4) == 0, between(-300, 300), coin() ? INT32_MAX : between(-9, 9),
        below(4) != 0, below(4) != 0};
  for (auto& list : p.scaling_list_4x4) list.fill(static_cast<uint8_t>(below(256)));
  for (auto& list : p.scaling_list_8x8) list.fill(static_cast<uint8_t>(below(256)));
  return p;
}

PredictionWeights Noise::weights() {
  PredictionWeights w;
  for (std::size_t i = 0; i < 32; ++i) {
    w.luma_weight[i] = static_cast<int16_t>(between(-128, 128));
    w.luma_offset[i] = static_cast<int16_t>(between(-128, 127));
    w.chroma_weight[i] = {static_cast<int16_t>(between(-128, 128)), 1};
    w.chroma_offset[i] = {0, static_cast<int16_t>(between(-128, 127))};
  }
  return w;
}

SliceParameters Noise::slice(const PictureParameters& picture) {
  SliceParameters s;
  s.first_mb_in_slice = coin() ? 0 : below(picture.size_in_mbs() / (picture.is_mbaff() ? 2 : 1));
  s.slice_type = static_cast<SliceType>(below(3));
  const uint32_t most = picture.is_mbaff() ? 16 : 32;
  s.direct_spatial_mv_pred_flag = coin();
  s.num_ref_idx_l0_active_minus1 = static_cast<uint8_t>(coin() ? below(3) : below(most));
  s.num_ref_idx_l1_active_minus1 = static_cast<uint8_t>(coin() ? below(3) : below(most));
  s.cabac_init_idc = static_cast<uint8_t>(below(3));
  s.slice_qp_delta = static_cast<int8_t>(between(-26, 25));
  s.disable_deblocking_filter_idc = static_cast<uint8_t>(below(3));
  s.slice_alpha_c0_offset_div2 = static_cast<int8_t>(between(-6, 6));
  s.slice_beta_offset_div2 = static_cast<int8_t>(between(-6, 6));
  const uint32_t slots = picture.field_pic_flag ? 32 : 16;
  for (auto& list : s.ref_pic_list)
    for (auto& slot : list) slot = static_cast<uint8_t>(coin() ? below(slots) : no_reference);
  s.luma_log2_weight_denom = static_cast<uint8_t>(below(8));
  s.chroma_log2_weight_denom = static_cast<uint8_t>(below(8));
  s.weights = {weights(), weights()};
  auto& nal_unit = nal_units_.emplace_back(below(3000) + 4);
  // Long runs of zeros or ones reach code that uniform noise rarely reaches.
  const uint32_t kind = below(4);
  for (auto& byte : nal_unit)
    byte = static_cast<std::byte>(kind == 0   ? below(4) == 0 ? below(256) : 0
                                  : kind == 1 ? below(8) == 0 ? below(256) : 255
                                              : below(256));
  s.nal_unit = nal_unit;
  s.slice_data_bit_offset = 8 + below(24);
  return s;
}

void Noise::fill(MotionField& field, uint32_t width_in_mbs, uint32_t height_in_mbs) {
  if (below(8) == 0)
    field.begin(1 + below(3), below(10));
  else
    field.begin(width_in_mbs, height_in_mbs);
  field.finish();
  field.serial = below(8);
  for (auto& mb : field.mbs) {
    for (auto& mv : mb.mv)
      mv = {static_cast<int16_t>(between(-2, 2) * (coin() ? 1 : 16000)),
            static_cast<int16_t>(below(65536))};
    for (auto& ref_idx : mb.ref_idx) ref_idx = static_cast<int8_t>(between(-1, 31));
    for (auto& serial : mb.ref_serial) serial = below(8);
    mb.is_field = coin();
  }
}

std::shared_ptr<MotionField> Noise::motion(const PictureParameters& picture) {
  auto motion = std::make_shared<MotionField>();
  const uint32_t width = picture.pic_width_in_mbs, height = picture.frame_height_in_mbs;
  if (picture.frame_mbs_only_flag || coin()) {
    fill(*motion, width, height);
    motion->is_mbaff = picture.mb_adaptive_frame_field_flag && motion->mbs.size() == width * height;
    return motion;
  }
  fill(*motion, width, height / 2);
  motion->structure = coin() ? PictureStructure::top_field : PictureStructure::bottom_field;
  if (coin()) return motion;
  auto second = std::make_shared<MotionField>();
  fill(*second, width, height / 2);
  second->structure = motion->structure == PictureStructure::top_field
                          ? PictureStructure::bottom_field
                          : PictureStructure::top_field;
  second->first_field = std::move(motion);
  return second;
}

TEST(HostileSlices, MakeValidJobs) {
  PictureParser parser;
  uint64_t parsed_mbs = 0, with_colocated = 0;
  for (uint32_t round = 0; round < 3000; ++round) {
    SCOPED_TRACE(round);
    Noise noise(round);
    const PictureParameters picture = noise.picture();
    ASSERT_TRUE(PictureParser::check(picture));
    const uint32_t mb_count = picture.size_in_mbs();
    std::vector<SliceParameters> slices;
    for (uint32_t i = noise.below(5); i > 0; --i) slices.push_back(noise.slice(picture));
    for (const auto& slice : slices) ASSERT_TRUE(PictureParser::check(picture, slice));
    std::array<std::shared_ptr<MotionField>, 16> fields;
    for (auto& field : fields) field = noise.motion(picture);
    PictureParser::Motion motion{};
    for (std::size_t i = 0; i < 16; ++i) motion[i] = noise.coin() ? fields[i].get() : nullptr;
    for (const auto& slice : slices)
      with_colocated += colocated_picture(picture, slice, motion).motion != nullptr;
    MotionField current;
    current.begin(picture.pic_width_in_mbs, picture.height_in_mbs());

    JobMemory memory(picture.pic_width_in_mbs, picture.height_in_mbs(),
                     PictureParser::coefficient_words(picture, slices));
    parser.begin(picture, slices, motion, noise.coin() ? &current : nullptr, memory.job);
    for (std::size_t i = 0; i < slices.size(); ++i) parser.parse_slice(i);
    uint32_t lost = 0, next = 0;
    for (const auto& range : parser.finish()) {
      ASSERT_GE(range.first, next);
      ASSERT_LT(range.last, mb_count);
      ASSERT_LE(range.first, range.last);
      next = range.last + 1;
      lost += range.last - range.first + 1;
    }
    parsed_mbs += mb_count - lost;
    ASSERT_NO_FATAL_FAILURE(expect_valid(memory, picture.pic_width_in_mbs));
  }
  EXPECT_GT(parsed_mbs, 3000u);  // or the noise tested nothing
  EXPECT_GT(with_colocated, 100u);
}

// The order of parsing and the number of threads do not matter: slices share nothing.
TEST(HostileSlices, ParseTheSameInParallel) {
  for (uint32_t round = 0; round < 200; ++round) {
    SCOPED_TRACE(round);
    Noise noise(round);
    const PictureParameters picture = noise.picture();
    std::vector<SliceParameters> slices;
    for (int i = 0; i < 4; ++i) slices.push_back(noise.slice(picture));
    const auto parse = [&](bool in_parallel) {
      auto memory = std::make_unique<JobMemory>(picture.pic_width_in_mbs, picture.height_in_mbs(),
                                                PictureParser::coefficient_words(picture, slices));
      MotionField current;
      current.begin(picture.pic_width_in_mbs, picture.height_in_mbs());
      PictureParser parser;
      parser.begin(picture, slices, {}, &current, memory->job);
      std::vector<std::thread> threads;
      for (std::size_t i = 0; i < slices.size(); ++i) {
        threads.emplace_back([&parser, i] { parser.parse_slice(i); });
        if (!in_parallel) threads.back().join();
      }
      for (auto& thread : threads)
        if (thread.joinable()) thread.join();
      parser.finish();
      return memory;
    };
    const auto expected = parse(false), memory = parse(true);
    ASSERT_EQ(std::memcmp(expected->mbs.data(), memory->mbs.data(),
                          memory->mbs.size() * sizeof(MbRecord)),
              0);
    ASSERT_EQ(std::memcmp(expected->entries.data(), memory->entries.data(),
                          memory->entries.size() * sizeof(Entry)),
              0);
    ASSERT_EQ(expected->blocks, memory->blocks);
    ASSERT_EQ(expected->coefficients, memory->coefficients);
    ASSERT_EQ(expected->intra_mbs, memory->intra_mbs);
    ASSERT_EQ(expected->job.intra_levels, memory->job.intra_levels);
  }
}

TEST(HostileSlices, MoreWeightsThanThereIsRoomFor) {
  Noise noise(1);
  PictureParameters picture = noise.picture();
  picture.pic_width_in_mbs = picture.frame_height_in_mbs = 20;
  picture.frame_mbs_only_flag = true;
  picture.field_pic_flag = false;
  picture.weighted_pred_flag = true;
  std::vector<SliceParameters> slices;
  for (uint32_t i = 0; i < 400; ++i) {
    slices.push_back(noise.slice(picture));
    slices.back().slice_type = SliceType::p;
    slices.back().num_ref_idx_l0_active_minus1 = 31;
    slices.back().first_mb_in_slice = i;
  }
  JobMemory memory(20, 20, PictureParser::coefficient_words(picture, slices));
  PictureParser parser;
  parser.begin(picture, slices, {}, nullptr, memory.job);
  for (std::size_t i = 0; i < slices.size(); ++i) parser.parse_slice(i);
  EXPECT_FALSE(parser.finish().empty());
  expect_valid(memory, 20);
}

}  // namespace
}  // namespace daedalus::h264
