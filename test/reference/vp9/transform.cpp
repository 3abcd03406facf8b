// SPDX-License-Identifier: MIT
#include "reference/vp9/transform.h"

#include <span>
#include <utility>

namespace daedalus::vp9::scalar {
namespace {

using Line = std::span<int64_t>;

// cos64_lookup (8.7.1.1): round(16384 * cos(i * pi / 64)), i = 0..32
constexpr std::array<int64_t, 33> cosines = {
    16384, 16364, 16305, 16207, 16069, 15893, 15679, 15426, 15137, 14811, 14449,
    14053, 13623, 13160, 12665, 12140, 11585, 11003, 10394, 9760,  9102,  8423,
    7723,  7005,  6270,  5520,  4756,  3981,  3196,  2404,  1606,  804,   0};

int64_t round_shift(int64_t value, int bits) {
  return (value + (int64_t{1} << (bits - 1))) >> bits;
}

// (a, b) -> (a * cos(x) - b * sin(x), a * sin(x) + b * cos(x)), x in 64ths of pi, where the sine of
// x is the cosine of 32 - x.
void rotate(int64_t& a, int64_t& b, size_t cos_index) {
  const int64_t c = cosines[cos_index], s = cosines[32 - cos_index];
  const int64_t first = round_shift(a * c - b * s, 14), second = round_shift(a * s + b * c, 14);
  a = first;
  b = second;
}

// (a, b) -> (-a * sin(x) + b * cos(x), a * cos(x) + b * sin(x))
void rotate_mirrored(int64_t& a, int64_t& b, size_t cos_index) {
  const int64_t c = cosines[cos_index], s = cosines[32 - cos_index];
  const int64_t first = round_shift(b * c - a * s, 14), second = round_shift(a * c + b * s, 14);
  a = first;
  b = second;
}

// (a, b) -> (-a * cos(x) - b * sin(x), -a * sin(x) + b * cos(x))
void rotate_negated(int64_t& a, int64_t& b, size_t cos_index) {
  const int64_t c = cosines[cos_index], s = cosines[32 - cos_index];
  const int64_t first = round_shift(-a * c - b * s, 14), second = round_shift(b * c - a * s, 14);
  a = first;
  b = second;
}

void add_and_subtract(int64_t& a, int64_t& b) {
  const int64_t sum = a + b;
  b = a - b;
  a = sum;
}

void subtract_and_add(int64_t& a, int64_t& b) {
  const int64_t sum = a + b;
  a = b - a;
  b = sum;
}

// Processes groups of `size`: in every second group differences come first.
void butterflies(Line odd, size_t size) {
  for (size_t first = 0; first < odd.size(); first += size) {
    for (size_t i = 0; i < size / 2; ++i) {
      int64_t& a = odd[first + i];
      int64_t& b = odd[first + size - 1 - i];
      if (first / size % 2 == 0) {
        add_and_subtract(a, b);
      } else {
        subtract_and_add(a, b);
      }
    }
  }
}

// Rotates mirrored pairs in the middle half of the line: scaled sums and differences.
void halve(Line odd) {
  for (size_t i = odd.size() / 4; i < odd.size() / 2; ++i)
    rotate_mirrored(odd[i], odd[odd.size() - 1 - i], 16);
}

void odd_8(Line odd) {
  butterflies(odd, 2);
  rotate_mirrored(odd[1], odd[6], 24);
  rotate_negated(odd[2], odd[5], 24);
  butterflies(odd, 4);
  halve(odd);
}

void odd_16(Line odd) {
  butterflies(odd, 2);
  rotate_mirrored(odd[1], odd[14], 28);
  rotate_negated(odd[2], odd[13], 28);
  rotate_mirrored(odd[5], odd[10], 12);
  rotate_negated(odd[6], odd[9], 12);
  butterflies(odd, 4);
  rotate_mirrored(odd[2], odd[13], 24);
  rotate_mirrored(odd[3], odd[12], 24);
  rotate_negated(odd[4], odd[11], 24);
  rotate_negated(odd[5], odd[10], 24);
  butterflies(odd, 8);
  halve(odd);
}

size_t reverse_bits(size_t value, size_t size) {
  size_t reversed = 0;
  for (size_t bit = 1; bit < size; bit *= 2) reversed = reversed * 2 + ((value & bit) != 0);
  return reversed;
}

// Transforms the odd inputs until they are combined with the even ones.
void odd_part(Line odd) {
  const size_t size = odd.size(), angle = 16 / size;
  for (size_t i = 0; i < size / 2; ++i) {
    const size_t input = 2 * reverse_bits(i, size) + 1;
    rotate(odd[i], odd[size - 1 - i], 32 - input * angle);
  }
  if (size == 4) {
    butterflies(odd, 2);
    halve(odd);
  }
  if (size == 8) odd_8(odd);
  if (size == 16) odd_16(odd);
}

// 8.7.1.2, 8.7.1.3
void inverse_dct(Line line) {
  const size_t size = line.size(), half = size / 2;
  if (size == 2) {
    const int64_t sum = line[0] + line[1], difference = line[0] - line[1];
    line[0] = round_shift(sum * cosines[16], 14);
    line[1] = round_shift(difference * cosines[16], 14);
    return;
  }
  std::array<int64_t, 16> even, odd;
  for (size_t i = 0; i < half; ++i) even[i] = line[2 * i];
  for (size_t i = 0; i < half / 2; ++i) {
    const size_t input = 2 * reverse_bits(i, half) + 1;
    odd[i] = line[input];
    odd[half - 1 - i] = line[size - input];
  }
  inverse_dct(Line(even).first(half));
  odd_part(Line(odd).first(half));
  for (size_t i = 0; i < half; ++i) {
    line[i] = even[i] + odd[half - 1 - i];
    line[size - 1 - i] = even[i] - odd[half - 1 - i];
  }
}

// 8.7.1.6
void inverse_adst_4(Line x) {
  constexpr int64_t sine_1 = 5283, sine_2 = 9929, sine_3 = 13377, sine_4 = 15212;
  const int64_t a = sine_1 * x[0] + sine_4 * x[2] + sine_2 * x[3];
  const int64_t b = sine_2 * x[0] - sine_1 * x[2] - sine_4 * x[3];
  const int64_t c = sine_3 * x[1], d = sine_3 * (x[0] - x[2] + x[3]);
  x[0] = round_shift(a + c, 14);
  x[1] = round_shift(b + c, 14);
  x[2] = round_shift(d, 14);
  x[3] = round_shift(a + b - c, 14);
}

int64_t cos_of(size_t index) {
  return cosines[index];
}

// Two rotations at once: sums and differences of (a, b) rotated by one angle and (c, d) by another
// are rounded together.
void rotate_together(int64_t& a, int64_t& b, int64_t& c, int64_t& d, std::array<int64_t, 4> first,
                     std::array<int64_t, 4> second) {
  const int64_t s0 = a * first[0] + b * first[1], s1 = a * first[2] + b * first[3];
  const int64_t s2 = c * second[0] + d * second[1], s3 = c * second[2] + d * second[3];
  a = round_shift(s0 + s2, 14);
  b = round_shift(s1 + s3, 14);
  c = round_shift(s0 - s2, 14);
  d = round_shift(s1 - s3, 14);
}

std::array<int64_t, 4> forwards(size_t cos_index) {
  const int64_t c = cos_of(cos_index), s = cos_of(32 - cos_index);
  return {c, s, s, -c};
}

std::array<int64_t, 4> backwards(size_t cos_index) {
  const int64_t c = cos_of(cos_index), s = cos_of(32 - cos_index);
  return {-s, c, c, s};
}

int64_t half_of(int64_t value) {
  return round_shift(value * cosines[16], 14);
}

// 8.7.1.7
void inverse_adst_8(Line line) {
  std::array<int64_t, 8> x = {line[7], line[0], line[5], line[2],
                              line[3], line[4], line[1], line[6]};
  rotate_together(x[0], x[1], x[4], x[5], forwards(2), forwards(18));
  rotate_together(x[2], x[3], x[6], x[7], forwards(10), forwards(26));
  add_and_subtract(x[0], x[2]);
  add_and_subtract(x[1], x[3]);
  rotate_together(x[4], x[5], x[6], x[7], forwards(8), backwards(8));
  const std::array<int64_t, 8> result = {x[0],
                                         -x[4],
                                         half_of(x[6] + x[7]),
                                         -half_of(x[2] + x[3]),
                                         half_of(x[2] - x[3]),
                                         -half_of(x[6] - x[7]),
                                         x[5],
                                         -x[1]};
  for (size_t i = 0; i < 8; ++i) line[i] = result[i];
}

// 8.7.1.8
void inverse_adst_16(Line line) {
  std::array<int64_t, 16> x;
  for (size_t i = 0; i < 8; ++i) {
    x[2 * i] = line[15 - 2 * i];
    x[2 * i + 1] = line[2 * i];
  }
  for (size_t i = 0; i < 4; ++i) {
    rotate_together(x[2 * i], x[2 * i + 1], x[2 * i + 8], x[2 * i + 9], forwards(1 + 4 * i),
                    forwards(17 + 4 * i));
  }
  for (size_t i = 0; i < 4; ++i) add_and_subtract(x[i], x[i + 4]);
  rotate_together(x[8], x[9], x[12], x[13], forwards(4), backwards(4));
  rotate_together(x[10], x[11], x[14], x[15], forwards(20), backwards(20));
  for (size_t i : {0, 1, 8, 9}) add_and_subtract(x[i], x[i + 2]);
  rotate_together(x[4], x[5], x[6], x[7], forwards(8), backwards(8));
  rotate_together(x[12], x[13], x[14], x[15], forwards(8), backwards(8));
  const std::array<int64_t, 16> result = {x[0],
                                          -x[8],
                                          x[12],
                                          -x[4],
                                          half_of(x[6] + x[7]),
                                          half_of(-(x[14] + x[15])),
                                          half_of(x[10] + x[11]),
                                          half_of(-(x[2] + x[3])),
                                          half_of(x[2] - x[3]),
                                          half_of(x[11] - x[10]),
                                          half_of(x[14] - x[15]),
                                          half_of(x[7] - x[6]),
                                          x[5],
                                          -x[13],
                                          x[9],
                                          -x[1]};
  for (size_t i = 0; i < 16; ++i) line[i] = result[i];
}

void inverse_adst(Line line) {
  if (line.size() == 4) inverse_adst_4(line);
  if (line.size() == 8) inverse_adst_8(line);
  if (line.size() == 16) inverse_adst_16(line);
}

// 8.7.1.10
void inverse_wht(Line line, int shift) {
  int64_t a = line[0] >> shift, c = line[1] >> shift, d = line[2] >> shift, b = line[3] >> shift;
  a += c;
  d -= b;
  const int64_t e = (a - d) >> 1;
  b = e - b;
  c = e - c;
  line[0] = a - b;
  line[1] = b;
  line[2] = c;
  line[3] = d + c;
}

}  // namespace

// 8.7.2
void inverse_transform(Block& block, TxSize tx_size, TxType type, bool lossless) {
  const size_t size = size_t{4} << static_cast<uint32_t>(tx_size);
  const bool adst_rows = type == TxType::dct_adst || type == TxType::adst_adst;
  const bool adst_columns = type == TxType::adst_dct || type == TxType::adst_adst;
  for (size_t row = 0; row < size; ++row) {
    const Line line = Line(block[row]).first(size);
    if (lossless) {
      inverse_wht(line, 2);
    } else if (adst_rows) {
      inverse_adst(line);
    } else {
      inverse_dct(line);
    }
  }
  const int shift = size == 4 ? 4 : size == 8 ? 5 : 6;
  for (size_t column = 0; column < size; ++column) {
    std::array<int64_t, 32> values;
    const Line line = Line(values).first(size);
    for (size_t row = 0; row < size; ++row) line[row] = block[row][column];
    if (lossless) {
      inverse_wht(line, 0);
    } else if (adst_columns) {
      inverse_adst(line);
    } else {
      inverse_dct(line);
    }
    for (size_t row = 0; row < size; ++row) {
      block[row][column] = lossless ? line[row] : round_shift(line[row], shift);
    }
  }
}

}  // namespace daedalus::vp9::scalar
