// SPDX-License-Identifier: MIT
// Compares field pictures with the scalar reference: only the field's rows change.
#include "vulkan/fixture.h"

namespace daedalus::vulkan {
namespace {

using h264::PictureStructure;
using h264::PictureStyle;

struct Case {
  DispatchStrategy strategy;
  uint32_t width_in_mbs, height_in_mbs;  // of a field
};

class FieldTest : public DeviceFixture, public testing::WithParamInterface<Case> {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(open(GetParam().strategy));
    stage_ = make_stage(width_, height_ * 2);
    target_ = make_picture(width_, height_ * 2);
  }

  void decode_and_compare(PictureStyle style) {
    const auto references = make_references(width_, height_ * 2, style.seed);
    ASSERT_TRUE(target_->upload(h264::random_samples(target_->layout(), style.seed + 1)));
    for (const auto structure : {PictureStructure::bottom_field, PictureStructure::top_field}) {
      style.structure = structure;
      auto job = stage_->acquire(width_, height_, h264::coefficient_words(width_, height_));
      ASSERT_TRUE(job);
      h264::fill_job(**job, width_, height_, style);
      const auto wanted = expected(**job, target_->layout(), references, download(*target_));
      ASSERT_TRUE(stage_->submit(std::move(*job), target_, references));
      ASSERT_TRUE(same_samples(download(*target_), wanted, target_->layout()))
          << "seed " << style.seed << ", structure " << static_cast<int>(structure);
    }
  }

  const uint32_t width_ = GetParam().width_in_mbs, height_ = GetParam().height_in_mbs;
  std::unique_ptr<h264::ReconstructionStage> stage_;
  std::shared_ptr<Picture> target_;
};

TEST_P(FieldTest, InterPrediction) {
  for (uint32_t seed = 0; seed < 8 && !HasFailure(); ++seed) {
    PictureStyle style;
    style.seed = seed;
    style.pcm_percent = style.coded_percent = 0;
    style.far_vectors = seed % 2 == 0;
    style.weighted = seed % 4 > 1;
    style.deblocks = false;
    decode_and_compare(style);
  }
}

TEST_P(FieldTest, IntraAndResidual) {
  for (uint32_t seed = 100; seed < 108 && !HasFailure(); ++seed) {
    PictureStyle style;
    style.seed = seed;
    style.intra_percent = seed % 2 == 0 ? 100 : 50;
    style.pcm_percent = 5;
    style.unavailable_percent = 10;
    style.coded_percent = 40;
    style.large_levels = true;
    style.deblocks = false;
    decode_and_compare(style);
  }
}

TEST_P(FieldTest, Deblocking) {
  for (uint32_t seed = 200; seed < 216 && !HasFailure(); ++seed) {
    PictureStyle style;
    style.seed = seed;
    style.intra_percent = seed % 4 * 10;
    style.min_qp = 25;
    decode_and_compare(style);
  }
}

TEST_P(FieldTest, FramesAndFieldsInTurn) {
  for (uint32_t seed = 300; seed < 304 && !HasFailure(); ++seed) {
    PictureStyle style;
    style.seed = seed;
    style.intra_percent = 30;
    const auto references = make_references(width_, height_ * 2, seed);
    auto job = stage_->acquire(width_, height_ * 2, h264::coefficient_words(width_, height_ * 2));
    ASSERT_TRUE(job);
    h264::fill_job(**job, width_, height_ * 2, style);
    const auto wanted = expected(**job, target_->layout(), references);
    ASSERT_TRUE(stage_->submit(std::move(*job), target_, references));
    ASSERT_TRUE(same_samples(download(*target_), wanted, target_->layout())) << "seed " << seed;
    decode_and_compare(style);
  }
}

std::string case_name(const testing::TestParamInfo<Case>& info) {
  return (info.param.strategy == DispatchStrategy::tickets ? "Tickets" : "Levels") +
         std::to_string(info.param.width_in_mbs) + "x" + std::to_string(info.param.height_in_mbs);
}

constexpr auto tickets = DispatchStrategy::tickets, levels = DispatchStrategy::levels;
INSTANTIATE_TEST_SUITE_P(Sizes, FieldTest,
                         testing::Values(Case{tickets, 1, 1}, Case{levels, 1, 1},
                                         Case{tickets, 9, 5}, Case{levels, 9, 5},
                                         Case{levels, 23, 9}),
                         case_name);

}  // namespace
}  // namespace daedalus::vulkan
