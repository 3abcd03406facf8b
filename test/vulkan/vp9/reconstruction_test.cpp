// SPDX-License-Identifier: MIT
// Compares the device's random pictures with the scalar reference.
#include "fixture.h"

namespace daedalus::vulkan {
namespace {

using vp9::PictureStyle;

class Vp9ReconstructionTest : public Vp9Fixture,
                              public testing::WithParamInterface<DispatchStrategy> {
 protected:
  void SetUp() override { open(GetParam()); }
};

// Disables the stages after inter prediction.
PictureStyle only_inter() {
  PictureStyle style;
  style.intra_percent = 0;
  style.no_inner_percent = 100;
  style.filters = false;
  return style;
}

PictureStyle only_intra() {
  PictureStyle style;
  style.intra_percent = 100;
  style.coded_percent = 0;
  style.filters = false;
  return style;
}

TEST_P(Vp9ReconstructionTest, PredictsInterBlocks) {
  for (uint32_t seed = 1; seed <= 6; ++seed) {
    PictureStyle style = only_inter();
    style.seed = seed;
    style.mv_range = seed % 2 ? 200 : 4000;
    EXPECT_TRUE(reconstructs(200 + seed * 3, 136 + seed, style)) << "seed " << seed;
  }
}

TEST_P(Vp9ReconstructionTest, AddsInterResiduals) {
  for (uint32_t seed = 1; seed <= 6; ++seed) {
    PictureStyle style = only_inter();
    style.seed = seed;
    style.no_inner_percent = 0;
    style.large_residual = seed % 2;
    style.only_tx = seed == 6 ? 4 : seed - 1;
    EXPECT_TRUE(reconstructs(200, 136, style)) << "seed " << seed;
  }
}

TEST_P(Vp9ReconstructionTest, PredictsIntraBlocks) {
  for (uint32_t seed = 1; seed <= 6; ++seed) {
    PictureStyle style = only_intra();
    style.seed = seed;
    style.tile_columns = seed % 3 + 1;
    style.coded_percent = seed % 2 ? 0 : 40;
    EXPECT_TRUE(reconstructs(200 + seed * 3, 136 + seed, style)) << "seed " << seed;
  }
}

TEST_P(Vp9ReconstructionTest, ReconstructsIntraAmongInterBlocks) {
  for (uint32_t seed = 1; seed <= 4; ++seed) {
    PictureStyle style;
    style.seed = seed;
    style.filters = false;
    style.intra_percent = 20 * seed;
    style.large_residual = seed % 2;
    EXPECT_TRUE(reconstructs(264, 200, style)) << "seed " << seed;
  }
}

TEST_P(Vp9ReconstructionTest, ReconstructsLosslessPictures) {
  PictureStyle style;
  style.lossless = true;
  style.filters = false;
  EXPECT_TRUE(reconstructs(136, 72, style));
}

TEST_P(Vp9ReconstructionTest, FiltersPictures) {
  for (uint32_t seed = 1; seed <= 12; ++seed) {
    PictureStyle style;
    style.seed = seed;
    style.sharpness = seed % 3 ? 0 : seed % 8;
    style.intra_percent = 10;
    style.coded_percent = 5;
    style.only_tx = seed % 6 < 4 ? 4 : seed % 6 - 4;
    style.mv_range = 16;
    style.unfiltered_percent = seed % 4 == 0 ? 30 : 0;
    style.no_inner_percent = seed % 2 ? 40 : 0;
    EXPECT_TRUE(reconstructs(264 + seed * 3, 200 + seed * 2, style)) << "seed " << seed;
  }
}

TEST_P(Vp9ReconstructionTest, FiltersPicturesWithoutCuts) {
  for (uint32_t seed = 1; seed <= 6; ++seed) {
    PictureStyle style;
    style.seed = seed;
    style.intra_percent = 2;
    style.coded_percent = 3;
    style.only_tx = 0;
    style.mv_range = 8;
    style.unfiltered_percent = 0;
    style.no_inner_percent = seed < 3 ? 0 : 1;
    style.min_level = 20;
    EXPECT_TRUE(reconstructs(328, 264, style)) << "seed " << seed;
  }
}

TEST_P(Vp9ReconstructionTest, ReconstructsAllSizes) {
  for (uint32_t size = 1; size <= 26; ++size) {
    PictureStyle style;
    style.seed = size;
    const uint32_t width = size * size % 131 + 1, height = size * 7 % 90 + 1;
    EXPECT_TRUE(reconstructs(width, height, style)) << width << "x" << height;
  }
  EXPECT_TRUE(reconstructs(1, 1, {}));
  EXPECT_TRUE(reconstructs(8, 130, {}));
}

TEST_P(Vp9ReconstructionTest, PredictsFromScaledReferences) {
  constexpr std::array<vp9::ReferenceSize, 6> sizes = {
      {{400, 272}, {100, 68}, {13, 9}, {200, 136}, {150, 102}, {201, 271}}};
  for (uint32_t seed = 1; seed <= 6; ++seed) {
    PictureStyle style = only_inter();
    style.seed = seed;
    style.mv_range = seed % 2 ? 200 : 6000;
    EXPECT_TRUE(reconstructs(
        200, 136, style, {sizes[seed % 6], sizes[(seed + 1) % 6], vp9::ReferenceSize{200, 136}}))
        << "seed " << seed;
  }
}

TEST_P(Vp9ReconstructionTest, ReconstructsTenBits) {
  for (uint32_t seed = 1; seed <= 12; ++seed) {
    PictureStyle style;
    style.seed = seed;
    style.bit_depth = 10;
    style.filters = seed > 4;
    style.large_residual = seed % 2;
    style.intra_percent = seed * 8;
    style.coded_percent = seed % 3 ? 40 : 5;
    style.lossless = seed == 12;
    EXPECT_TRUE(reconstructs(200 + seed * 3, 136 + seed, style)) << "seed " << seed;
  }
}

TEST_P(Vp9ReconstructionTest, PredictsTenBitsFromScaledReferences) {
  PictureStyle style = only_inter();
  style.bit_depth = 10;
  EXPECT_TRUE(reconstructs(200, 136, style, {{{400, 200}, {100, 68}, {200, 136}}}));
}

TEST_P(Vp9ReconstructionTest, TakesFewDispatchesForInterPictures) {
  for (uint32_t seed = 1; seed <= 6; ++seed) {
    PictureStyle style;
    style.seed = seed;
    style.only_tx = seed % 2 ? 0 : 4;
    style.unfiltered_percent = 0;
    const uint64_t before = device->dispatches;
    EXPECT_TRUE(reconstructs(328, 264, style, {{{328, 264}, {400, 272}, {328, 264}}}));
    // By levels, intra prediction may take three dispatches instead of one, and strips seven
    // instead of three.
    const uint64_t most = GetParam() == DispatchStrategy::tickets ? 10 : 16;
    EXPECT_LE(device->dispatches - before, most) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Strategies, Vp9ReconstructionTest,
                         testing::Values(DispatchStrategy::levels, DispatchStrategy::tickets),
                         [](const auto& strategy) {
                           return strategy.param == DispatchStrategy::levels ? "Levels" : "Tickets";
                         });

}  // namespace
}  // namespace daedalus::vulkan
