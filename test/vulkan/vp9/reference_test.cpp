// SPDX-License-Identifier: MIT
// Compares the scalar reference's transforms with the formulas that they approximate.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

#include "reference/vp9/transform.h"

namespace daedalus::vp9::scalar {
namespace {

using Matrix = std::vector<std::vector<double>>;

Matrix dct(size_t size) {
  Matrix basis(size, std::vector<double>(size));
  for (size_t k = 0; k < size; ++k) {
    for (size_t n = 0; n < size; ++n) {
      const double angle =
          static_cast<double>((2 * n + 1) * k) * std::numbers::pi / static_cast<double>(2 * size);
      basis[k][n] = cos(angle) * (k == 0 ? std::numbers::sqrt2 / 2 : 1);
    }
  }
  return basis;
}

Matrix adst(size_t size) {
  Matrix basis(size, std::vector<double>(size));
  for (size_t k = 0; k < size; ++k) {
    for (size_t n = 0; n < size; ++n) {
      const auto a = static_cast<double>(2 * n + 1) * static_cast<double>(2 * k + 1);
      const auto b = static_cast<double>(n + 1) * static_cast<double>(2 * k + 1);
      // 8.7.1.6: size 4 uses another sine transform.
      basis[k][n] = size == 4 ? sin(b * std::numbers::pi / 9) * 2 * std::numbers::sqrt2 / 3
                              : sin(a * std::numbers::pi / static_cast<double>(4 * size));
    }
  }
  return basis;
}

// The largest difference between the transform and the product with its matrices.
double largest_error(TxSize tx_size, TxType type, uint32_t seed) {
  const size_t size = size_t{4} << static_cast<uint32_t>(tx_size);
  const bool adst_rows = type == TxType::dct_adst || type == TxType::adst_adst;
  const bool adst_columns = type == TxType::adst_dct || type == TxType::adst_adst;
  const Matrix rows = adst_rows ? adst(size) : dct(size);
  const Matrix columns = adst_columns ? adst(size) : dct(size);
  std::mt19937 random(seed);
  Block block = {};
  for (size_t i = 0; i < size; ++i)
    for (size_t j = 0; j < size; ++j)
      block[i][j] = std::uniform_int_distribution<int>(-300, 300)(random);
  Block result = block;
  inverse_transform(result, tx_size, type, false);
  const double scale = size == 4 ? 16 : size == 8 ? 32 : 64;
  double error = 0;
  for (size_t y = 0; y < size; ++y) {
    for (size_t x = 0; x < size; ++x) {
      double sum = 0;
      for (size_t i = 0; i < size; ++i)
        for (size_t j = 0; j < size; ++j)
          sum += static_cast<double>(block[i][j]) * columns[i][y] * rows[j][x];
      error = std::max(error, std::abs(sum / scale - static_cast<double>(result[y][x])));
    }
  }
  return error;
}

TEST(Vp9Reference, TransformsAreWhatTheyApproximate) {
  for (uint32_t size = 0; size < 4; ++size) {
    for (uint32_t type = 0; type < (size == 3 ? 1u : 4u); ++type) {
      EXPECT_LT(largest_error(static_cast<TxSize>(size), static_cast<TxType>(type), size + type),
                1.6)
          << "size " << size << ", type " << type;
    }
  }
}

TEST(Vp9Reference, LosslessTransformKeepsWhatAnEncoderSends) {
  // The forward transform turns a block with all residuals 5 into one coefficient.
  Block block = {};
  block[0][0] = 20 * 4;
  inverse_transform(block, TxSize::tx_4x4, TxType::dct_dct, true);
  for (size_t y = 0; y < 4; ++y)
    for (size_t x = 0; x < 4; ++x) EXPECT_EQ(block[y][x], 5);
}

}  // namespace
}  // namespace daedalus::vp9::scalar
