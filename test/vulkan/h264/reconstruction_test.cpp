// SPDX-License-Identifier: MIT
// Compares inter prediction, residuals and intra prediction, by tickets and by levels, with the
// scalar reference.
#include "vulkan/fixture.h"

namespace daedalus::vulkan {
namespace {

using h264::PictureStyle;

struct Case {
  DispatchStrategy strategy;
  uint32_t width_in_mbs, height_in_mbs;
};

class ReconstructionTest : public DeviceFixture, public testing::WithParamInterface<Case> {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(open(GetParam().strategy));
    stage_ = make_stage(width_, height_);
    target_ = make_picture(width_, height_);
  }

  void decode_and_compare(const PictureStyle& style) {
    const auto references = make_references(width_, height_, style.seed);
    if (style.seed % 3 == 0) {
      const auto samples = h264::extreme_samples(references[0]->layout(), style.seed);
      ASSERT_TRUE(references[0]->upload(samples));
    }
    if (style.seed % 3 == 1) {
      for (uint32_t slot = 0; slot < different_references; ++slot) {
        const auto samples = h264::steep_samples(references[slot]->layout(), slot);
        ASSERT_TRUE(references[slot]->upload(samples));
      }
    }
    auto job = stage_->acquire(width_, height_, h264::coefficient_words(width_, height_));
    ASSERT_TRUE(job);
    h264::fill_job(**job, width_, height_, style);
    const auto wanted = expected(**job, target_->layout(), references);
    ASSERT_TRUE(stage_->submit(std::move(*job), target_, references));
    EXPECT_TRUE(same_samples(download(*target_), wanted, target_->layout()))
        << "seed " << style.seed << ", QP " << style.min_qp << " to " << style.max_qp;
  }

  const uint32_t width_ = GetParam().width_in_mbs, height_ = GetParam().height_in_mbs;
  std::unique_ptr<h264::ReconstructionStage> stage_;
  std::shared_ptr<Picture> target_;
};

PictureStyle plain(uint32_t seed) {
  PictureStyle style;
  style.seed = seed;
  style.pcm_percent = 0;
  style.coded_percent = 0;
  style.deblocks = false;
  return style;
}

TEST_P(ReconstructionTest, InterPrediction) {
  for (uint32_t seed = 0; seed < 12 && !HasFailure(); ++seed) {
    PictureStyle style = plain(seed);
    style.far_vectors = true;
    decode_and_compare(style);
  }
}

TEST_P(ReconstructionTest, WeightedPrediction) {
  for (uint32_t seed = 100; seed < 112 && !HasFailure(); ++seed) {
    PictureStyle style = plain(seed);
    style.far_vectors = seed % 2 == 0;
    style.weighted = true;
    decode_and_compare(style);
  }
}

TEST_P(ReconstructionTest, InterResidualOfEveryQp) {
  for (int qp = 0; qp < 52 && !HasFailure(); ++qp) {
    PictureStyle style = plain(static_cast<uint32_t>(200 + qp));
    style.min_qp = style.max_qp = qp;
    style.coded_percent = 50;
    style.large_levels = true;
    decode_and_compare(style);
  }
}

TEST_P(ReconstructionTest, IntraPrediction) {
  for (uint32_t seed = 300; seed < 316 && !HasFailure(); ++seed) {
    PictureStyle style = plain(seed);
    style.intra_percent = seed % 2 == 0 ? 100 : 50;
    style.pcm_percent = seed % 4 * 5;
    style.unavailable_percent = seed % 3 * 10;
    style.coded_percent = 30;
    decode_and_compare(style);
  }
}

TEST_P(ReconstructionTest, IntraResidualOfEveryQp) {
  for (int qp = 0; qp < 52 && !HasFailure(); ++qp) {
    PictureStyle style = plain(static_cast<uint32_t>(400 + qp));
    style.intra_percent = 90;
    style.min_qp = style.max_qp = qp;
    style.coded_percent = 50;
    style.large_levels = true;
    decode_and_compare(style);
  }
}

TEST_P(ReconstructionTest, EverythingTogether) {
  for (uint32_t seed = 500; seed < 516 && !HasFailure(); ++seed) {
    PictureStyle style;
    style.seed = seed;
    style.pcm_percent = 2;
    style.intra_percent = 30;
    style.unavailable_percent = 10;
    style.coded_percent = seed % 4 * 20;
    style.large_levels = seed % 2 == 0;
    style.far_vectors = seed % 3 != 0;
    style.weighted = true;
    decode_and_compare(style);
  }
}

std::string case_name(const testing::TestParamInfo<Case>& info) {
  return (info.param.strategy == DispatchStrategy::tickets ? "Tickets" : "Levels") +
         std::to_string(info.param.width_in_mbs) + "x" + std::to_string(info.param.height_in_mbs);
}

constexpr auto tickets = DispatchStrategy::tickets, levels = DispatchStrategy::levels;
INSTANTIATE_TEST_SUITE_P(Sizes, ReconstructionTest,
                         testing::Values(Case{tickets, 1, 1}, Case{levels, 1, 1},
                                         Case{tickets, 1, 9}, Case{levels, 1, 9},
                                         Case{tickets, 9, 1}, Case{levels, 9, 1},
                                         Case{tickets, 17, 9}, Case{levels, 17, 9},
                                         Case{tickets, 40, 23}, Case{levels, 40, 23}),
                         case_name);

}  // namespace
}  // namespace daedalus::vulkan
