// SPDX-License-Identifier: MIT
#include "reference/h264/residual.h"

#include <array>

namespace daedalus::h264::scalar {
namespace {

// Wide enough for any level in a job, so that nothing overflows.
using Value = int64_t;
template <int n>
using Block = std::array<std::array<Value, n>, n>;  // [row][column]

// The levels of a coded block at their positions (8.5.6, 8.5.7), zero elsewhere.
template <int n>
Block<n> level_block(const Macroblock& mb, uint32_t block_bit) {
  Block<n> c{};
  for (const uint32_t word : mb.levels(block_bit)) {
    const uint32_t position = word & (n * n - 1);
    c[position / n][position % n] = static_cast<int32_t>(word) >> 8;
  }
  return c;
}

// 8.5.9
Value level_scale_4x4(const Macroblock& mb, Component component, int qp, size_t i, size_t j) {
  const uint32_t list = static_cast<uint32_t>(component) + (mb.is_intra() ? 0 : 3);
  return mb.tables().level_scale_4x4[list][qp % 6][i * 4 + j];
}

Value level_scale_8x8(const Macroblock& mb, int qp, size_t i, size_t j) {
  return mb.tables().level_scale_8x8[mb.is_intra() ? 0 : 1][qp % 6][i * 8 + j];
}

// value * 2^(qp / 6 - shift), rounded.
Value scale(Value value, int qp, int shift) {
  const int exponent = qp / 6 - shift;
  if (exponent >= 0) return value * (Value{1} << exponent);
  return (value + (Value{1} << (-exponent - 1))) >> -exponent;
}

// 8.5.12.1. The DC of Intra_16x16 and chroma blocks is already scaled.
Block<4> scale_4x4(const Macroblock& mb, Component component, int qp, Block<4> c, bool with_dc) {
  for (size_t i = 0; i < 4; ++i) {
    for (size_t j = 0; j < 4; ++j) {
      if (i + j == 0 && !with_dc) continue;
      c[i][j] = scale(c[i][j] * level_scale_4x4(mb, component, qp, i, j), qp, 4);
    }
  }
  return c;
}

// One line of 8.5.12.2.
std::array<Value, 4> transform_line(const std::array<Value, 4>& d) {
  const Value e0 = d[0] + d[2];
  const Value e1 = d[0] - d[2];
  const Value e2 = (d[1] >> 1) - d[3];
  const Value e3 = d[1] + (d[3] >> 1);
  return {e0 + e3, e1 + e2, e1 - e2, e0 - e3};
}

// One line of 8.5.13.
std::array<Value, 8> transform_line(const std::array<Value, 8>& d) {
  const Value e0 = d[0] + d[4];
  const Value e1 = -d[3] + d[5] - d[7] - (d[7] >> 1);
  const Value e2 = d[0] - d[4];
  const Value e3 = d[1] + d[7] - d[3] - (d[3] >> 1);
  const Value e4 = (d[2] >> 1) - d[6];
  const Value e5 = -d[1] + d[7] + d[5] + (d[5] >> 1);
  const Value e6 = d[2] + (d[6] >> 1);
  const Value e7 = d[3] + d[5] + d[1] + (d[1] >> 1);

  const Value f0 = e0 + e6;
  const Value f1 = e1 + (e7 >> 2);
  const Value f2 = e2 + e4;
  const Value f3 = e3 + (e5 >> 2);
  const Value f4 = e2 - e4;
  const Value f5 = (e3 >> 2) - e5;
  const Value f6 = e0 - e6;
  const Value f7 = e7 - (e1 >> 2);
  return {f0 + f7, f2 + f5, f4 + f3, f6 + f1, f6 - f1, f4 - f3, f2 - f5, f0 - f7};
}

template <int n>
Block<n> transposed(const Block<n>& block) {
  Block<n> result;
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) result[j][i] = block[i][j];
  }
  return result;
}

// Rows first, then columns, rounded (8.5.12.2, 8.5.13), and added to the prediction (8.5.14).
template <int n>
void transform_and_add(Block<n> d, Plane samples) {
  for (auto& row : d) row = transform_line(row);
  d = transposed<n>(d);
  for (auto& column : d) column = transform_line(column);
  for (int y = 0; y < n; ++y) {
    for (int x = 0; x < n; ++x) {
      const Value r = (d[static_cast<size_t>(x)][static_cast<size_t>(y)] + 32) >> 6;
      samples(x, y) = clip1(samples(x, y) + r);
    }
  }
}

// 8.5.10: the DCs of an Intra_16x16 macroblock, by block position.
Block<4> luma_dc(const Macroblock& mb) {
  const auto hadamard = [](const std::array<Value, 4>& c) -> std::array<Value, 4> {
    return {c[0] + c[1] + c[2] + c[3], c[0] + c[1] - c[2] - c[3], c[0] - c[1] - c[2] + c[3],
            c[0] - c[1] + c[2] - c[3]};
  };
  Block<4> f = level_block<4>(mb, coded_block::luma_dc);
  for (auto& row : f) row = hadamard(row);
  f = transposed<4>(f);
  for (auto& column : f) column = hadamard(column);
  f = transposed<4>(f);
  for (auto& row : f) {
    for (auto& dc : row) {
      dc = scale(dc * level_scale_4x4(mb, Component::y, mb.qp(), 0, 0), mb.qp(), 6);
    }
  }
  return f;
}

// 8.5.11 for 4:2:0.
Block<2> chroma_dc(const Macroblock& mb, Component component, uint32_t block_bit) {
  const Block<2> c = level_block<2>(mb, block_bit);
  const Value even = c[0][0] + c[1][0], odd = c[0][1] + c[1][1];
  const Value even_difference = c[0][0] - c[1][0], odd_difference = c[0][1] - c[1][1];
  Block<2> f;
  f[0] = {even + odd, even - odd};
  f[1] = {even_difference + odd_difference, even_difference - odd_difference};
  const int qp = mb.chroma_qp(component);
  for (auto& row : f) {
    for (auto& dc : row) {
      dc = (dc * level_scale_4x4(mb, component, qp, 0, 0) * (Value{1} << qp / 6)) >> 5;
    }
  }
  return f;
}

}  // namespace

void add_luma_4x4(const Macroblock& mb, int luma_4x4_blk_idx, Plane samples) {
  const Block<4> c =
      level_block<4>(mb, coded_block::luma_block + static_cast<uint32_t>(luma_4x4_blk_idx));
  transform_and_add<4>(
      scale_4x4(mb, Component::y, mb.qp(), c, true),
      samples.at(luma_block_column(luma_4x4_blk_idx) * 4, luma_block_row(luma_4x4_blk_idx) * 4));
}

void add_luma_8x8(const Macroblock& mb, int luma_8x8_blk_idx, Plane samples) {
  Block<8> c =
      level_block<8>(mb, coded_block::luma_block + 4 * static_cast<uint32_t>(luma_8x8_blk_idx));
  for (size_t i = 0; i < 8; ++i) {
    for (size_t j = 0; j < 8; ++j) {
      c[i][j] = scale(c[i][j] * level_scale_8x8(mb, mb.qp(), i, j), mb.qp(), 6);
    }
  }
  transform_and_add<8>(c, samples.at(luma_8x8_blk_idx % 2 * 8, luma_8x8_blk_idx / 2 * 8));
}

void add_luma_16x16(const Macroblock& mb, Plane samples) {
  const Block<4> dc = luma_dc(mb);
  for (int block = 0; block < 16; ++block) {
    const int column = luma_block_column(block), row = luma_block_row(block);
    const Block<4> levels =
        level_block<4>(mb, coded_block::luma_block + static_cast<uint32_t>(block));
    Block<4> d = scale_4x4(mb, Component::y, mb.qp(), levels, false);
    d[0][0] = dc[static_cast<size_t>(row)][static_cast<size_t>(column)];
    transform_and_add<4>(d, samples.at(column * 4, row * 4));
  }
}

void add_chroma(const Macroblock& mb, Component component, Plane samples) {
  const bool cb = component == Component::cb;
  const Block<2> dc = chroma_dc(mb, component, cb ? coded_block::cb_dc : coded_block::cr_dc);
  const uint32_t first_bit = cb ? coded_block::cb_block : coded_block::cr_block;
  for (uint32_t block = 0; block < 4; ++block) {
    Block<4> d = scale_4x4(mb, component, mb.chroma_qp(component),
                           level_block<4>(mb, first_bit + block), false);
    d[0][0] = dc[block / 2][block % 2];
    transform_and_add<4>(
        d, samples.at(static_cast<int>(block % 2) * 4, static_cast<int>(block / 2) * 4));
  }
}

}  // namespace daedalus::h264::scalar
