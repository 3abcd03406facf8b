// SPDX-License-Identifier: MIT
// Compares boundary strengths and the three deblocking passes with the filter in raster order.
#include "vulkan/fixture.h"

namespace daedalus::vulkan {
namespace {

using h264::PictureStyle;

struct Size {
  uint32_t width_in_mbs, height_in_mbs;
};

class DeblockingTest : public DeviceFixture, public testing::WithParamInterface<Size> {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(DeviceFixture::SetUp());
    stage_ = make_stage(size_.width_in_mbs, size_.height_in_mbs);
    target_ = make_picture(size_.width_in_mbs, size_.height_in_mbs);
  }

  void decode_and_compare(const PictureStyle& style) {
    const auto [width, height] = size_;
    const auto references = make_references(width, height, style.seed);
    auto job = stage_->acquire(width, height, h264::coefficient_words(width, height));
    ASSERT_TRUE(job);
    h264::fill_job(**job, width, height, style);
    const auto wanted = expected(**job, target_->layout(), references);
    ASSERT_TRUE(stage_->submit(std::move(*job), target_, references));
    EXPECT_TRUE(same_samples(download(*target_), wanted, target_->layout()))
        << "seed " << style.seed << ", QP " << style.min_qp << " to " << style.max_qp
        << ", offsets " << style.min_offset << " to " << style.max_offset;
  }

  const Size size_ = GetParam();
  std::unique_ptr<h264::ReconstructionStage> stage_;
  std::shared_ptr<Picture> target_;
};

TEST_P(DeblockingTest, RandomPictures) {
  for (uint32_t seed = 0; seed < 24 && !HasFailure(); ++seed) {
    PictureStyle style;
    style.seed = seed;
    style.pcm_percent = seed % 4 * 30;
    style.coded_percent = seed % 3 * 20;
    style.unfiltered_percent = seed % 5 * 10;
    style.min_qp = seed % 2 == 0 ? 20 : 0;
    decode_and_compare(style);
  }
}

TEST_P(DeblockingTest, EveryQp) {
  for (int qp = 0; qp < 52 && !HasFailure(); ++qp) {
    PictureStyle style;
    style.seed = static_cast<uint32_t>(100 + qp);
    style.min_qp = style.max_qp = qp;
    style.unfiltered_percent = 0;
    decode_and_compare(style);
  }
}

TEST_P(DeblockingTest, ExtremeOffsets) {
  for (const int offset : {-6, 6}) {
    for (const int qp : {0, 15, 26, 39, 51}) {
      PictureStyle style;
      style.seed = static_cast<uint32_t>(200 + offset + qp);
      style.min_qp = style.max_qp = qp;
      style.min_offset = style.max_offset = offset;
      decode_and_compare(style);
    }
  }
}

TEST_P(DeblockingTest, NoEdgeAtAll) {
  PictureStyle style;
  style.seed = 300;
  style.deblocks = false;
  decode_and_compare(style);  // without the passes
  style.deblocks = true;
  style.unfiltered_percent = 100;
  decode_and_compare(style);  // with passes that only copy
}

std::string size_name(const testing::TestParamInfo<Size>& info) {
  return std::to_string(info.param.width_in_mbs) + "x" + std::to_string(info.param.height_in_mbs);
}

INSTANTIATE_TEST_SUITE_P(Sizes, DeblockingTest,
                         testing::Values(Size{1, 1}, Size{1, 9}, Size{9, 1}, Size{2, 2},
                                         Size{17, 9}, Size{33, 18}),
                         size_name);

}  // namespace
}  // namespace daedalus::vulkan
