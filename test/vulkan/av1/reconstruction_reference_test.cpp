// SPDX-License-Identifier: MIT
// Checks the scalar reference's transforms and intra prediction by properties that hold regardless
// of their formulas.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <numbers>
#include <random>
#include <vector>

#include "reference/av1/intra_prediction.h"
#include "reference/av1/transform.h"

namespace daedalus::av1::scalar {
namespace {

constexpr double pi = std::numbers::pi;

// Orthonormal bases: sample n of function k of a line.
double dct(int size, int k, int n) {
  return std::sqrt((k == 0 ? 1.0 : 2.0) / size) * std::cos((2 * n + 1) * k * pi / (2 * size));
}
double adst(int size, int k, int n) {
  if (size == 4) return 2.0 / 3.0 * std::sin((n + 1) * (2 * k + 1) * pi / 9);
  return std::sqrt(2.0 / size) * std::sin((2 * n + 1) * (2 * k + 1) * pi / (4 * size));
}
double flipadst(int size, int k, int n) {
  return adst(size, k, size - 1 - n);
}
double identity(int, int k, int n) {
  return k == n ? 1 : 0;
}

using Basis = double (*)(int, int, int);
struct Kinds {
  Basis vertical, horizontal;
};
constexpr std::array<Kinds, 16> kinds = {{{dct, dct},
                                          {adst, dct},
                                          {dct, adst},
                                          {adst, adst},
                                          {flipadst, dct},
                                          {dct, flipadst},
                                          {flipadst, flipadst},
                                          {adst, flipadst},
                                          {flipadst, adst},
                                          {identity, identity},
                                          {dct, identity},
                                          {identity, dct},
                                          {adst, identity},
                                          {identity, adst},
                                          {flipadst, identity},
                                          {identity, flipadst}}};

bool has_type(uint32_t size, uint32_t type) {
  const int side = std::max(tx_width_log2[size], tx_height_log2[size]);
  return side <= 4 || type == 0 || (side == 5 && type == 9);
}

// Lines have the gain sqrt(n / 2); blocks with one side twice the other are scaled by sqrt(1 / 2);
// rows are divided by a power of 2, and columns by 16.
double gain(uint32_t size) {
  constexpr std::array<int, tx_size_count> row_shifts = {0, 1, 2, 2, 2, 0, 0, 1, 1, 1,
                                                         1, 1, 1, 1, 1, 2, 2, 2, 2};
  const int log2_area = tx_width_log2[size] + tx_height_log2[size];
  const double scale = log2_area % 2 != 0 ? std::sqrt(0.5) : 1;
  return scale * std::sqrt(1 << log2_area) / 2 / (16 << row_shifts[size]);
}

TEST(Av1TransformReference, AreTheTransformsThatTheyAreCalled) {
  std::mt19937 random(1);
  for (uint32_t size = 0; size < tx_size_count; ++size) {
    const int w = 1 << tx_width_log2[size], h = 1 << tx_height_log2[size];
    for (uint32_t type = 0; type < kinds.size(); ++type) {
      if (!has_type(size, type)) continue;
      Block block{};
      std::vector<double> wanted(static_cast<std::size_t>(w * h));
      for (int count = 0; count < 6; ++count) {
        const int row = static_cast<int>(random() % std::min(h, 32)),
                  column = static_cast<int>(random() % std::min(w, 32));
        if (block[row][column] != 0) continue;
        block[row][column] = static_cast<int>(random() % 4001) - 2000;
        for (int y = 0; y < h; ++y)
          for (int x = 0; x < w; ++x)
            wanted[static_cast<std::size_t>(y * w + x)] += gain(size) * block[row][column] *
                                                           kinds[type].vertical(h, row, y) *
                                                           kinds[type].horizontal(w, column, x);
      }
      inverse_transform(static_cast<TxSize>(size), static_cast<TxType>(type), 8, block);
      for (int y = 0; y < h; ++y)
        for (int x = 0; x < w; ++x)
          ASSERT_NEAR(block[y][x], wanted[static_cast<std::size_t>(y * w + x)], 1.5)
              << "size " << size << ", type " << type << ", " << x << ", " << y;
    }
  }
}

TEST(Av1TransformReference, LosslessOfOneCoefficientIsAPattern) {
  // The first coefficient is four times the block's sum, divided by its side.
  Block block{};
  block[0][0] = 4 * 4 * 7;
  inverse_transform(TxSize::tx_4x4, TxType::wht, 8, block);
  for (int y = 0; y < 4; ++y)
    for (int x = 0; x < 4; ++x) EXPECT_EQ(block[y][x], 7);
}

// A 16x16 block at (16, 16) of a 64x64 picture.
class Av1IntraReference : public testing::Test {
 protected:
  static constexpr uint32_t pitch = 64;
  std::vector<std::byte> samples = std::vector<std::byte>(pitch * 64 * 3 / 2);
  PictureView view() { return {samples.data(), pitch, pitch * 64, 8}; }

  void fill(const std::function<int(int, int)>& value) {
    const Plane plane = view().plane(Component::y);
    for (int y = 0; y < 64; ++y)
      for (int x = 0; x < 64; ++x) plane.set(x, y, value(x, y));
  }

  void predict(IntraMode mode, uint32_t bits) {
    PictureJob job;
    job.width = job.height = 64;
    job.enable_intra_edge_filter = true;
    IntraRecord record = {};
    record.place = 4 << transform_place::x_shift | 4 << transform_place::y_shift |
                   static_cast<uint32_t>(TxSize::tx_16x16) << transform_place::size_shift;
    record.mode = static_cast<uint32_t>(mode) | intra_mode::have_left | intra_mode::have_above |
                  intra_mode::have_above_right | intra_mode::have_below_left | bits;
    predict_intra(job, 0, record, view());
  }

  void expect(const std::function<int(int, int)>& value) {
    const Plane plane = view().plane(Component::y);
    for (int y = 16; y < 32; ++y)
      for (int x = 16; x < 32; ++x) ASSERT_EQ(plane(x, y), value(x, y)) << x << ", " << y;
  }
};

uint32_t angle_bits(int angle) {
  return static_cast<uint32_t>(angle) << intra_mode::angle_shift;
}

TEST_F(Av1IntraReference, FlatSurroundingsPredictFlatBlocks) {
  for (const IntraMode mode :
       {IntraMode::dc, IntraMode::v, IntraMode::h, IntraMode::d45, IntraMode::d135, IntraMode::d203,
        IntraMode::smooth, IntraMode::smooth_v, IntraMode::smooth_h, IntraMode::paeth,
        IntraMode::filter}) {
    constexpr std::array<int, 9> angles = {0, 90, 180, 45, 135, 113, 157, 203, 67};
    const auto index = static_cast<std::size_t>(mode);
    for (int delta = -9; delta <= 9; delta += 3) {
      fill([](int x, int y) { return x >= 16 && y >= 16 && x < 32 && y < 32 ? 3 : 99; });
      predict(mode, index >= 1 && index <= 8 ? angle_bits(angles[index] + delta) : 0);
      expect([](int, int) { return 99; });
    }
  }
}

TEST_F(Av1IntraReference, StraightModesCopy) {
  const auto noise = [](int x, int y) { return (x * 37 + y * 101) & 255; };
  fill(noise);
  predict(IntraMode::v, angle_bits(90));
  expect([&](int x, int) { return noise(x, 15); });
  fill(noise);
  predict(IntraMode::h, angle_bits(180));
  expect([&](int, int y) { return noise(15, y); });
}

TEST_F(Av1IntraReference, DiagonalsFollowStripes) {
  // Nothing changes along a diagonal, and the edge filter does not change a ramp.
  fill([](int x, int y) { return 100 + (x - y); });
  predict(IntraMode::d135, angle_bits(135));
  expect([](int x, int y) { return 100 + (x - y); });
  fill([](int x, int y) { return x + y; });
  predict(IntraMode::d45, angle_bits(45));
  const Plane plane = view().plane(Component::y);
  for (int y = 16; y < 24; ++y)
    for (int x = 16; x < 24; ++x) ASSERT_EQ(plane(x, y), x + y);
}

TEST_F(Av1IntraReference, SmoothGoesFromEdgeToEdge) {
  fill([](int x, int y) { return y < 16 ? 200 : x < 16 ? 40 : 0; });
  predict(IntraMode::smooth_v, 0);
  const Plane plane = view().plane(Component::y);
  for (int y = 17; y < 32; ++y) {
    ASSERT_LT(plane(20, y), plane(20, y - 1));
    ASSERT_EQ(plane(20, y), plane(27, y));
  }
  EXPECT_NEAR(plane(20, 16), 200, 2);
}

}  // namespace
}  // namespace daedalus::av1::scalar
