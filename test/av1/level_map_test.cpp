// SPDX-License-Identifier: MIT
// Compares a map used for one tile after another with maps that are cleared as a whole.
#include "av1/level_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace daedalus::av1 {
namespace {

struct Rectangle {
  uint32_t x, y, width, height;
};

class LevelMapTest : public testing::Test {
 protected:
  uint32_t between(uint32_t low, uint32_t high) {
    return std::uniform_int_distribution<uint32_t>(low, high)(random_);
  }

  // Inside the map's rows from `first` to `end`, but some reach beyond its right end.
  Rectangle any_area(uint32_t first, uint32_t end) {
    const uint32_t x = between(0, width_ - 1), y = between(first, end - 1);
    return {x, y, between(1, 32), between(1, end - y)};
  }

  void begin_tile() {
    if (between(0, 3) == 0) width_ = between(1, 70);
    if (between(0, 3) == 0) height_ = between(1, 70);
    expected_.assign(std::size_t{width_} * height_, 0);
    map_.begin(width_, height_);
  }
  void set(const Rectangle& area, uint32_t level) {
    for (uint32_t y = area.y; y < area.y + area.height; ++y)
      for (uint32_t x = area.x; x < std::min(area.x + area.width, width_); ++x)
        expected_[std::size_t{y} * width_ + x] = level;
    map_.set(area.x, area.y, area.width, area.height, level);
  }
  uint32_t expected_largest(const Rectangle& area) const {
    uint32_t most = 0;
    for (uint32_t y = area.y; y < area.y + area.height; ++y)
      for (uint32_t x = area.x; x < std::min(area.x + area.width, width_); ++x)
        most = std::max(most, expected_[std::size_t{y} * width_ + x]);
    return most;
  }

  std::mt19937 random_{1};
  uint32_t width_ = 30, height_ = 34;
  LevelMap map_;
  std::vector<uint32_t> expected_;
};

TEST_F(LevelMapTest, KnowsOnlyItsOwnTile) {
  for (uint32_t tile = 0; tile < 300; ++tile) {
    begin_tile();
    const uint32_t step = 8u << between(0, 2);
    for (uint32_t row = 0; row < height_; row += step) {
      const uint32_t end = std::min(row + step, height_);
      map_.clear_rows(row, step);
      for (uint32_t i = between(0, 6); i > 0; --i) set(any_area(row, end), between(1, 1000));
      for (uint32_t i = 0; i < 20; ++i) {
        const Rectangle area = any_area(0, end);
        ASSERT_EQ(map_.largest(area.x, area.y, area.width, area.height), expected_largest(area));
      }
    }
  }
}

}  // namespace
}  // namespace daedalus::av1
