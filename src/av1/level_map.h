// SPDX-License-Identifier: MIT
// The levels of a plane's intra records in a tile, by units of 4x4 samples: the record's level plus
// 1, or 0. A record that reads samples there has at least this level. Only what was set is cleared,
// because most frames have few intra records.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace daedalus::av1 {

class LevelMap {
 public:
  // A map of the same size keeps its contents; see clear_rows().
  void begin(uint32_t width, uint32_t height) {
    if (width == width_ && height == height_) return;
    width_ = width;
    height_ = height;
    levels_.assign(std::size_t{width} * height, 0);
    squares_wide_ = squares_of(width);
    is_set_.assign(std::size_t{squares_wide_} * squares_of(height), 0);
  }
  // Both must be multiples of 8.
  void clear_rows(uint32_t first, uint32_t count) {
    const uint32_t end = std::min(first + count, height_);
    for (uint32_t y = first; y < end; y += side)
      for (uint32_t x = 0; x < width_; x += side) {
        uint8_t& is_set = is_set_at(x, y);
        if (is_set == 0) continue;
        is_set = 0;
        clear_square(x, y);
      }
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
    const uint32_t end_x = x + width, end_y = y + height;
    for (; height > 0; --height, row += width_) std::fill_n(row, width, level_plus_1);
    for (y &= ~(side - 1); y < end_y; y += side)
      for (uint32_t at = x & ~(side - 1); at < end_x; at += side) is_set_at(at, y) = 1;
  }

 private:
  static constexpr uint32_t side = 8;  // of a square
  static uint32_t squares_of(uint32_t length) { return (length + side - 1) / side; }
  uint8_t& is_set_at(uint32_t x, uint32_t y) {
    return is_set_[std::size_t{y / side} * squares_wide_ + x / side];
  }
  void clear_square(uint32_t x, uint32_t y) {
    const uint32_t width = std::min(side, width_ - x), height = std::min(side, height_ - y);
    uint32_t* row = levels_.data() + std::size_t{y} * width_ + x;
    for (uint32_t i = 0; i < height; ++i, row += width_) std::fill_n(row, width, 0);
  }

  uint32_t width_ = 0, height_ = 0, squares_wide_ = 0;
  std::vector<uint32_t> levels_;
  std::vector<uint8_t> is_set_;  // squares in which levels were set
};

}  // namespace daedalus::av1
