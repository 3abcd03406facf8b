// SPDX-License-Identifier: MIT
// The levels of a plane's intra records in a tile, by units of 4x4 samples: the record's level plus
// 1, or 0. A record that reads samples there has at least this level.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace daedalus::av1 {

class LevelMap {
 public:
  void begin(uint32_t width, uint32_t height) {
    width_ = width;
    height_ = height;
    levels_.resize(std::size_t{width} * height);
  }
  void clear_rows(uint32_t first, uint32_t count) {
    if (first >= height_) return;
    count = std::min(count, height_ - first);
    std::fill_n(levels_.data() + std::size_t{first} * width_, std::size_t{count} * width_, 0);
  }

  // The maximum in a rectangle, ignoring what is outside the map.
  uint32_t largest(uint32_t x, uint32_t y, uint32_t width, uint32_t height) const {
    uint32_t most = 0;
    if (x >= width_ || y >= height_) return most;
    width = std::min(width, width_ - x);
    height = std::min(height, height_ - y);
    const uint32_t* row = levels_.data() + std::size_t{y} * width_ + x;
    for (; height > 0; --height, row += width_)
      for (uint32_t i = 0; i < width; ++i) most = std::max(most, row[i]);
    return most;
  }
  void set(uint32_t x, uint32_t y, uint32_t width, uint32_t height, uint32_t level_plus_1) {
    width = std::min(width, width_ - x);
    height = std::min(height, height_ - y);
    uint32_t* row = levels_.data() + std::size_t{y} * width_ + x;
    for (; height > 0; --height, row += width_) std::fill_n(row, width, level_plus_1);
  }

 private:
  uint32_t width_ = 0, height_ = 0;
  std::vector<uint32_t> levels_;
};

}  // namespace daedalus::av1
