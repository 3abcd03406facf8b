// SPDX-License-Identifier: MIT
#include "vp9/tables.h"

#include <gtest/gtest.h>

#include <set>

#include "vp9/probabilities.h"

namespace daedalus::vp9 {
namespace {

constexpr TransformSize tx_sizes[] = {tx_4x4, tx_8x8, tx_16x16, tx_32x32};

class Scans : public testing::TestWithParam<ScanKind> {};

TEST_P(Scans, NameEachPositionOnceAndNeighboursFirst) {
  for (const TransformSize tx_size : tx_sizes) {
    const ScanStep* const steps = scan_steps(tx_size, GetParam());
    const uint32_t count = 16u << 2 * tx_size;
    std::set<uint32_t> parsed;
    for (uint32_t i = 0; i < count; ++i) {
      ASSERT_LT(steps[i].position, count);
      if (i > 0) {
        ASSERT_TRUE(parsed.contains(steps[i].neighbours[0])) << i;
        ASSERT_TRUE(parsed.contains(steps[i].neighbours[1])) << i;
      }
      ASSERT_TRUE(parsed.insert(steps[i].position).second) << i;
      ASSERT_LE(steps[i].contexts, 30u);
      ASSERT_EQ(steps[i].contexts % 6, 0u);
    }
    EXPECT_EQ(steps[0].position, 0u);
    EXPECT_EQ(steps[0].contexts, 0u);
    EXPECT_EQ(steps[count - 1].contexts, 30u);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Scans, testing::Values(default_scan, row_scan, col_scan));

TEST(Scans, LookWhereEnergyIs) {
  // Position 5 of a 4x4 block has neighbours above (1) and to the left (4).
  const auto neighbours_of_5 = [](ScanKind kind) {
    const ScanStep* step = scan_steps(tx_4x4, kind);
    while (step->position != 5) ++step;
    return std::set<uint32_t>{step->neighbours[0], step->neighbours[1]};
  };
  EXPECT_EQ(neighbours_of_5(default_scan), (std::set<uint32_t>{1, 4}));
  EXPECT_EQ(neighbours_of_5(row_scan), (std::set<uint32_t>{4}));
  EXPECT_EQ(neighbours_of_5(col_scan), (std::set<uint32_t>{1}));
}

TEST(Tables, ParetoProbabilitiesRise) {
  for (std::size_t p = 2; p < 256; ++p)
    for (std::size_t node = 0; node < 7; ++node)
      ASSERT_GE(pareto_probs[p][node], pareto_probs[p - 1][node]) << p << ' ' << node;
  EXPECT_EQ(pareto_probs[1][0], 3);
  EXPECT_EQ(pareto_probs[255][0], 255);
}

TEST(Tables, QuantisersRise) {
  for (std::size_t depth = 0; depth < 2; ++depth)
    for (std::size_t q = 1; q < 256; ++q) {
      ASSERT_GE(dc_qlookup[depth][q], dc_qlookup[depth][q - 1]);
      ASSERT_GT(ac_qlookup[depth][q], ac_qlookup[depth][q - 1]);
    }
  EXPECT_EQ(dc_qlookup[0][255], 1336);
  EXPECT_EQ(ac_qlookup[0][255], 1828);
  EXPECT_EQ(dc_qlookup[1][255], 5347);
  EXPECT_EQ(ac_qlookup[1][255], 7312);
}

TEST(Tables, NoDefaultProbabilityIsZero) {
  const Probabilities probs = default_probabilities();
  for (const auto& tx : probs.coef)
    for (const auto& plane : tx)
      for (const auto& inter : plane)
        for (std::size_t context = 0; context < coefficient_contexts; ++context)
          for (std::size_t i = 0; i < 3; ++i)
            ASSERT_EQ(inter[context][i] != 0, context < 3 || context > 5);
  for (const auto& above : default_intra_mode_probs)
    for (const auto& left : above)
      for (const uint8_t prob : left) ASSERT_NE(prob, 0);
}

TEST(Syntax, ChromaTransformsFit) {
  EXPECT_EQ(uv_tx_size(block_4x8, tx_4x4), tx_4x4);
  EXPECT_EQ(uv_tx_size(block_8x8, tx_8x8), tx_4x4);
  EXPECT_EQ(uv_tx_size(block_16x8, tx_8x8), tx_4x4);
  EXPECT_EQ(uv_tx_size(block_16x16, tx_16x16), tx_8x8);
  EXPECT_EQ(uv_tx_size(block_32x64, tx_32x32), tx_16x16);
  EXPECT_EQ(uv_tx_size(block_64x64, tx_32x32), tx_32x32);
  EXPECT_EQ(uv_tx_size(block_64x64, tx_8x8), tx_8x8);
}

}  // namespace
}  // namespace daedalus::vp9
