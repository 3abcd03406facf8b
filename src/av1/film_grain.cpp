// SPDX-License-Identifier: MIT
#include "av1/film_grain.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "av1/gaussian_sequence.h"

namespace daedalus::av1 {
namespace {

constexpr uint8_t identity_matrix = 0;  // MC_IDENTITY

// Round2 with an arithmetic shift for negative values.
int32_t round2(int32_t value, uint32_t bits) {
  return bits == 0 ? value : (value + (1 << (bits - 1))) >> bits;
}

// 7.18.3.2
class RandomRegister {
 public:
  explicit RandomRegister(uint32_t seed) : state_(seed) {}
  uint32_t take(uint32_t bits) {
    const uint32_t bit = (state_ ^ state_ >> 1 ^ state_ >> 3 ^ state_ >> 12) & 1;
    state_ = state_ >> 1 | bit << 15;
    return state_ >> (16 - bits) & ((1u << bits) - 1);
  }

 private:
  uint32_t state_;
};

template <std::size_t width, std::size_t height>
using Template = std::array<std::array<int16_t, width>, height>;

// 7.18.3.3
class TemplateMaker {
 public:
  TemplateMaker(const FilmGrainParameters& parameters, uint32_t bit_depth)
      : parameters_(parameters),
        bit_depth_(bit_depth),
        lag_(std::min<int>(parameters.ar_coeff_lag, 3)),
        shift_(parameters.ar_coeff_shift_minus_6 + 6u),
        center_(128 << (bit_depth - 8)) {}

  void make_luma(Template<82, 73>& grain) const {
    fill_noise(grain, parameters_.num_y_points > 0, parameters_.grain_seed);
    if (parameters_.num_y_points == 0) return;
    filter(grain, parameters_.ar_coeffs_y, [](std::size_t, std::size_t) { return 0; });
  }

  // Call after make_luma(). `seed` distinguishes the planes.
  void make_chroma(Template<44, 38>& grain, const Template<82, 73>& luma, uint32_t seed,
                   bool applied, std::span<const int8_t, 25> coefficients) const {
    fill_noise(grain, applied, parameters_.grain_seed ^ seed);
    if (!applied) return;
    const int32_t luma_coefficient =
        parameters_.num_y_points > 0 ? coefficients[static_cast<std::size_t>(2 * lag_ * (lag_ + 1))]
                                     : 0;
    filter(grain, coefficients, [&](std::size_t x, std::size_t y) {
      const std::size_t luma_x = 2 * (x - 3) + 3, luma_y = 2 * (y - 3) + 3;
      const int32_t sum = luma[luma_y][luma_x] + luma[luma_y][luma_x + 1] +
                          luma[luma_y + 1][luma_x] + luma[luma_y + 1][luma_x + 1];
      return round2(sum, 2) * luma_coefficient;
    });
  }

 private:
  template <std::size_t width, std::size_t height>
  void fill_noise(Template<width, height>& grain, bool applied, uint32_t seed) const {
    if (!applied) {
      for (auto& row : grain) row.fill(0);
      return;
    }
    RandomRegister random(seed);
    const uint32_t shift = 12 - bit_depth_ + parameters_.grain_scale_shift;
    for (auto& row : grain)
      for (int16_t& g : row)
        g = static_cast<int16_t>(round2(gaussian_sequence[random.take(11)], shift));
  }

  // The auto-regressive filter; `more` is added to the weighted sum of earlier samples.
  template <std::size_t width, std::size_t height, typename More>
  void filter(Template<width, height>& grain, std::span<const int8_t> coefficients,
              More&& more) const {
    for (std::size_t y = 3; y < height; ++y) {
      for (std::size_t x = 3; x < width - 3; ++x) {
        const int32_t sum = weighted_before(grain, x, y, coefficients) + more(x, y);
        grain[y][x] = static_cast<int16_t>(
            std::clamp(grain[y][x] + round2(sum, shift_), -center_, center_ - 1));
      }
    }
  }

  template <std::size_t width, std::size_t height>
  int32_t weighted_before(const Template<width, height>& grain, std::size_t x, std::size_t y,
                          std::span<const int8_t> coefficients) const {
    int32_t sum = 0;
    const int8_t* coefficient = coefficients.data();
    for (int row = -lag_; row <= 0; ++row) {
      const int16_t* at = grain[y - static_cast<std::size_t>(-row)].data() + x;
      for (int column = -lag_; column <= (row == 0 ? -1 : lag_); ++column)
        sum += at[column] * *coefficient++;
    }
    return sum;
  }

  const FilmGrainParameters& parameters_;
  const uint32_t bit_depth_;
  const int lag_;
  const uint32_t shift_;
  const int32_t center_;
};

// 7.18.3.4. Stops at points that do not ascend (invalid stream).
void make_scaling(std::span<const uint8_t> x, std::span<const uint8_t> y,
                  std::array<uint8_t, 257>& table) {
  if (x.empty()) {
    table.fill(0);
    return;
  }
  std::fill_n(table.begin(), x[0], y[0]);
  for (std::size_t i = 0; i + 1 < x.size(); ++i) {
    const int32_t delta_x = x[i + 1] - x[i];
    if (delta_x <= 0) break;
    const int32_t delta = (y[i + 1] - y[i]) * ((65536 + (delta_x >> 1)) / delta_x);
    for (int32_t step = 0; step < delta_x; ++step)
      table[static_cast<std::size_t>(x[i] + step)] =
          static_cast<uint8_t>(y[i] + ((step * delta + 32768) >> 16));
  }
  std::fill(table.begin() + x.back(), table.end(), y.back());
}

void make_scaling_tables(const FilmGrainParameters& p, FilmGrain& grain) {
  const auto points = [](const auto& list, uint8_t count) {
    return std::span(list).first(std::min<std::size_t>(count, list.size()));
  };
  make_scaling(points(p.point_y_value, p.num_y_points), points(p.point_y_scaling, p.num_y_points),
               grain.scaling[0]);
  if (p.chroma_scaling_from_luma) {
    grain.scaling[1] = grain.scaling[2] = grain.scaling[0];
    return;
  }
  make_scaling(points(p.point_cb_value, p.num_cb_points),
               points(p.point_cb_scaling, p.num_cb_points), grain.scaling[1]);
  make_scaling(points(p.point_cr_value, p.num_cr_points),
               points(p.point_cr_scaling, p.num_cr_points), grain.scaling[2]);
}

void set_facts(const PictureParameters& picture, FilmGrain& grain) {
  const FilmGrainParameters& p = picture.film_grain;
  const int depth_shift = picture.bit_depth - 8;
  grain.apply = p.apply_grain;
  grain.grain_seed = p.grain_seed;
  grain.chroma_scaling_from_luma = p.chroma_scaling_from_luma;
  grain.overlap = p.overlap_flag;
  grain.clip_to_restricted_range = p.clip_to_restricted_range;
  grain.identity_matrix = picture.matrix_coefficients == identity_matrix;
  grain.apply_y = p.num_y_points > 0;
  grain.apply_cb = !picture.monochrome && (p.num_cb_points > 0 || p.chroma_scaling_from_luma);
  grain.apply_cr = !picture.monochrome && (p.num_cr_points > 0 || p.chroma_scaling_from_luma);
  grain.scaling_shift = static_cast<uint8_t>(p.grain_scaling_minus_8 + 8);
  grain.cb_mult = static_cast<int16_t>(p.cb_mult - 128);
  grain.cb_luma_mult = static_cast<int16_t>(p.cb_luma_mult - 128);
  grain.cb_offset = static_cast<int16_t>((p.cb_offset - 256) * (1 << depth_shift));
  grain.cr_mult = static_cast<int16_t>(p.cr_mult - 128);
  grain.cr_luma_mult = static_cast<int16_t>(p.cr_luma_mult - 128);
  grain.cr_offset = static_cast<int16_t>((p.cr_offset - 256) * (1 << depth_shift));
}

}  // namespace

void make_film_grain(const PictureParameters& picture, FilmGrain& grain) {
  set_facts(picture, grain);
  if (!grain.apply) return;
  const FilmGrainParameters& p = picture.film_grain;
  const TemplateMaker templates(p, picture.bit_depth);
  templates.make_luma(grain.luma);
  templates.make_chroma(grain.chroma[0], grain.luma, 0xb524, grain.apply_cb, p.ar_coeffs_cb);
  templates.make_chroma(grain.chroma[1], grain.luma, 0x49d8, grain.apply_cr, p.ar_coeffs_cr);
  make_scaling_tables(p, grain);
}

}  // namespace daedalus::av1
