// SPDX-License-Identifier: MIT
#include "video/color_matrix.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

namespace daedalus::video {
namespace {

using Sample = std::array<int, 3>;

Sample convert(const ColorMatrix& matrix, const Sample& sample) {
  Sample result;
  for (std::size_t row = 0; row < 3; ++row) {
    int64_t sum = matrix.rows[row][3];
    for (std::size_t i = 0; i < 3; ++i)
      sum += int64_t{matrix.rows[row][i]} * (sample[i] << sample_bits);
    result[row] = static_cast<int>(std::clamp<int64_t>(sum >> (matrix_bits + sample_bits), 0, 255));
  }
  return result;
}

Colorimetry color(Matrix matrix, Range range = Range::limited, uint32_t bits = 8) {
  return {{.matrix = matrix, .range = range}, bits};
}

// The 100 % colour bars of ITU-R BT.709 and BT.601 with 8 bits.
TEST(ColorMatrix, MakesThePrimaryColoursOfTheStandards) {
  const auto bt709 = to_rgb(color(Matrix::bt709), Range::full);
  EXPECT_EQ(convert(bt709, {16, 128, 128}), (Sample{0, 0, 0}));
  EXPECT_EQ(convert(bt709, {235, 128, 128}), (Sample{255, 255, 255}));
  EXPECT_EQ(convert(bt709, {63, 102, 240}), (Sample{255, 1, 0}));
  EXPECT_EQ(convert(bt709, {173, 42, 26}), (Sample{0, 255, 1}));
  EXPECT_EQ(convert(bt709, {32, 240, 118}), (Sample{1, 0, 255}));
  const auto bt601 = to_rgb(color(Matrix::bt601), Range::full);
  EXPECT_EQ(convert(bt601, {81, 90, 240}), (Sample{254, 0, 0}));
  EXPECT_EQ(convert(bt601, {145, 54, 34}), (Sample{0, 255, 1}));
  EXPECT_EQ(convert(bt601, {41, 240, 110}), (Sample{0, 0, 255}));
}

TEST(ColorMatrix, BackgroundsAreTheColoursOfTheStandards) {
  using Words = std::array<uint32_t, 3>;
  EXPECT_EQ(ycbcr_of({255, 0, 0}, color(Matrix::bt709)), (Words{63, 102, 240}));
  EXPECT_EQ(ycbcr_of({0, 255, 0}, color(Matrix::bt601)), (Words{145, 54, 34}));
  EXPECT_EQ(ycbcr_of({0, 0, 0}, color(Matrix::bt2020)), (Words{16, 128, 128}));
  EXPECT_EQ(ycbcr_of({255, 255, 255}, color(Matrix::bt2020, Range::full)), (Words{255, 128, 128}));
  const auto ten_bits = [](Range range) { return color(Matrix::bt709, range, 10); };
  EXPECT_EQ(ycbcr_of({255, 0, 0}, ten_bits(Range::limited)), (Words{250, 409, 960}));
  EXPECT_EQ(ycbcr_of({255, 255, 255}, ten_bits(Range::limited)), (Words{940, 512, 512}));
  EXPECT_EQ(ycbcr_of({255, 255, 255}, ten_bits(Range::full)), (Words{1023, 512, 512}));
}

// The matrix treats a 10-bit sample n as n / 4.
TEST(ColorMatrix, OfTenBitsKeepsTheEndsOfTheRange) {
  const auto at = [](const ColorMatrix& matrix, int64_t luma, int bits) {
    const int64_t sum = (matrix.rows[0][0] * luma << (sample_bits + 8 - bits)) +
                        ((matrix.rows[0][1] + matrix.rows[0][2]) * int64_t{128} << sample_bits) +
                        matrix.rows[0][3];
    return sum;
  };
  const auto full = color(Matrix::bt709, Range::full, 10),
             limited = color(Matrix::bt709, Range::limited, 10);
  for (const auto& [source, black, white] : {std::tuple{full, 0, 1023}, {limited, 64, 940}}) {
    const auto rgb = to_rgb(source, Range::full);
    EXPECT_EQ(at(rgb, black, 10) >> (matrix_bits + sample_bits), 0);
    EXPECT_EQ(at(rgb, white, 10) >> (matrix_bits + sample_bits), 255);
    const auto eight = to_ycbcr(source, color(Matrix::bt709, source.color.range));
    EXPECT_EQ(at(eight, white, 10) >> (matrix_bits + sample_bits),
              source.color.range == Range::full ? 255 : 235);
  }
  const auto ten = to_ycbcr(color(Matrix::bt709, Range::full), full);
  EXPECT_EQ(at(ten, 255, 8) >> (matrix_bits + sample_bits - 2), 1023);
  EXPECT_EQ(at(ten, 0, 8) >> (matrix_bits + sample_bits - 2), 0);
}

TEST(ColorMatrix, GreyStaysGrey) {
  for (const Matrix from : {Matrix::bt601, Matrix::bt709, Matrix::bt2020})
    for (const Range range : {Range::limited, Range::full}) {
      const auto rgb = to_rgb(color(from, range), Range::full);
      for (int y = 0; y < 256; ++y) {
        const auto sample = convert(rgb, {y, 128, 128});
        EXPECT_EQ(sample[0], sample[1]);
        EXPECT_EQ(sample[1], sample[2]);
      }
      for (const Matrix to : {Matrix::bt601, Matrix::bt709, Matrix::bt2020}) {
        const auto ycbcr = to_ycbcr(color(from, range), color(to, range));
        for (int y = 0; y < 256; ++y)
          EXPECT_EQ(convert(ycbcr, {y, 128, 128}), (Sample{y, 128, 128}));
      }
    }
}

TEST(ColorMatrix, OfEqualColoursChangesNothing) {
  const auto matrix = to_ycbcr(color(Matrix::bt709), color(Matrix::bt709));
  for (int value = 0; value < 256; ++value)
    EXPECT_EQ(convert(matrix, {value, 255 - value, value}), (Sample{value, 255 - value, value}));
}

// So that luma need not read chroma if only the range changes.
TEST(ColorMatrix, LumaTakesNothingOfChromaForAnotherRange) {
  for (const Matrix either : {Matrix::bt601, Matrix::bt709, Matrix::bt2020}) {
    const auto matrix = to_ycbcr(color(either), color(either, Range::full));
    EXPECT_EQ(matrix.rows[0][1], 0);
    EXPECT_EQ(matrix.rows[0][2], 0);
  }
}

TEST(ColorMatrix, ChromaTakesNothingOfLuma) {
  const auto matrix = to_ycbcr(color(Matrix::bt601), color(Matrix::bt2020, Range::full));
  EXPECT_EQ(matrix.rows[1][0], 0);
  EXPECT_EQ(matrix.rows[2][0], 0);
}

}  // namespace
}  // namespace daedalus::video
