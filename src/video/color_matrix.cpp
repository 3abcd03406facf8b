// SPDX-License-Identifier: MIT
#include "video/color_matrix.h"

#include <algorithm>
#include <cmath>

namespace daedalus::video {

namespace {

// Samples as 8-bit numbers; the fourth column is a constant.
using Affine = std::array<std::array<double, 4>, 3>;

// ITU-T H.273 8.3: K_R and K_B.
struct Coefficients {
  double kr, kb;
};

Coefficients coefficients_of(Matrix matrix) {
  switch (matrix) {
    case Matrix::bt601:
      return {0.299, 0.114};
    case Matrix::bt709:
      return {0.2126, 0.0722};
    case Matrix::bt2020:
      break;
  }
  return {0.2627, 0.0593};
}

// The width of the code range of R, G, B or Y, the code of black, and the width of the range of Cb
// or Cr, as 8-bit codes. With more than 8 bits, the additional bits are fractional.
struct Scale {
  double luma, black, chroma;
};

Scale scale_of(Range range, uint32_t bits) {
  if (range == Range::limited) return {219, 16, 224};
  const double largest = 256 - 256.0 / (1 << bits);
  return {largest, 0, largest};
}

// From samples to R, G, B in the range 0 to 1.
Affine ycbcr_to_unit(const Colorimetry& source) {
  const auto [kr, kb] = coefficients_of(source.color.matrix);
  const double kg = 1 - kr - kb;
  const auto scale = scale_of(source.color.range, source.bits);
  const double y = 1 / scale.luma, c = 1 / scale.chroma;
  Affine rows = {{{y, 0, 2 * (1 - kr) * c, 0},
                  {y, -2 * kb * (1 - kb) / kg * c, -2 * kr * (1 - kr) / kg * c, 0},
                  {y, 2 * (1 - kb) * c, 0, 0}}};
  for (auto& row : rows) row[3] = -row[0] * scale.black - (row[1] + row[2]) * 128;
  return rows;
}

Affine unit_to_ycbcr(const Colorimetry& target) {
  const auto [kr, kb] = coefficients_of(target.color.matrix);
  const double kg = 1 - kr - kb;
  const auto scale = scale_of(target.color.range, target.bits);
  const double cb = scale.chroma / 2 / (1 - kb), cr = scale.chroma / 2 / (1 - kr);
  return {{{kr * scale.luma, kg * scale.luma, kb * scale.luma, scale.black},
           {-kr * cb, -kg * cb, (1 - kb) * cb, 128},
           {(1 - kr) * cr, -kg * cr, -kb * cr, 128}}};
}

Affine unit_to_rgb(Range range) {
  const auto scale = scale_of(range, 8);
  Affine rows = {};
  for (std::size_t i = 0; i < 3; ++i) {
    rows[i][i] = scale.luma;
    rows[i][3] = scale.black;
  }
  return rows;
}

// `second` after `first`.
Affine chain(const Affine& first, const Affine& second) {
  Affine result = {};
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 4; ++column)
      for (std::size_t i = 0; i < 3; ++i) result[row][column] += second[row][i] * first[i][column];
    result[row][3] += second[row][3];
  }
  return result;
}

// The constant is computed from the rounded factors of chroma, so that grey stays grey.
ColorMatrix rounded(const Affine& rows, uint32_t bits_of_target) {
  constexpr int bits = matrix_bits + sample_bits;
  const int32_t half = 1 << (bits - 1 + 8 - static_cast<int>(bits_of_target));
  ColorMatrix matrix = {};
  for (std::size_t row = 0; row < 3; ++row) {
    auto& fixed = matrix.rows[row];
    for (std::size_t column = 0; column < 3; ++column)
      fixed[column] = static_cast<int32_t>(std::lround(rows[row][column] * (1 << matrix_bits)));
    const double of_grey = rows[row][3] + (rows[row][1] + rows[row][2]) * 128;
    fixed[3] = static_cast<int32_t>(std::lround(of_grey * (1 << bits))) + half -
               (fixed[1] + fixed[2]) * (128 << sample_bits);
  }
  return matrix;
}

}  // namespace

bool same_colors(const Color& a, const Color& b) {
  return a.matrix == b.matrix && a.range == b.range;
}

ColorMatrix to_rgb(const Colorimetry& source, Range target) {
  return rounded(chain(ycbcr_to_unit(source), unit_to_rgb(target)), 8);
}

ColorMatrix to_ycbcr(const Colorimetry& source, const Colorimetry& target) {
  const bool same_scale = source.bits == target.bits || source.color.range == Range::limited;
  if (same_colors(source.color, target.color) && same_scale)
    return rounded({{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}}}, target.bits);
  return rounded(chain(ycbcr_to_unit(source), unit_to_ycbcr(target)), target.bits);
}

std::array<uint32_t, 3> ycbcr_of(const std::array<uint8_t, 3>& rgb, const Colorimetry& target) {
  const auto rows = unit_to_ycbcr(target);
  const double scale = 1 << (target.bits - 8), largest = (1 << target.bits) - 1;
  std::array<uint32_t, 3> result;
  for (std::size_t row = 0; row < 3; ++row) {
    const double value =
        (rows[row][0] * rgb[0] + rows[row][1] * rgb[1] + rows[row][2] * rgb[2]) / 255 +
        rows[row][3];
    result[row] = static_cast<uint32_t>(std::lround(std::clamp(value * scale, 0.0, largest)));
  }
  return result;
}

}  // namespace daedalus::video
