// SPDX-License-Identifier: MIT
#include "bench/scene.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace daedalus::bench {

namespace {

constexpr int texture_bits = 10, texture_side = 1 << texture_bits;
constexpr int fraction_bits = 4, one = 1 << fraction_bits;  // of positions in the texture
constexpr int object_count = 14;

// Noise of several sizes, the smaller the fainter; its edges fit together.
std::vector<uint8_t> make_texture() {
  std::mt19937 random(1);
  std::vector<float> sum(texture_side * texture_side);
  float amplitude = 60;
  for (int cell = 256; cell >= 2; cell /= 2, amplitude *= 0.62f) {
    const int cells = texture_side / cell;
    std::vector<float> grid(static_cast<std::size_t>(cells) * static_cast<std::size_t>(cells));
    for (auto& value : grid)
      value = amplitude * (static_cast<float>(random() & 0xffff) / 32768.0f - 1);
    const auto at = [&](int x, int y) {
      return grid[static_cast<std::size_t>((y % cells) * cells + x % cells)];
    };
    for (int y = 0; y < texture_side; ++y) {
      for (int x = 0; x < texture_side; ++x) {
        const float u = static_cast<float>(x % cell) / static_cast<float>(cell);
        const float v = static_cast<float>(y % cell) / static_cast<float>(cell);
        const int column = x / cell, row = y / cell;
        const float upper = at(column, row) * (1 - u) + at(column + 1, row) * u;
        const float lower = at(column, row + 1) * (1 - u) + at(column + 1, row + 1) * u;
        sum[static_cast<std::size_t>(y * texture_side + x)] += upper * (1 - v) + lower * v;
      }
    }
  }
  std::vector<uint8_t> texture(sum.size());
  std::transform(sum.begin(), sum.end(), texture.begin(), [](float value) {
    return static_cast<uint8_t>(std::clamp(value + 126, 16.0f, 235.0f));
  });
  return texture;
}

// The sample of the texture at x and y, in `one` of a sample.
int sample(const std::vector<uint8_t>& texture, int x, int y) {
  constexpr int mask = texture_side - 1;
  const int u = x & (one - 1), v = y & (one - 1);
  const int left = x >> fraction_bits & mask, right = (left + 1) & mask;
  const int top = y >> fraction_bits & mask, bottom = (top + 1) & mask;
  const auto at = [&](int column, int row) {
    return int{texture[static_cast<std::size_t>(row << texture_bits | column)]};
  };
  const int upper = at(left, top) * (one - u) + at(right, top) * u;
  const int lower = at(left, bottom) * (one - u) + at(right, bottom) * u;
  return (upper * (one - v) + lower * v) >> (2 * fraction_bits);
}

int noise(uint32_t x, uint32_t y, uint32_t index) {
  uint32_t hash = x * 0x9e3779b1u ^ y * 0x85ebca77u ^ index * 0xc2b2ae3du;
  hash = (hash ^ hash >> 15) * 0x2c1b3c6du;
  return static_cast<int>(hash >> 30) - 2;
}

int fixed(double samples) {
  return static_cast<int>(std::lround(samples * one));
}

}  // namespace

struct Scene::Plane {
  uint8_t* samples;
  int stride, width, height;
  double scale;  // of luma's sizes
};

Scene::Scene(int width, int height) : width_(width), height_(height), texture_(make_texture()) {
  std::mt19937 random(2);
  const auto between = [&](double least, double most) {
    return least + (most - least) * static_cast<double>(random() & 0xffff) / 65536;
  };
  for (int i = 0; i < object_count; ++i)
    objects_.push_back({between(0, static_cast<double>(width) / height), between(0, 1),
                        between(-0.008, 0.008), between(-0.005, 0.005), between(0.08, 0.3),
                        static_cast<int>(random() % texture_side),
                        static_cast<int>(random() % texture_side)});
}

void Scene::draw_plane(int index, int which, const Plane& plane) const {
  // The camera pans: faster in larger pictures, as in ordinary video.
  const double pan = plane.scale * height_ / 720.0 * index;
  const int offset_x = fixed(2.3 * pan) + which * 317 * one, offset_y = fixed(0.7 * pan);
  const int step = std::max(one * 720 / height_, 4);
  for (int y = 0; y < plane.height; ++y) {
    uint8_t* row = plane.samples + std::ptrdiff_t{y} * plane.stride;
    for (int x = 0; x < plane.width; ++x)
      row[x] = static_cast<uint8_t>(sample(texture_, x * step + offset_x, y * step + offset_y));
  }
  for (const auto& object : objects_) {
    const double unit = height_ * plane.scale, aspect = static_cast<double>(width_) / height_;
    const double x0 = object.x + object.dx * index, y0 = object.y + object.dy * index;
    const int left = static_cast<int>((x0 - aspect * std::floor(x0 / aspect)) * unit);
    const int top = static_cast<int>((y0 - std::floor(y0)) * unit);
    const int side = static_cast<int>(object.size * unit);
    for (int y = std::max(top, 0); y < std::min(top + side, plane.height); ++y) {
      uint8_t* row = plane.samples + std::ptrdiff_t{y} * plane.stride;
      for (int x = std::max(left, 0); x < std::min(left + side, plane.width); ++x)
        row[x] =
            static_cast<uint8_t>(sample(texture_, (x - left + object.texture_x) * step * 2,
                                        (y - top + object.texture_y + which * 200) * step * 2));
    }
  }
}

void Scene::draw(int index, AVFrame& frame) const {
  for (int which = 0; which < 3; ++which) {
    const int shift = which == 0 ? 0 : 1;
    draw_plane(index, which,
               {frame.data[which], frame.linesize[which], (width_ + shift) >> shift,
                (height_ + shift) >> shift, 1.0 / (1 << shift)});
  }
  for (int y = 0; y < height_; ++y) {
    uint8_t* row = frame.data[0] + std::ptrdiff_t{y} * frame.linesize[0];
    for (int x = 0; x < width_; ++x)
      row[x] =
          static_cast<uint8_t>(row[x] + noise(static_cast<uint32_t>(x), static_cast<uint32_t>(y),
                                              static_cast<uint32_t>(index)));
  }
}

}  // namespace daedalus::bench
