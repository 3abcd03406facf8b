// SPDX-License-Identifier: MIT
#include "av1/cdf.h"

#include <gtest/gtest.h>

namespace daedalus::av1 {
namespace {

template <uint32_t N>
void expect_sound(const Cdf<N>& cdf) {
  for (uint32_t i = 1; i < N; ++i) EXPECT_GE(cdf.cumulative(i), cdf.cumulative(i - 1));
  EXPECT_GT(cdf.cumulative(0), 0u);
  EXPECT_EQ(cdf.cumulative(N - 1), 32768u);
  for (uint32_t i = N - 1; i < cdf_words(N); ++i) EXPECT_EQ(cdf.words[i], 0u);
}

// First and last rows of tables, as printed in the specification.
TEST(Cdf, DefaultsAreTheSpecifications) {
  const ModeCdfs& modes = default_mode_cdfs;
  EXPECT_EQ(modes.intra_frame_y_mode[0][0].cumulative(0), 15588u);
  EXPECT_EQ(modes.intra_frame_y_mode[0][1].cumulative(11), 31409u);
  EXPECT_EQ(modes.partition_w128[3].cumulative(6), 32664u);
  EXPECT_EQ(modes.txfm_split[20].cumulative(0), 16088u);
  EXPECT_EQ(modes.mv[1].component[1].bit[9].cumulative(0), 240u * 128);
  EXPECT_EQ(modes.mv[0].joint.cumulative(2), 19328u);
  EXPECT_EQ(modes.delta_lf_multi[3].cumulative(0), 28160u);
  EXPECT_EQ(modes.inter_tx_type_set3[3].cumulative(0), 748u);
  expect_sound(modes.cfl_alpha[5]);
  expect_sound(modes.wedge_index[8]);
  expect_sound(modes.uv_mode_cfl_allowed[12]);
}

TEST(Cdf, CoefficientsDependOnTheQuantiser) {
  EXPECT_EQ(&default_coefficient_cdfs(0), &default_coefficient_cdfs(20));
  EXPECT_NE(&default_coefficient_cdfs(20), &default_coefficient_cdfs(21));
  EXPECT_EQ(&default_coefficient_cdfs(21), &default_coefficient_cdfs(60));
  EXPECT_NE(&default_coefficient_cdfs(60), &default_coefficient_cdfs(61));
  EXPECT_EQ(&default_coefficient_cdfs(61), &default_coefficient_cdfs(120));
  EXPECT_NE(&default_coefficient_cdfs(120), &default_coefficient_cdfs(121));
  EXPECT_EQ(&default_coefficient_cdfs(121), &default_coefficient_cdfs(255));
  for (uint32_t q : {0, 21, 61, 121})
    for (const auto& of_size : default_coefficient_cdfs(q).coeff_br)
      for (const auto& of_plane : of_size)
        for (const auto& cdf : of_plane) expect_sound(cdf);
}

TEST(Cdf, ClearingLeavesAllButCounts) {
  CdfContext cdfs, defaults;
  set_defaults(cdfs, 100);
  set_defaults(defaults, 100);
  cdfs.modes.delta_lf_multi[3].count() = 32;
  cdfs.modes.mv[1].component[1].hp.count() = 1;
  cdfs.modes.palette_color[1].size_8[4].count() = 7;
  cdfs.modes.intra_frame_y_mode[4][4].count() = 3;
  cdfs.coefficients.coeff_br[4][1][20].count() = 32;
  cdfs.coefficients.txb_skip[0][0].count() = 32;
  clear_counts(cdfs);
  EXPECT_TRUE(cdfs == defaults);
}

}  // namespace
}  // namespace daedalus::av1
