// SPDX-License-Identifier: MIT
#include "reference/av1/transform.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <utility>

namespace daedalus::av1::scalar {

namespace {

int64_t round2(int64_t value, int bits) {
  return bits == 0 ? value : (value + (int64_t{1} << (bits - 1))) >> bits;
}

int64_t cos128(int angle) {
  // The table according to the note in 7.13.2.1.
  return std::lround(4096 * std::cos(angle * std::numbers::pi / 128));
}

int64_t sin128(int angle) {
  return cos128(angle - 64);
}

int brev(int bits, int x) {
  int reversed = 0;
  for (int i = 0; i < bits; ++i) reversed |= (x >> i & 1) << (bits - 1 - i);
  return reversed;
}

// The array T of a one-dimensional transform, and the range r.
class Line {
 public:
  Line(int log2, int range) : n_(log2), range_(range) {}

  int64_t& operator[](int i) { return t_[i]; }

  void dct();
  void adst();
  void identity();
  void wht(int shift);

 private:
  void b(int a, int b, int angle, bool flip);
  void h(int a, int b, bool flip);
  void permute_adst_input();
  void permute_adst_output();
  void adst4();
  void adst8();
  void adst16();

  const int n_, range_;
  std::array<int64_t, 64> t_{};
};

void Line::b(int a, int b, int angle, bool flip) {
  const int64_t x = t_[a] * cos128(angle) - t_[b] * sin128(angle);
  const int64_t y = t_[a] * sin128(angle) + t_[b] * cos128(angle);
  t_[a] = round2(x, 12);
  t_[b] = round2(y, 12);
  if (flip) std::swap(t_[a], t_[b]);
}

void Line::h(int a, int b, bool flip) {
  if (flip) std::swap(a, b);
  const int64_t x = t_[a], y = t_[b], most = (int64_t{1} << (range_ - 1)) - 1;
  t_[a] = std::clamp(x + y, -most - 1, most);
  t_[b] = std::clamp(x - y, -most - 1, most);
}

// 7.13.2.3; the comments number its steps.
void Line::dct() {
  const auto copy = t_;
  for (int i = 0; i < 1 << n_; ++i) t_[i] = copy[brev(n_, i)];
  if (n_ == 6)  // 2
    for (int i = 0; i < 16; ++i) b(32 + i, 63 - i, 63 - 4 * brev(4, i), false);
  if (n_ >= 5)  // 3
    for (int i = 0; i < 8; ++i) b(16 + i, 31 - i, 6 + (brev(3, 7 - i) << 3), false);
  if (n_ == 6)  // 4
    for (int i = 0; i < 16; ++i) h(32 + i * 2, 33 + i * 2, i & 1);
  if (n_ >= 4)  // 5
    for (int i = 0; i < 4; ++i) b(8 + i, 15 - i, 12 + (brev(2, 3 - i) << 4), false);
  if (n_ >= 5)  // 6
    for (int i = 0; i < 8; ++i) h(16 + 2 * i, 17 + 2 * i, i & 1);
  if (n_ == 6)  // 7
    for (int i = 0; i < 4; ++i)
      for (int j = 0; j < 2; ++j)
        b(62 - i * 4 - j, 33 + i * 4 + j, 60 - 16 * brev(2, i) + 64 * j, true);
  if (n_ >= 3)  // 8
    for (int i = 0; i < 2; ++i) b(4 + i, 7 - i, 56 - 32 * i, false);
  if (n_ >= 4)  // 9
    for (int i = 0; i < 4; ++i) h(8 + 2 * i, 9 + 2 * i, i & 1);
  if (n_ >= 5)  // 10
    for (int i = 0; i < 2; ++i)
      for (int j = 0; j < 2; ++j)
        b(30 - 4 * i - j, 17 + 4 * i + j, 24 + (j << 6) + ((1 - i) << 5), true);
  if (n_ == 6)  // 11
    for (int i = 0; i < 8; ++i)
      for (int j = 0; j < 2; ++j) h(32 + i * 4 + j, 35 + i * 4 - j, i & 1);
  for (int i = 0; i < 2; ++i) b(2 * i, 2 * i + 1, 32 + 16 * i, i == 0);  // 12
  if (n_ >= 3)                                                           // 13
    for (int i = 0; i < 2; ++i) h(4 + 2 * i, 5 + 2 * i, i);
  if (n_ >= 4)  // 14
    for (int i = 0; i < 2; ++i) b(14 - i, 9 + i, 48 + 64 * i, true);
  if (n_ >= 5)  // 15
    for (int i = 0; i < 4; ++i)
      for (int j = 0; j < 2; ++j) h(16 + 4 * i + j, 19 + 4 * i - j, i & 1);
  if (n_ == 6)  // 16
    for (int i = 0; i < 2; ++i)
      for (int j = 0; j < 4; ++j)
        b(61 - i * 8 - j, 34 + i * 8 + j, 56 - i * 32 + (j >> 1) * 64, true);
  for (int i = 0; i < 2; ++i) h(i, 3 - i, false);  // 17
  if (n_ >= 3) b(6, 5, 32, true);                  // 18
  if (n_ >= 4)                                     // 19
    for (int i = 0; i < 2; ++i)
      for (int j = 0; j < 2; ++j) h(8 + 4 * i + j, 11 + 4 * i - j, i);
  if (n_ >= 5)  // 20
    for (int i = 0; i < 4; ++i) b(29 - i, 18 + i, 48 + (i >> 1) * 64, true);
  if (n_ == 6)  // 21
    for (int i = 0; i < 4; ++i)
      for (int j = 0; j < 4; ++j) h(32 + 8 * i + j, 39 + 8 * i - j, i & 1);
  if (n_ >= 3)  // 22
    for (int i = 0; i < 4; ++i) h(i, 7 - i, false);
  if (n_ >= 4)  // 23
    for (int i = 0; i < 2; ++i) b(13 - i, 10 + i, 32, true);
  if (n_ >= 5)  // 24
    for (int i = 0; i < 2; ++i)
      for (int j = 0; j < 4; ++j) h(16 + i * 8 + j, 23 + i * 8 - j, i);
  if (n_ == 6)  // 25
    for (int i = 0; i < 8; ++i) b(59 - i, 36 + i, i < 4 ? 48 : 112, true);
  if (n_ >= 4)  // 26
    for (int i = 0; i < 8; ++i) h(i, 15 - i, false);
  if (n_ >= 5)  // 27
    for (int i = 0; i < 4; ++i) b(27 - i, 20 + i, 32, true);
  if (n_ == 6) {  // 28
    for (int i = 0; i < 8; ++i) {
      h(32 + i, 47 - i, false);
      h(48 + i, 63 - i, true);
    }
  }
  if (n_ >= 5)  // 29
    for (int i = 0; i < 16; ++i) h(i, 31 - i, false);
  if (n_ == 6)  // 30
    for (int i = 0; i < 8; ++i) b(55 - i, 40 + i, 32, true);
  if (n_ == 6)  // 31
    for (int i = 0; i < 32; ++i) h(i, 63 - i, false);
}

void Line::permute_adst_input() {
  const auto copy = t_;
  const int n0 = 1 << n_;
  for (int i = 0; i < n0; ++i) t_[i] = copy[(i & 1) != 0 ? i - 1 : n0 - i - 1];
}

void Line::permute_adst_output() {
  const auto copy = t_;
  for (int i = 0; i < 1 << n_; ++i) {
    const int a = i >> 3 & 1, b = (i >> 2 & 1) ^ (i >> 3 & 1);
    const int c = (i >> 1 & 1) ^ (i >> 2 & 1), d = (i & 1) ^ (i >> 1 & 1);
    const int index = (d << 3 | c << 2 | b << 1 | a) >> (4 - n_);
    t_[i] = (i & 1) != 0 ? -copy[index] : copy[index];
  }
}

void Line::adst4() {
  constexpr int64_t sinpi_1_9 = 1321, sinpi_2_9 = 2482, sinpi_3_9 = 3344, sinpi_4_9 = 3803;
  const int64_t b7 = t_[0] - t_[2] + t_[3];
  const int64_t s0 = sinpi_1_9 * t_[0] + sinpi_4_9 * t_[2] + sinpi_2_9 * t_[3];
  const int64_t s1 = sinpi_2_9 * t_[0] - sinpi_1_9 * t_[2] - sinpi_4_9 * t_[3];
  const int64_t s2 = sinpi_3_9 * b7, s3 = sinpi_3_9 * t_[1];
  t_[0] = round2(s0 + s3, 12);
  t_[1] = round2(s1 + s3, 12);
  t_[2] = round2(s2, 12);
  t_[3] = round2(s0 + s1 - s3, 12);
}

void Line::adst8() {
  permute_adst_input();
  for (int i = 0; i < 4; ++i) b(2 * i, 2 * i + 1, 60 - 16 * i, true);
  for (int i = 0; i < 4; ++i) h(i, 4 + i, false);
  for (int i = 0; i < 2; ++i) b(4 + 3 * i, 5 + i, 48 - 32 * i, true);
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 2; ++j) h(4 * j + i, 2 + 4 * j + i, false);
  for (int i = 0; i < 2; ++i) b(2 + 4 * i, 3 + 4 * i, 32, true);
  permute_adst_output();
}

void Line::adst16() {
  permute_adst_input();
  for (int i = 0; i < 8; ++i) b(2 * i, 2 * i + 1, 62 - 8 * i, true);
  for (int i = 0; i < 8; ++i) h(i, 8 + i, false);
  for (int i = 0; i < 2; ++i) {
    b(8 + 2 * i, 9 + 2 * i, 56 - 32 * i, true);
    b(13 + 2 * i, 12 + 2 * i, 8 + 32 * i, true);
  }
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 2; ++j) h(8 * j + i, 4 + 8 * j + i, false);
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 2; ++j) b(4 + 8 * j + 3 * i, 5 + 8 * j + i, 48 - 32 * i, true);
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 4; ++j) h(4 * j + i, 2 + 4 * j + i, false);
  for (int i = 0; i < 4; ++i) b(2 + 4 * i, 3 + 4 * i, 32, true);
  permute_adst_output();
}

void Line::adst() {
  if (n_ == 2) return adst4();
  n_ == 3 ? adst8() : adst16();
}

void Line::identity() {
  for (int i = 0; i < 1 << n_; ++i) {
    int64_t& t = t_[i];
    t = n_ == 2 ? round2(t * 5793, 12) : n_ == 3 ? t * 2 : n_ == 4 ? round2(t * 11586, 12) : t * 4;
  }
}

void Line::wht(int shift) {
  int64_t a = t_[0] >> shift, c = t_[1] >> shift, d = t_[2] >> shift, b = t_[3] >> shift;
  a += c;
  d -= b;
  const int64_t e = (a - d) >> 1;
  b = e - b;
  c = e - c;
  a -= b;
  d += c;
  t_[0] = a;
  t_[1] = b;
  t_[2] = c;
  t_[3] = d;
}

enum class Kind { dct, adst, flipadst, identity, wht };

Kind vertical(TxType type) {
  switch (type) {
    case TxType::dct_dct:
    case TxType::dct_adst:
    case TxType::dct_flipadst:
    case TxType::v_dct:
      return Kind::dct;
    case TxType::adst_dct:
    case TxType::adst_adst:
    case TxType::adst_flipadst:
    case TxType::v_adst:
      return Kind::adst;
    case TxType::flipadst_dct:
    case TxType::flipadst_flipadst:
    case TxType::flipadst_adst:
    case TxType::v_flipadst:
      return Kind::flipadst;
    case TxType::wht:
      return Kind::wht;
    default:
      return Kind::identity;
  }
}

Kind horizontal(TxType type) {
  switch (type) {
    case TxType::dct_dct:
    case TxType::adst_dct:
    case TxType::flipadst_dct:
    case TxType::h_dct:
      return Kind::dct;
    case TxType::dct_adst:
    case TxType::adst_adst:
    case TxType::flipadst_adst:
    case TxType::h_adst:
      return Kind::adst;
    case TxType::dct_flipadst:
    case TxType::flipadst_flipadst:
    case TxType::adst_flipadst:
    case TxType::h_flipadst:
      return Kind::flipadst;
    case TxType::wht:
      return Kind::wht;
    default:
      return Kind::identity;
  }
}

void transform(Kind kind, int wht_shift, Line& line) {
  switch (kind) {
    case Kind::dct:
      return line.dct();
    case Kind::adst:
    case Kind::flipadst:
      return line.adst();
    case Kind::identity:
      return line.identity();
    case Kind::wht:
      return line.wht(wht_shift);
  }
}

constexpr std::array<uint8_t, tx_size_count> row_shifts = {0, 1, 2, 2, 2, 0, 0, 1, 1, 1,
                                                           1, 1, 1, 1, 1, 2, 2, 2, 2};

}  // namespace

void inverse_transform(TxSize size, TxType type, uint32_t bit_depth, Block& block) {
  const auto index = static_cast<uint32_t>(size);
  const int log2_w = tx_width_log2[index], log2_h = tx_height_log2[index];
  const int w = 1 << log2_w, h = 1 << log2_h, depth = static_cast<int>(bit_depth);
  const bool lossless = type == TxType::wht;
  const int column_range = std::max(depth + 6, 16);
  const int64_t most = (int64_t{1} << (column_range - 1)) - 1;
  for (int i = 0; i < h; ++i) {
    Line line(log2_w, depth + 8);
    for (int j = 0; j < w; ++j) {
      line[j] = i < 32 && j < 32 ? block[i][j] : 0;
      if (std::abs(log2_w - log2_h) == 1) line[j] = round2(line[j] * 2896, 12);
    }
    transform(horizontal(type), 2, line);
    for (int j = 0; j < w; ++j)
      block[i][j] = static_cast<int32_t>(
          std::clamp(round2(line[j], lossless ? 0 : row_shifts[index]), -most - 1, most));
  }
  for (int j = 0; j < w; ++j) {
    Line line(log2_h, column_range);
    for (int i = 0; i < h; ++i) line[i] = block[i][j];
    transform(vertical(type), 0, line);
    for (int i = 0; i < h; ++i)
      block[i][j] = static_cast<int32_t>(round2(line[i], lossless ? 0 : 4));
  }
  if (horizontal(type) == Kind::flipadst)
    for (int i = 0; i < h; ++i) std::reverse(block[i].begin(), block[i].begin() + w);
  if (vertical(type) == Kind::flipadst) std::reverse(block.begin(), block.begin() + h);
}

}  // namespace daedalus::av1::scalar
