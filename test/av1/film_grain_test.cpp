// SPDX-License-Identifier: MIT
#include "av1/film_grain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

namespace daedalus::av1 {
namespace {

class FilmGrainTest : public testing::Test {
 protected:
  FilmGrainTest() {
    picture.film_grain.apply_grain = true;
    picture.film_grain.grain_seed = 1234;
    picture.film_grain.ar_coeff_lag = 3;
  }

  void add_luma_point(uint8_t value, uint8_t scaling) {
    FilmGrainParameters& p = picture.film_grain;
    p.point_y_value[p.num_y_points] = value;
    p.point_y_scaling[p.num_y_points++] = scaling;
  }

  PictureParameters picture;
  const std::unique_ptr<FilmGrain> grain = std::make_unique<FilmGrain>();
};

TEST_F(FilmGrainTest, InterpolatesScalingBetweenPoints) {
  add_luma_point(10, 40);
  add_luma_point(14, 48);
  add_luma_point(200, 20);
  make_film_grain(picture, *grain);
  const auto& scaling = grain->scaling[0];
  EXPECT_EQ(scaling[0], 40);
  EXPECT_EQ(scaling[10], 40);
  EXPECT_EQ(scaling[11], 42);
  EXPECT_EQ(scaling[13], 46);
  EXPECT_EQ(scaling[14], 48);
  EXPECT_EQ(scaling[200], 20);
  EXPECT_EQ(scaling[256], 20);
  EXPECT_EQ(grain->scaling[1][100], 0);
}

TEST_F(FilmGrainTest, TakesChromasScalingFromLuma) {
  add_luma_point(0, 30);
  picture.film_grain.chroma_scaling_from_luma = true;
  make_film_grain(picture, *grain);
  EXPECT_TRUE(grain->apply_cb && grain->apply_cr);
  EXPECT_EQ(grain->scaling[1], grain->scaling[0]);
  EXPECT_EQ(grain->scaling[2], grain->scaling[0]);
}

TEST_F(FilmGrainTest, EndsTablesWherePointsDoNotAscend) {
  add_luma_point(100, 7);
  add_luma_point(100, 8);
  add_luma_point(50, 9);
  make_film_grain(picture, *grain);
  EXPECT_EQ(grain->scaling[0][49], 7);
  EXPECT_EQ(grain->scaling[0][255], 9);
}

TEST_F(FilmGrainTest, DrawsTemplatesFromTheSeed) {
  add_luma_point(0, 1);
  make_film_grain(picture, *grain);
  const auto first = grain->luma;
  picture.film_grain.grain_seed = 4321;
  make_film_grain(picture, *grain);
  EXPECT_NE(grain->luma, first);
  picture.film_grain.grain_seed = 1234;
  make_film_grain(picture, *grain);
  EXPECT_EQ(grain->luma, first);
  // Without coefficients the filter changes nothing; chroma has no points.
  EXPECT_TRUE(std::all_of(grain->chroma[0].begin(), grain->chroma[0].end(), [](const auto& row) {
    return std::all_of(row.begin(), row.end(), [](int16_t g) { return g == 0; });
  }));
}

TEST_F(FilmGrainTest, BoundsTemplates) {
  for (const uint8_t bit_depth : {uint8_t{8}, uint8_t{10}}) {
    picture.bit_depth = bit_depth;
    picture.film_grain.ar_coeffs_y.fill(127);
    add_luma_point(0, 1);
    make_film_grain(picture, *grain);
    const int center = 128 << (bit_depth - 8);
    int least = 0, most = 0;
    for (const auto& row : grain->luma)
      for (const int g : row) {
        least = std::min(least, g);
        most = std::max(most, g);
      }
    EXPECT_GE(least, -center);
    EXPECT_LE(most, center - 1);
    EXPECT_TRUE(least == -center || most == center - 1);
  }
}

}  // namespace
}  // namespace daedalus::av1
