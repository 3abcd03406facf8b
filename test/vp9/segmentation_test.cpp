// SPDX-License-Identifier: MIT
#include "vp9/segmentation.h"

#include <gtest/gtest.h>

namespace daedalus::vp9 {
namespace {

TEST(Dequantization, OfTheFrame) {
  EXPECT_EQ(dequantization({.base_q_idx = 0}, nullptr, 0, 8), (Dequantization{{{4, 4}, {4, 4}}}));
  EXPECT_EQ(dequantization({.base_q_idx = 255}, nullptr, 0, 8),
            (Dequantization{{{1336, 1828}, {1336, 1828}}}));
  EXPECT_EQ(dequantization({.base_q_idx = 255}, nullptr, 0, 10),
            (Dequantization{{{5347, 7312}, {5347, 7312}}}));
}

TEST(Dequantization, DeltasAreClamped) {
  const Quantizer quantizer{
      .base_q_idx = 250, .delta_q_y_dc = 15, .delta_q_uv_dc = -15, .delta_q_uv_ac = 15};
  const auto factors = dequantization(quantizer, nullptr, 0, 8);
  EXPECT_EQ(factors[0][0], 1336);
  EXPECT_LT(factors[1][0], 1336);
  EXPECT_EQ(factors[1][1], 1828);
}

TEST(Dequantization, OfASegment) {
  SegmentationFeatures features;
  features.enabled[3] = 1 << seg_alt_q;
  features.data[3][seg_alt_q] = -200;
  const Quantizer quantizer{.base_q_idx = 100};
  EXPECT_EQ(dequantization(quantizer, &features, 3, 8),
            dequantization({.base_q_idx = 0}, nullptr, 0, 8));
  EXPECT_EQ(dequantization(quantizer, &features, 2, 8), dequantization(quantizer, nullptr, 0, 8));
  features.abs_or_delta_update = true;
  features.data[3][seg_alt_q] = 30;
  EXPECT_EQ(dequantization(quantizer, &features, 3, 8),
            dequantization({.base_q_idx = 30}, nullptr, 0, 8));
}

TEST(FilterLevels, WithoutDeltas) {
  const auto levels = filter_levels(20, nullptr, nullptr, 0);
  for (const auto& ref : levels) EXPECT_EQ(ref, (std::array<uint8_t, 2>{20, 20}));
}

TEST(FilterLevels, DeltasOfReferenceAndMode) {
  const LoopFilterDeltas deltas{.ref = {1, 0, -2, -70}, .mode = {3, -4}};
  const auto levels = filter_levels(20, &deltas, nullptr, 0);
  EXPECT_EQ(levels[intra_frame][0], 21);
  EXPECT_EQ(levels[last_frame], (std::array<uint8_t, 2>{23, 16}));
  EXPECT_EQ(levels[golden_frame], (std::array<uint8_t, 2>{21, 14}));
  EXPECT_EQ(levels[altref_frame], (std::array<uint8_t, 2>{0, 0}));
}

// The frame's level, not the segment's, decides whether deltas are doubled.
TEST(FilterLevels, ScaleIsTheFrames) {
  const LoopFilterDeltas deltas{.ref = {1, 0, 0, 0}, .mode = {0, 0}};
  SegmentationFeatures features;
  features.abs_or_delta_update = true;
  features.enabled[1] = 1 << seg_alt_l;
  features.data[1][seg_alt_l] = 10;
  EXPECT_EQ(filter_levels(32, &deltas, &features, 1)[intra_frame][0], 12);
  EXPECT_EQ(filter_levels(31, &deltas, &features, 1)[intra_frame][0], 11);
  EXPECT_EQ(filter_levels(31, &deltas, &features, 0)[intra_frame][0], 32);
}

TEST(FilterLevels, NoneWhereTheFrameHasNone) {
  SegmentationFeatures features;
  features.enabled[1] = 1 << seg_alt_l;
  features.data[1][seg_alt_l] = 63;
  const LoopFilterDeltas deltas{.ref = {63, 63, 63, 63}, .mode = {63, 63}};
  EXPECT_EQ(filter_levels(0, &deltas, &features, 1), FilterLevels{});
}

}  // namespace
}  // namespace daedalus::vp9
