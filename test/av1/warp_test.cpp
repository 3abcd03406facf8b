// SPDX-License-Identifier: MIT
// Compares warp estimation and its shear with the specification's text in 128-bit arithmetic.
#include "av1/warp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>
#include <vector>

namespace daedalus::av1 {
namespace {

__extension__ using Wide = __int128;

constexpr int32_t one = 1 << 16;

Wide round2_signed(Wide value, uint32_t bits) {
  const Wide half = bits == 0 ? 0 : Wide{1} << (bits - 1);
  return value < 0 ? -((-value + half) >> bits) : (value + half) >> bits;
}

struct Divisor {
  int32_t shift;
  Wide factor;
};
// The table holds round(2^22 / (256 + f)).
Divisor divisor(Wide d) {
  const Wide magnitude = d < 0 ? -d : d;
  int32_t n = 0;
  while (magnitude >> (n + 1) != 0) ++n;
  const Wide e = magnitude - (Wide{1} << n);
  const Wide f = n > 8 ? (e + (Wide{1} << (n - 9))) >> (n - 8) : e << (8 - n);
  const auto factor =
      static_cast<int32_t>(std::lround(double{1 << 22} / (256.0 + static_cast<double>(f))));
  return {n + 14, d < 0 ? -factor : factor};
}

int32_t clipped(Wide low, Wide high, Wide value) {
  return static_cast<int32_t>(std::min(std::max(value, low), high));
}

std::optional<WarpMatrix> expected_matrix(const WarpBlock& block,
                                          const std::vector<WarpSample>& samples) {
  Wide a00 = 0, a01 = 0, a11 = 0, bx0 = 0, bx1 = 0, by0 = 0, by1 = 0;
  const auto product = [](int32_t a, int32_t b) { return ((a * b) >> 2) + (a + b); };
  for (const WarpSample& sample : samples) {
    const int32_t sy = sample.source_y - block.mid_y * 8, sx = sample.source_x - block.mid_x * 8;
    const int32_t dy = sample.destination_y - (block.mid_y * 8 + block.mv.y);
    const int32_t dx = sample.destination_x - (block.mid_x * 8 + block.mv.x);
    if (std::abs(sx - dx) >= 256 || std::abs(sy - dy) >= 256) continue;
    a00 += product(sx, sx) + 8;
    a01 += product(sx, sy) + 4;
    a11 += product(sy, sy) + 8;
    bx0 += product(sx, dx) + 8;
    bx1 += product(sy, dx) + 4;
    by0 += product(sx, dy) + 4;
    by1 += product(sy, dy) + 8;
  }
  const Wide det = a00 * a11 - a01 * a01;
  if (det == 0) return std::nullopt;
  Divisor by = divisor(det);
  by.shift -= 16;
  if (by.shift < 0) {
    by.factor <<= -by.shift;
    by.shift = 0;
  }
  const auto divided = [&](Wide v, Wide middle) {
    return clipped(middle - 8191, middle + 8191,
                   round2_signed(v * by.factor, static_cast<uint32_t>(by.shift)));
  };
  WarpMatrix matrix;
  matrix[2] = divided(a11 * bx0 - a01 * bx1, one);
  matrix[3] = divided(-a01 * bx0 + a00 * bx1, 0);
  matrix[4] = divided(a11 * by0 - a01 * by1, 0);
  matrix[5] = divided(-a01 * by0 + a00 * by1, one);
  const Wide vx = Wide{block.mv.x} * 8192 -
                  (Wide{block.mid_x} * (matrix[2] - one) + Wide{block.mid_y} * matrix[3]);
  const Wide vy = Wide{block.mv.y} * 8192 -
                  (Wide{block.mid_x} * matrix[4] + Wide{block.mid_y} * (matrix[5] - one));
  matrix[0] = clipped(-(1 << 23), (1 << 23) - 1, vx);
  matrix[1] = clipped(-(1 << 23), (1 << 23) - 1, vy);
  return matrix;
}

std::optional<WarpShear> expected_shear(const WarpMatrix& matrix) {
  const Divisor by = divisor(matrix[2]);
  const auto reduced = [](Wide value) {
    return static_cast<int32_t>(round2_signed(clipped(-32768, 32767, value), 6) * 64);
  };
  const auto quotient = [&](Wide value) {
    return round2_signed(value * by.factor, static_cast<uint32_t>(by.shift));
  };
  const int32_t alpha = reduced(matrix[2] - one), beta = reduced(matrix[3]);
  const int32_t gamma = reduced(quotient(Wide{matrix[4]} * one));
  const int32_t delta = reduced(matrix[5] - quotient(Wide{matrix[3]} * matrix[4]) - one);
  if (4 * std::abs(alpha) + 7 * std::abs(beta) >= one) return std::nullopt;
  if (4 * std::abs(gamma) + 4 * std::abs(delta) >= one) return std::nullopt;
  return WarpShear{static_cast<int16_t>(alpha), static_cast<int16_t>(beta),
                   static_cast<int16_t>(gamma), static_cast<int16_t>(delta)};
}

class Warp : public testing::Test {
 protected:
  int32_t between(int32_t low, int32_t high) {
    return std::uniform_int_distribution<int32_t>(low, high)(random_);
  }
  // Neighbours of a block of up to 128x128, with vectors that differ from its own by up to
  // `spread`.
  std::vector<WarpSample> samples_of(const WarpBlock& block, int32_t spread) {
    std::vector<WarpSample> samples(static_cast<std::size_t>(between(1, 8)));
    for (WarpSample& sample : samples) {
      sample.source_y = 8 * (block.mid_y + between(-128, 64));
      sample.source_x = 8 * (block.mid_x + between(-128, 128));
      sample.destination_y = sample.source_y + block.mv.y + between(-spread, spread);
      sample.destination_x = sample.source_x + block.mv.x + between(-spread, spread);
    }
    return samples;
  }
  WarpBlock any_block() {
    return {between(0, 8191),
            between(0, 8191),
            {static_cast<int16_t>(between(-16383, 16383)),
             static_cast<int16_t>(between(-16383, 16383))}};
  }

  std::mt19937 random_{1};
};

TEST_F(Warp, MatrixIsTheSpecifications) {
  uint32_t different = 0;
  for (const int32_t spread : {0, 3, 16, 112, 300, 16383})
    for (uint32_t run = 0; run < 2000; ++run) {
      const WarpBlock block = any_block();
      const auto samples = samples_of(block, spread);
      const auto matrix = warp_estimation(block, samples);
      ASSERT_EQ(matrix, expected_matrix(block, samples));
      if (matrix) {
        EXPECT_TRUE(is_bounded(*matrix));
        different += (*matrix)[2] != one;
      }
    }
  EXPECT_GT(different, 1000u);
}

TEST_F(Warp, NoSampleThatCountsIsNoMatrix) {
  const WarpBlock block{100, 100, {8, 8}};
  const std::vector<WarpSample> far = {{800, 800, 800 + 8 + 256, 800 + 8}};
  EXPECT_EQ(warp_estimation(block, far), std::nullopt);
  const std::vector<WarpSample> near = {{800, 800, 800 + 8 + 255, 800 + 8}};
  EXPECT_NE(warp_estimation(block, near), std::nullopt);
}

TEST_F(Warp, ShearIsTheSpecifications) {
  uint32_t valid = 0, invalid = 0;
  for (const int32_t spread : {0, 100, 4000, 8192})
    for (uint32_t run = 0; run < 2000; ++run) {
      const WarpMatrix matrix = {between(-4000000, 4000000),     between(-4000000, 4000000),
                                 one + between(-spread, spread), between(-spread, spread),
                                 between(-spread, spread),       one + between(-spread, spread)};
      const auto shear = setup_shear(matrix);
      ASSERT_EQ(shear, expected_shear(matrix));
      (shear ? valid : invalid) += 1;
    }
  EXPECT_GT(valid, 1000u);
  EXPECT_GT(invalid, 100u);
}

TEST_F(Warp, MatricesThatNoValidStreamHasAreRefused) {
  const WarpMatrix identity = {0, 0, one, 0, 0, one};
  EXPECT_EQ(setup_shear(identity), (WarpShear{0, 0, 0, 0}));
  for (uint32_t i = 0; i < identity.size(); ++i)
    for (const int32_t value : {INT32_MIN, -one, (1 << 23) + 1, INT32_MAX}) {
      if (i < 2 && value == -one) continue;
      WarpMatrix matrix = identity;
      matrix[i] = value;
      EXPECT_EQ(setup_shear(matrix), std::nullopt) << i << " " << value;
    }
}

}  // namespace
}  // namespace daedalus::av1
