// SPDX-License-Identifier: MIT
// Compares MBAFF frames with both kinds of pairs with the scalar reference.
#include "vulkan/fixture.h"

namespace daedalus::vulkan {
namespace {

using h264::PictureStyle;

struct Case {
  DispatchStrategy strategy;
  uint32_t width_in_mbs, height_in_mbs;
};

class MbaffTest : public DeviceFixture, public testing::WithParamInterface<Case> {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(open(GetParam().strategy));
    stage_ = make_stage(width_, height_);
    target_ = make_picture(width_, height_);
  }

  void decode_and_compare(PictureStyle style) {
    style.is_mbaff = true;
    style.field_percent = style.seed % 5 * 25;
    const auto references = make_references(width_, height_, style.seed);
    auto job = stage_->acquire(width_, height_, h264::coefficient_words(width_, height_));
    ASSERT_TRUE(job);
    h264::fill_job(**job, width_, height_, style);
    const auto wanted = expected(**job, target_->layout(), references);
    ASSERT_TRUE(stage_->submit(std::move(*job), target_, references));
    EXPECT_TRUE(same_samples(download(*target_), wanted, target_->layout()))
        << "seed " << style.seed;
  }

  const uint32_t width_ = GetParam().width_in_mbs, height_ = GetParam().height_in_mbs;
  std::unique_ptr<h264::ReconstructionStage> stage_;
  std::shared_ptr<Picture> target_;
};

TEST_P(MbaffTest, InterPrediction) {
  for (uint32_t seed = 0; seed < 10 && !HasFailure(); ++seed) {
    PictureStyle style;
    style.seed = seed;
    style.pcm_percent = style.coded_percent = 0;
    style.far_vectors = seed % 2 == 0;
    style.weighted = seed % 4 > 1;
    style.deblocks = false;
    decode_and_compare(style);
  }
}

TEST_P(MbaffTest, Residual) {
  for (uint32_t seed = 50; seed < 60 && !HasFailure(); ++seed) {
    PictureStyle style;
    style.seed = seed;
    style.coded_percent = 50;
    style.large_levels = true;
    style.deblocks = false;
    decode_and_compare(style);
  }
}

TEST_P(MbaffTest, IntraPrediction) {
  for (uint32_t seed = 100; seed < 120 && !HasFailure(); ++seed) {
    PictureStyle style;
    style.seed = seed;
    style.intra_percent = seed % 2 == 0 ? 100 : 50;
    style.pcm_percent = 5;
    style.unavailable_percent = seed % 3 * 10;
    style.coded_percent = 30;
    style.deblocks = false;
    decode_and_compare(style);
  }
}

TEST_P(MbaffTest, Deblocking) {
  for (uint32_t seed = 200; seed < 240 && !HasFailure(); ++seed) {
    PictureStyle style;
    style.seed = seed;
    style.intra_percent = seed % 4 * 10;
    style.min_qp = 25;
    decode_and_compare(style);
  }
}

std::string case_name(const testing::TestParamInfo<Case>& info) {
  return (info.param.strategy == DispatchStrategy::tickets ? "Tickets" : "Levels") +
         std::to_string(info.param.width_in_mbs) + "x" + std::to_string(info.param.height_in_mbs);
}

constexpr auto tickets = DispatchStrategy::tickets, levels = DispatchStrategy::levels;
INSTANTIATE_TEST_SUITE_P(Sizes, MbaffTest,
                         testing::Values(Case{tickets, 1, 2}, Case{levels, 1, 2},
                                         Case{levels, 2, 4}, Case{tickets, 9, 6},
                                         Case{levels, 9, 6}, Case{levels, 23, 18}),
                         case_name);

}  // namespace
}  // namespace daedalus::vulkan
