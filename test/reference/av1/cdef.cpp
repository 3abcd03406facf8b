// SPDX-License-Identifier: MIT
#include "reference/av1/cdef.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>

#include "reference/av1/unit_map.h"

namespace daedalus::av1::scalar {
namespace {

// y, x
constexpr std::array<std::array<std::array<int, 2>, 2>, 8> cdef_directions = {{
    {{{-1, 1}, {-2, 2}}},
    {{{0, 1}, {-1, 2}}},
    {{{0, 1}, {0, 2}}},
    {{{0, 1}, {1, 2}}},
    {{{1, 1}, {2, 2}}},
    {{{1, 0}, {2, 1}}},
    {{{1, 0}, {2, 0}}},
    {{{1, 0}, {2, -1}}},
}};
constexpr std::array<uint32_t, 9> div_table = {0, 840, 420, 280, 210, 168, 140, 120, 105};

int floor_log2(int value) {
  return std::bit_width(static_cast<unsigned>(value)) - 1;
}

int constrain(int difference, int threshold, int damping) {
  if (threshold == 0) return 0;
  const int shift = std::max(0, damping - floor_log2(threshold));
  const int magnitude = abs(difference);
  const int constrained = std::clamp(threshold - (magnitude >> shift), 0, magnitude);
  return difference < 0 ? -constrained : constrained;
}

// The line sums of 7.15.2: partial[] for each direction.
struct Lines {
  std::array<std::array<int, 15>, 8> sums{};

  Lines(const Plane& luma, int x0, int y0) {
    for (int i = 0; i < 8; ++i) {
      for (int j = 0; j < 8; ++j) {
        const int x = (luma(x0 + j, y0 + i) >> (luma.bit_depth - 8)) - 128;
        const std::array<int, 8> line = {i + j,     i + j / 2,     i, 3 + i - j / 2,
                                         7 + i - j, 3 - i / 2 + j, j, i / 2 + j};
        for (std::size_t d = 0; d < 8; ++d) sums[d][static_cast<std::size_t>(line[d])] += x;
      }
    }
  }
  uint32_t square(std::size_t direction, std::size_t line) const {
    return static_cast<uint32_t>(sums[direction][line] * sums[direction][line]);
  }

  uint32_t cost(std::size_t d) const {
    uint32_t cost = 0;
    if (d % 4 == 2) {
      for (std::size_t i = 0; i < 8; ++i) cost += square(d, i) * div_table[8];
    } else if (d % 4 == 0) {
      for (std::size_t i = 0; i < 7; ++i)
        cost += (square(d, i) + square(d, 14 - i)) * div_table[i + 1];
      cost += square(d, 7) * div_table[8];
    } else {
      for (std::size_t j = 0; j < 5; ++j) cost += square(d, 3 + j) * div_table[8];
      for (std::size_t j = 0; j < 3; ++j)
        cost += (square(d, j) + square(d, 10 - j)) * div_table[2 * j + 2];
    }
    return cost;
  }
};

// The parameters for filtering a block in one plane.
struct BlockFilter {
  int primary, secondary, damping, direction;
};

class CdefPicture {
 public:
  CdefPicture(const PictureJob& job, const PictureView& recon, const PictureView& filtered)
      : job_(job), units_(job), recon_(recon), filtered_(filtered) {}

  void run() const {
    for (int row = 0; row < units_.rows(); row += 2)
      for (int column = 0; column < units_.columns(); column += 2) filter_block(row, column);
  }

 private:
  int coefficient_shift() const { return static_cast<int>(job_.bit_depth) - 8; }

  // 7.15.1, for the block at a row and column of units.
  void filter_block(int row, int column) const {
    for (const Component component : {Component::y, Component::cb, Component::cr}) {
      if (component == Component::y || !job_.monochrome) copy(component, row, column);
    }
    const auto squares = static_cast<int>(in_64s(job_.width));
    const uint8_t index =
        job_.cdef_indices[static_cast<std::size_t>(row / 16 * squares + column / 16)];
    if (index == no_cdef || is_skipped(row, column)) return;
    const CdefStrength& strength = job_.cdef_strengths[index];
    const CdefDirection found = cdef_direction(recon_.plane(Component::y), column * 4, row * 4);
    const int damping = static_cast<int>(job_.cdef_damping) + coefficient_shift();
    filter(Component::y, row, column,
           {adjusted(strength.y_primary << coefficient_shift(), found.variance),
            strength.y_secondary << coefficient_shift(), damping,
            strength.y_primary == 0 ? 0 : found.direction});
    if (job_.monochrome) return;
    const BlockFilter chroma = {strength.uv_primary << coefficient_shift(),
                                strength.uv_secondary << coefficient_shift(), damping - 1,
                                strength.uv_primary == 0 ? 0 : found.direction};
    filter(Component::cb, row, column, chroma);
    filter(Component::cr, row, column, chroma);
  }

  static int adjusted(int primary, int variance) {
    if (variance == 0) return 0;
    const int strength = variance >> 6 ? std::min(floor_log2(variance >> 6), 12) : 0;
    return (primary * (4 + strength) + 8) >> 4;
  }

  bool is_skipped(int row, int column) const {
    return units_.at(row, column).skip() && units_.at(row + 1, column).skip() &&
           units_.at(row, column + 1).skip() && units_.at(row + 1, column + 1).skip();
  }

  void copy(Component component, int row, int column) const {
    const int sub = component == Component::y ? 0 : 1, size = 8 >> sub;
    const Plane from = recon_.plane(component), to = filtered_.plane(component);
    for (int y = row * 4 >> sub; y < (row * 4 >> sub) + size; ++y)
      for (int x = column * 4 >> sub; x < (column * 4 >> sub) + size; ++x) to.set(x, y, from(x, y));
  }

  void filter(Component component, int row, int column, const BlockFilter& block) const {
    const int sub = component == Component::y ? 0 : 1, size = 8 >> sub;
    for (int y = row * 4 >> sub; y < (row * 4 >> sub) + size; ++y)
      for (int x = column * 4 >> sub; x < (column * 4 >> sub) + size; ++x)
        filter_sample(component, x, y, block);
  }

  // 7.15.3
  void filter_sample(Component component, int x, int y, const BlockFilter& block) const {
    const Plane from = recon_.plane(component);
    const int sub = component == Component::y ? 0 : 1;
    const int width = units_.columns() * 4 >> sub, height = units_.rows() * 4 >> sub;
    const bool odd = (block.primary >> coefficient_shift() & 1) != 0;
    const int at = from(x, y);
    int sum = 0, most = at, least = at;
    const auto add = [&](int direction, int k, int sign, int tap, int strength) {
      const auto& offset =
          cdef_directions[static_cast<std::size_t>(direction & 7)][static_cast<std::size_t>(k)];
      const int tap_y = y + sign * offset[0], tap_x = x + sign * offset[1];
      if (tap_x < 0 || tap_y < 0 || tap_x >= width || tap_y >= height) return;
      const int value = from(tap_x, tap_y);
      sum += tap * constrain(value - at, strength, block.damping);
      most = std::max(most, value);
      least = std::min(least, value);
    };
    for (int k = 0; k < 2; ++k) {
      for (const int sign : {-1, 1}) {
        add(block.direction, k, sign, odd ? 3 : 4 - 2 * k, block.primary);
        add(block.direction - 2, k, sign, 2 - k, block.secondary);
        add(block.direction + 2, k, sign, 2 - k, block.secondary);
      }
    }
    filtered_.plane(component).set(
        x, y, std::clamp(at + ((8 + sum - (sum < 0 ? 1 : 0)) >> 4), least, most));
  }

  const PictureJob& job_;
  const UnitMap units_;
  const PictureView recon_, filtered_;
};

}  // namespace

CdefDirection cdef_direction(const Plane& luma, int x, int y) {
  const Lines lines(luma, x, y);
  uint32_t best = 0;
  std::size_t direction = 0;
  for (std::size_t d = 0; d < 8; ++d) {
    if (lines.cost(d) <= best) continue;
    best = lines.cost(d);
    direction = d;
  }
  return {static_cast<int>(direction),
          static_cast<int>((best - lines.cost((direction + 4) & 7)) >> 10)};
}

void cdef_picture(const PictureJob& job, const PictureView& recon, const PictureView& filtered) {
  CdefPicture(job, recon, filtered).run();
}

}  // namespace daedalus::av1::scalar
