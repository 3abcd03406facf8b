// SPDX-License-Identifier: MIT
// Compares the device's inter prediction of random pictures with the scalar reference.
#include "fixture.h"
#include "random_predictions.h"
#include "reference/av1/inter_prediction.h"

namespace daedalus::vulkan {
namespace {

using av1::PredictionStyle;
using av1::ReferenceSize;

class Av1PredictionTest : public Av1Fixture, public testing::WithParamInterface<uint32_t> {
 protected:
  void SetUp() override { open(DispatchStrategy::levels); }

  using Sizes = std::array<ReferenceSize, av1::reference_count>;

  // Noise; in some pictures only extreme values.
  static std::vector<std::byte> reference_samples(const PictureLayout& layout, uint32_t seed) {
    auto samples = random_samples(layout, seed);
    if (seed % 3 != 0) return samples;
    const bool is_p010 = layout.format == PictureFormat::p010;
    for (std::size_t i = 0; i < samples.size(); i += is_p010 ? 2 : 1) {
      const bool largest = (samples[is_p010 ? i + 1 : i] & std::byte{1}) != std::byte{0};
      samples[i] = largest ? is_p010 ? std::byte{0xc0} : std::byte{0xff} : std::byte{0};
      if (is_p010) samples[i + 1] = largest ? std::byte{0xff} : std::byte{0};
    }
    return samples;
  }

  testing::AssertionResult predicts(uint32_t width, uint32_t height, const PredictionStyle& style,
                                    const Sizes& sizes) {
    const uint32_t bit_depth = GetParam();
    auto job = stage->acquire({width, height, width}, av1::max_room(width, height));
    if (!job) return testing::AssertionFailure() << "no job";
    (*job)->bit_depth = bit_depth;
    av1::ReconstructionStage::References references;
    std::array<std::vector<std::byte>, av1::reference_count> samples;
    std::array<av1::scalar::PictureView, av1::reference_count> views = {};
    for (uint32_t i = 0; i < av1::reference_count; ++i) {
      (*job)->references[i] = sizes[i];
      if (sizes[i].width == 0) continue;
      auto picture = make_picture(bit_depth, sizes[i].width, sizes[i].height);
      samples[i] = reference_samples(picture->layout(), style.seed * 7 + i);
      EXPECT_TRUE(picture->upload(samples[i]));
      views[i] = view(samples[i], picture->layout());
      references[i] = std::move(picture);
    }
    av1::fill_with_predictions(**job, style);
    auto target = make_picture(bit_depth, width, height);
    std::vector<std::byte> wanted(target->layout().size);
    av1::scalar::predict_inter(**job, view(wanted, target->layout()), views);
    if (!stage->submit(std::move(*job), {target, nullptr}, references))
      return testing::AssertionFailure() << "not submitted";
    auto actual = download(*target);
    return same_samples(actual, wanted, target->layout(), (width + 7) / 8 * 8,
                        (height + 7) / 8 * 8);
  }

  testing::AssertionResult predicts(uint32_t width, uint32_t height, const PredictionStyle& style) {
    Sizes sizes{};
    for (uint32_t i = 0; i < 4; ++i) sizes[i] = {width, height};
    return predicts(width, height, style, sizes);
  }
};

TEST_P(Av1PredictionTest, PredictsSimpleBlocks) {
  for (uint32_t seed = 1; seed <= 12; ++seed) {
    PredictionStyle style;
    style.seed = seed;
    style.mv_range = seed % 4 == 0 ? 16383 : seed % 2 ? 200 : 4000;
    style.split_percent = 20 + seed * 5;
    EXPECT_TRUE(predicts(250 + seed * 3, 134 + seed, style)) << "seed " << seed;
  }
}

TEST_P(Av1PredictionTest, PredictsWithEachKernel) {
  for (uint32_t kernel = 0; kernel < 4; ++kernel) {
    PredictionStyle style;
    style.seed = 20 + kernel;
    style.only_kernel = kernel;
    EXPECT_TRUE(predicts(200, 136, style)) << "kernel " << kernel;
  }
}

TEST_P(Av1PredictionTest, PredictsAllSizes) {
  for (uint32_t size = 1; size <= 20; ++size) {
    PredictionStyle style;
    style.seed = size;
    style.masked_percent = style.warp_percent = style.overlap_percent = size % 2 ? 0 : 30;
    const uint32_t width = size * size % 131 + 1, height = size * 7 % 90 + 1;
    EXPECT_TRUE(predicts(width, height, style)) << width << "x" << height;
  }
  EXPECT_TRUE(predicts(1, 1, {}));
  EXPECT_TRUE(predicts(8, 130, {}));
}

TEST_P(Av1PredictionTest, BlendsWithMasks) {
  for (uint32_t seed = 1; seed <= 8; ++seed) {
    PredictionStyle style;
    style.seed = seed;
    style.compound_percent = 90;
    style.masked_percent = 80;
    style.mv_range = seed % 2 ? 60 : 4000;
    EXPECT_TRUE(predicts(250 + seed * 3, 134 + seed, style)) << "seed " << seed;
  }
}

TEST_P(Av1PredictionTest, Warps) {
  for (uint32_t seed = 1; seed <= 8; ++seed) {
    PredictionStyle style;
    style.seed = seed;
    style.warp_percent = 80;
    style.masked_percent = 20;
    EXPECT_TRUE(predicts(250 + seed * 3, 134 + seed, style)) << "seed " << seed;
  }
}

TEST_P(Av1PredictionTest, BlendsOverlaps) {
  for (uint32_t seed = 1; seed <= 8; ++seed) {
    PredictionStyle style;
    style.seed = seed;
    style.compound_percent = 10;
    style.overlap_percent = 90;
    style.mv_range = seed % 2 ? 60 : 16000;
    EXPECT_TRUE(predicts(250 + seed * 3, 134 + seed, style)) << "seed " << seed;
  }
}

TEST_P(Av1PredictionTest, PredictsFromScaledReferences) {
  constexpr std::array<ReferenceSize, 6> sizes = {
      {{400, 272}, {100, 68}, {13, 9}, {200, 136}, {150, 102}, {201, 271}}};
  for (uint32_t seed = 1; seed <= 8; ++seed) {
    PredictionStyle style;
    style.seed = seed;
    style.masked_percent = style.overlap_percent = seed % 2 ? 40 : 0;
    style.warp_percent = 20;
    style.mv_range = seed % 3 ? 200 : 16383;
    Sizes all{};
    all[0] = sizes[seed % 6];
    all[1] = sizes[(seed + 1) % 6];
    all[5] = {200, 136};
    EXPECT_TRUE(predicts(200, 136, style, all)) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(BitDepths, Av1PredictionTest, testing::Values(8, 10),
                         [](const auto& depth) { return "Bits" + std::to_string(depth.param); });

}  // namespace
}  // namespace daedalus::vulkan
