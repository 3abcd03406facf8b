// SPDX-License-Identifier: MIT
#include "av1/warp.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "av1/syntax.h"

namespace daedalus::av1 {
namespace {

constexpr uint32_t warpedmodel_prec_bits = 16;
constexpr int32_t one = 1 << warpedmodel_prec_bits;
constexpr int32_t warpedmodel_trans_clamp = 1 << 23;
constexpr int32_t warpedmodel_nondiagaffine_clamp = 1 << 13;
constexpr uint32_t warp_param_reduce_bits = 6;
constexpr uint32_t div_lut_bits = 8;
constexpr uint32_t div_lut_prec_bits = 14;
constexpr int32_t ls_mv_max = 256;

// 7.11.3.7
constexpr std::array<uint16_t, (1 << div_lut_bits) + 1> div_lut = {
    16384, 16320, 16257, 16194, 16132, 16070, 16009, 15948, 15888, 15828, 15768, 15709, 15650,
    15592, 15534, 15477, 15420, 15364, 15308, 15252, 15197, 15142, 15087, 15033, 14980, 14926,
    14873, 14821, 14769, 14717, 14665, 14614, 14564, 14513, 14463, 14413, 14364, 14315, 14266,
    14218, 14170, 14122, 14075, 14028, 13981, 13935, 13888, 13843, 13797, 13752, 13707, 13662,
    13618, 13574, 13530, 13487, 13443, 13400, 13358, 13315, 13273, 13231, 13190, 13148, 13107,
    13066, 13026, 12985, 12945, 12906, 12866, 12827, 12788, 12749, 12710, 12672, 12633, 12596,
    12558, 12520, 12483, 12446, 12409, 12373, 12336, 12300, 12264, 12228, 12193, 12157, 12122,
    12087, 12053, 12018, 11984, 11950, 11916, 11882, 11848, 11815, 11782, 11749, 11716, 11683,
    11651, 11619, 11586, 11555, 11523, 11491, 11460, 11429, 11398, 11367, 11336, 11305, 11275,
    11245, 11215, 11185, 11155, 11125, 11096, 11067, 11038, 11009, 10980, 10951, 10923, 10894,
    10866, 10838, 10810, 10782, 10755, 10727, 10700, 10673, 10645, 10618, 10592, 10565, 10538,
    10512, 10486, 10460, 10434, 10408, 10382, 10356, 10331, 10305, 10280, 10255, 10230, 10205,
    10180, 10156, 10131, 10107, 10082, 10058, 10034, 10010, 9986,  9963,  9939,  9916,  9892,
    9869,  9846,  9823,  9800,  9777,  9754,  9732,  9709,  9687,  9664,  9642,  9620,  9598,
    9576,  9554,  9533,  9511,  9489,  9468,  9447,  9425,  9404,  9383,  9362,  9341,  9321,
    9300,  9279,  9259,  9239,  9218,  9198,  9178,  9158,  9138,  9118,  9098,  9079,  9059,
    9039,  9020,  9001,  8981,  8962,  8943,  8924,  8905,  8886,  8867,  8849,  8830,  8812,
    8793,  8775,  8756,  8738,  8720,  8702,  8684,  8666,  8648,  8630,  8613,  8595,  8577,
    8560,  8542,  8525,  8508,  8490,  8473,  8456,  8439,  8422,  8405,  8389,  8372,  8355,
    8339,  8322,  8306,  8289,  8273,  8257,  8240,  8224,  8208,  8192};

int64_t round2_signed(int64_t value, uint32_t bits) {
  if (bits == 0) return value;
  const int64_t half = int64_t{1} << (bits - 1);
  return value >= 0 ? (value + half) >> bits : -((-value + half) >> bits);
}

// Division by a multiplication and a shift (7.11.3.7). `d` must not be 0.
struct Divisor {
  uint32_t shift;
  int64_t factor;
};
Divisor resolve_divisor(int64_t d) {
  const uint64_t magnitude = static_cast<uint64_t>(std::abs(d));
  const auto n = static_cast<uint32_t>(std::bit_width(magnitude)) - 1;
  const uint64_t e = magnitude - (uint64_t{1} << n);
  const uint64_t f = n > div_lut_bits
                         ? (e + (uint64_t{1} << (n - div_lut_bits - 1))) >> (n - div_lut_bits)
                         : e << (div_lut_bits - n);
  const int64_t factor = div_lut[f];
  return {n + div_lut_prec_bits, d < 0 ? -factor : factor};
}

// Sums for the least squares fit.
struct Sums {
  std::array<std::array<int64_t, 2>, 2> a{};
  std::array<int64_t, 2> bx{}, by{};

  void add(int32_t sy, int32_t sx, int32_t dy, int32_t dx) {
    const auto product = [](int32_t left, int32_t right) {
      return ((left * right) >> 2) + (left + right);
    };
    a[0][0] += product(sx, sx) + 8;
    a[0][1] += product(sx, sy) + 4;
    a[1][1] += product(sy, sy) + 8;
    bx[0] += product(sx, dx) + 8;
    bx[1] += product(sy, dx) + 4;
    by[0] += product(sx, dy) + 4;
    by[1] += product(sy, dy) + 8;
  }
};

Sums sums_of(const WarpBlock& block, std::span<const WarpSample> samples) {
  const int32_t suy = block.mid_y * 8, sux = block.mid_x * 8;
  Sums sums;
  for (const WarpSample& sample : samples) {
    const int32_t sy = sample.source_y - suy, sx = sample.source_x - sux;
    const int32_t dy = sample.destination_y - (suy + block.mv.y);
    const int32_t dx = sample.destination_x - (sux + block.mv.x);
    if (std::abs(sx - dx) < ls_mv_max && std::abs(sy - dy) < ls_mv_max) sums.add(sy, sx, dy, dx);
  }
  return sums;
}

// diag() and nondiag(): `middle` is 1 or 0. The sums are below 2^22, the products of two of them
// below 2^45, and the factor is at most 2^14.
int32_t divided(int64_t value, const Divisor& by, int32_t middle) {
  constexpr int64_t limit = warpedmodel_nondiagaffine_clamp - 1;
  return static_cast<int32_t>(std::clamp<int64_t>(round2_signed(value * by.factor, by.shift),
                                                  middle - limit, middle + limit));
}

int32_t translation(int16_t mv, int64_t moved) {
  const int64_t value = int64_t{mv} * (1 << (warpedmodel_prec_bits - 3)) - moved;
  return static_cast<int32_t>(
      std::clamp<int64_t>(value, -warpedmodel_trans_clamp, warpedmodel_trans_clamp - 1));
}

int32_t reduced(int64_t value) {
  const int64_t clamped = std::clamp<int64_t>(value, -32768, 32767);
  return static_cast<int32_t>(round2_signed(clamped, warp_param_reduce_bits)
                              << warp_param_reduce_bits);
}

}  // namespace

std::optional<WarpMatrix> warp_estimation(const WarpBlock& block,
                                          std::span<const WarpSample> samples) {
  const Sums sums = sums_of(block, samples);
  const auto& a = sums.a;
  const int64_t det = a[0][0] * a[1][1] - a[0][1] * a[0][1];
  if (det == 0) return std::nullopt;
  Divisor by = resolve_divisor(det);
  if (by.shift < warpedmodel_prec_bits) {
    by.factor *= int64_t{1} << (warpedmodel_prec_bits - by.shift);
    by.shift = 0;
  } else {
    by.shift -= warpedmodel_prec_bits;
  }
  WarpMatrix matrix;
  matrix[2] = divided(a[1][1] * sums.bx[0] - a[0][1] * sums.bx[1], by, one);
  matrix[3] = divided(-a[0][1] * sums.bx[0] + a[0][0] * sums.bx[1], by, 0);
  matrix[4] = divided(a[1][1] * sums.by[0] - a[0][1] * sums.by[1], by, 0);
  matrix[5] = divided(-a[0][1] * sums.by[0] + a[0][0] * sums.by[1], by, one);
  const int64_t x = block.mid_x, y = block.mid_y;
  matrix[0] = translation(block.mv.x, x * (matrix[2] - one) + y * matrix[3]);
  matrix[1] = translation(block.mv.y, x * matrix[4] + y * (matrix[5] - one));
  return matrix;
}

std::optional<WarpShear> setup_shear(const WarpMatrix& matrix) {
  if (!is_bounded(matrix)) return std::nullopt;
  const Divisor by = resolve_divisor(matrix[2]);
  const int64_t v = int64_t{matrix[4]} * one;
  const int64_t w = int64_t{matrix[3]} * matrix[4];
  const int32_t alpha = reduced(matrix[2] - one);
  const int32_t beta = reduced(matrix[3]);
  const int32_t gamma = reduced(round2_signed(v * by.factor, by.shift));
  const int32_t delta = reduced(matrix[5] - round2_signed(w * by.factor, by.shift) - one);
  if (4 * std::abs(alpha) + 7 * std::abs(beta) >= one ||
      4 * std::abs(gamma) + 4 * std::abs(delta) >= one)
    return std::nullopt;
  return WarpShear{static_cast<int16_t>(alpha), static_cast<int16_t>(beta),
                   static_cast<int16_t>(gamma), static_cast<int16_t>(delta)};
}

bool is_bounded(const WarpMatrix& matrix) {
  constexpr int32_t limit = warpedmodel_nondiagaffine_clamp;
  const auto is_near = [](int32_t value, int32_t middle) {
    return value >= middle - limit && value <= middle + limit;
  };
  const auto is_translation = [](int32_t value) {
    return value >= -warpedmodel_trans_clamp && value <= warpedmodel_trans_clamp;
  };
  return is_translation(matrix[0]) && is_translation(matrix[1]) && is_near(matrix[2], one) &&
         is_near(matrix[3], 0) && is_near(matrix[4], 0) && is_near(matrix[5], one);
}

}  // namespace daedalus::av1
