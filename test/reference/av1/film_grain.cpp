// SPDX-License-Identifier: MIT
#include "reference/av1/film_grain.h"

#include <algorithm>
#include <array>
#include <vector>

namespace daedalus::av1::scalar {
namespace {

// Noise for one plane, in any size.
class Noise {
 public:
  Noise(int width, int height)
      : width_(width), height_(height), values_(static_cast<std::size_t>(width * height)) {}
  bool contains(int x, int y) const { return x < width_ && y < height_; }
  int& at(int x, int y) { return values_[static_cast<std::size_t>(y * width_ + x)]; }
  int at(int x, int y) const { return values_[static_cast<std::size_t>(y * width_ + x)]; }

 private:
  int width_, height_;
  std::vector<int> values_;
};

class Synthesis {
 public:
  Synthesis(const FilmGrain& grain, uint32_t width, uint32_t height, uint32_t bit_depth)
      : grain_(grain),
        width_(static_cast<int>(width)),
        height_(static_cast<int>(height)),
        bit_depth_(static_cast<int>(bit_depth)) {}

  // noiseImage[plane]
  Noise image(std::size_t plane) const {
    const int sub = plane == 0 ? 0 : 1, rows = 32 >> sub;
    Noise result((width_ + sub) >> sub, (height_ + sub) >> sub);
    std::vector<Noise> stripes;
    for (int y = 0; y < (height_ + 1) / 2; y += 16)
      stripes.push_back(stripe(plane, static_cast<uint32_t>(y / 16)));
    for (int y = 0; y < (height_ + sub) >> sub; ++y) {
      const auto number = static_cast<std::size_t>(y / rows);
      for (int x = 0; x < (width_ + sub) >> sub; ++x) {
        int g = stripes[number].at(x, y % rows);
        if (number > 0 && y % rows < 2 >> sub && grain_.overlap)
          g = blended(stripes[number - 1].at(x, y % rows + rows), g, y % rows, sub);
        result.at(x, y) = g;
      }
    }
    return result;
  }

  // scale_lut(), and the noise that results from the template's.
  int noise(std::size_t plane, int index, int g) const {
    const int shift = bit_depth_ - 8, x = index >> shift, rem = index - (x << shift);
    const auto& table = grain_.scaling[plane];
    const int start = table[static_cast<std::size_t>(x)];
    int scale = start;
    if (bit_depth_ != 8 && x != 255)
      scale += round2((table[static_cast<std::size_t>(x + 1)] - start) * rem, shift);
    return round2(scale * g, grain_.scaling_shift);
  }

  // The value that selects chroma's scaling.
  int merged(std::size_t plane, int average_luma, int value) const {
    if (grain_.chroma_scaling_from_luma) return average_luma;
    const bool cb = plane == 1;
    const int combined = average_luma * (cb ? grain_.cb_luma_mult : grain_.cr_luma_mult) +
                         value * (cb ? grain_.cb_mult : grain_.cr_mult);
    return std::clamp((combined >> 6) + (cb ? grain_.cb_offset : grain_.cr_offset), 0,
                      (1 << bit_depth_) - 1);
  }

  int clipped(std::size_t plane, int value) const {
    const int shift = bit_depth_ - 8;
    if (!grain_.clip_to_restricted_range) return std::clamp(value, 0, (256 << shift) - 1);
    const int most = plane == 0 || grain_.identity_matrix ? 235 : 240;
    return std::clamp(value, 16 << shift, most << shift);
  }

 private:
  static int round2(int value, int bits) {
    return bits == 0 ? value : (value + (1 << (bits - 1))) >> bits;
  }

  int blended(int old, int g, int i, int sub) const {
    const int sum = sub ? old * 23 + g * 22 : i == 0 ? old * 27 + g * 17 : old * 17 + g * 27;
    const int center = 128 << (bit_depth_ - 8);
    return std::clamp(round2(sum, 5), -center, (256 << (bit_depth_ - 8)) - 1 - center);
  }

  int template_at(std::size_t plane, int x, int y) const {
    const auto row = static_cast<std::size_t>(y), column = static_cast<std::size_t>(x);
    return plane == 0 ? grain_.luma[row][column] : grain_.chroma[plane - 1][row][column];
  }

  // noiseStripe[number][plane]
  Noise stripe(std::size_t plane, uint32_t number) const {
    const int sub = plane == 0 ? 0 : 1;
    Noise result((width_ + sub) >> sub, 34 >> sub);
    uint32_t state = grain_.grain_seed;
    state ^= ((number * 37 + 178) & 255) << 8;
    state ^= (number * 173 + 105) & 255;
    for (int x = 0; x < (width_ + 1) / 2; x += 16) {
      const uint32_t bit = (state ^ state >> 1 ^ state >> 3 ^ state >> 12) & 1;
      state = state >> 1 | bit << 15;
      const int random = static_cast<int>(state >> 8 & 255);
      const int offset_x = sub ? 6 + (random >> 4) : 9 + (random >> 4) * 2;
      const int offset_y = sub ? 6 + (random & 15) : 9 + (random & 15) * 2;
      const int left = x * 2 >> sub;
      for (int i = 0; i < 34 >> sub; ++i) {
        for (int j = 0; j < 34 >> sub; ++j) {
          if (!result.contains(left + j, i)) continue;
          int g = template_at(plane, offset_x + j, offset_y + i);
          if (j < 2 >> sub && grain_.overlap && x > 0)
            g = blended(result.at(left + j, i), g, j, sub);
          result.at(left + j, i) = g;
        }
      }
    }
    return result;
  }

  const FilmGrain& grain_;
  const int width_, height_, bit_depth_;
};

}  // namespace

void add_film_grain(const FilmGrain& grain, bool monochrome, uint32_t width, uint32_t height,
                    const PictureView& from, const PictureView& to) {
  const Synthesis synthesis(grain, width, height, from.bit_depth);
  const Plane luma = from.plane(Component::y);
  const std::array applied = {grain.apply_y, grain.apply_cb, grain.apply_cr};
  for (const Component component : {Component::y, Component::cb, Component::cr}) {
    const auto plane = static_cast<std::size_t>(component);
    const int sub = plane == 0 ? 0 : 1;
    const int columns = static_cast<int>(width + sub) >> sub;
    const int rows = static_cast<int>(height + sub) >> sub;
    const Plane source = from.plane(component), target = to.plane(component);
    const bool apply = applied[plane] && !(monochrome && plane > 0);
    const Noise noise = apply ? synthesis.image(plane) : Noise(0, 0);
    for (int y = 0; y < rows; ++y) {
      for (int x = 0; x < columns; ++x) {
        const int value = source(x, y);
        if (!apply) {
          target.set(x, y, value);
          continue;
        }
        int index = value;
        if (plane > 0) {
          const int next = std::min(2 * x + 1, static_cast<int>(width) - 1);
          index = synthesis.merged(plane, (luma(2 * x, 2 * y) + luma(next, 2 * y) + 1) >> 1, value);
        }
        target.set(x, y,
                   synthesis.clipped(plane, value + synthesis.noise(plane, index, noise.at(x, y))));
      }
    }
  }
}

}  // namespace daedalus::av1::scalar
