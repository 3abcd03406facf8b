// SPDX-License-Identifier: MIT
#include "vp9/adaptation.h"

#include <gtest/gtest.h>

#include <cstring>

namespace daedalus::vp9 {
namespace {

class Adaptation : public testing::Test {
 protected:
  void adapt() { vp9::adapt(parameters, before, counts, current); }

  AdaptationParameters parameters{.intra = false,
                                  .after_key = false,
                                  .interp_filter = true,
                                  .tx_size = true,
                                  .allow_high_precision_mv = true};
  const Probabilities before = default_probabilities();
  Counts counts{};
  Probabilities current = default_probabilities();
};

TEST_F(Adaptation, WithoutCountsReturnsToWhatWasSaved) {
  current.skip[0] = 7;
  current.coef[2][1][0][9][1] = 8;
  current.mv[1].bits[3] = 9;
  adapt();
  EXPECT_EQ(std::memcmp(&current, &before, sizeof(before)), 0);
}

TEST_F(Adaptation, MovesTowardsWhatWasCounted) {
  counts.skip[1] = {3, 1};  // 128 before, 192 counted, moved by 25/256
  adapt();
  EXPECT_EQ(current.skip[1], (128 * (256 - 25) + 192 * 25 + 128) >> 8);
}

TEST_F(Adaptation, SaturatesAfterTwenty) {
  counts.is_inter[3] = {0, 1000};  // 225 before, 1 counted, moved by a half
  adapt();
  EXPECT_EQ(current.is_inter[3], (225 * 128 + 1 * 128 + 128) >> 8);
}

TEST_F(Adaptation, CoefficientsOfIntraFramesAlone) {
  parameters.intra = true;
  counts.skip[1] = {3, 1};
  counts.coef[0][0][0][0] = {.zero = 10, .one = 20, .two = 10, .no_more = 5, .more_checked = 40};
  current.skip[1] = 99;
  adapt();
  EXPECT_EQ(current.skip[1], 99) << "keeps its forward update";
  const auto merged = [](uint32_t old, uint32_t seen) {
    return (old * (256 - 112) + seen * 112 + 128) >> 8;
  };
  const auto& old = before.coef[0][0][0][0];
  EXPECT_EQ(current.coef[0][0][0][0][0], merged(old[0], (5 * 256 + 20) / 40));
  EXPECT_EQ(current.coef[0][0][0][0][1], merged(old[1], (10 * 256 + 20) / 40));
  EXPECT_EQ(current.coef[0][0][0][0][2], merged(old[2], (20 * 256 + 15) / 30));
}

TEST_F(Adaptation, IsFasterAfterKeyFrames) {
  parameters.after_key = true;
  counts.coef[1][0][1][7] = {.zero = 30, .one = 10, .two = 0, .no_more = 0, .more_checked = 0};
  adapt();
  EXPECT_EQ(current.coef[1][0][1][7][1],
            (before.coef[1][0][1][7][1] * 128u + 192 * 128 + 128) >> 8);
}

TEST_F(Adaptation, CountsTreesNodeByNode) {
  counts.partition[5] = {4, 0, 0, 12};  // none, horz, vert, split
  adapt();
  const auto merged = [](uint32_t old, uint32_t seen, uint32_t factor) {
    return (old * (256 - factor) + seen * factor + 128) >> 8;
  };
  EXPECT_EQ(current.partition[5][0], merged(before.partition[5][0], 64, 102));
  EXPECT_EQ(current.partition[5][1], merged(before.partition[5][1], 1, 76));
  EXPECT_EQ(current.partition[5][2], merged(before.partition[5][2], 1, 76));
}

TEST_F(Adaptation, TransformSizesAskFromTheSmallestUp) {
  counts.tx[2][0] = {2, 2, 4, 8};
  adapt();
  const auto merged = [](uint32_t old, uint32_t seen, uint32_t factor) {
    return (old * (256 - factor) + seen * factor + 128) >> 8;
  };
  EXPECT_EQ(current.tx_32x32[0][0], merged(before.tx_32x32[0][0], 32, 102));
  EXPECT_EQ(current.tx_32x32[0][1], merged(before.tx_32x32[0][1], (2 * 256 + 7) / 14, 89));
  EXPECT_EQ(current.tx_32x32[0][2], merged(before.tx_32x32[0][2], (4 * 256 + 6) / 12, 76));
}

TEST_F(Adaptation, LeavesWhatTheFrameDidNotCode) {
  parameters.interp_filter = parameters.tx_size = parameters.allow_high_precision_mv = false;
  counts.interp_filter[0] = {1, 2, 3};
  counts.tx[0][0] = {4, 4, 0, 0};
  counts.mv[0].hp = {5, 5};
  current.interp_filter[0][0] = 11;
  current.tx_8x8[0][0] = 12;
  current.mv[0].hp = 13;
  adapt();
  EXPECT_EQ(current.interp_filter[0][0], 11);
  EXPECT_EQ(current.tx_8x8[0][0], 12);
  EXPECT_EQ(current.mv[0].hp, 13);
}

TEST(Counts, AddUp) {
  Counts sum{}, other{};
  sum.mv[1].hp = {1, 2};
  other.mv[1].hp = {10, 20};
  other.coef[3][1][1][35].more_checked = 7;
  sum.add(other);
  EXPECT_EQ(sum.mv[1].hp, (std::array<uint32_t, 2>{11, 22}));
  EXPECT_EQ(sum.coef[3][1][1][35].more_checked, 7u);
}

}  // namespace
}  // namespace daedalus::vp9
