// SPDX-License-Identifier: MIT
// Parts of the check of a job. Each returns the first error; empty if there is none.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "daedalus/av1/job.h"

namespace daedalus::av1::check {

constexpr uint32_t bits(uint32_t word, uint32_t shift, uint32_t count) {
  return word >> shift & ((1u << count) - 1);
}

inline std::string fault(const char* list, std::size_t index, const char* what) {
  return std::string(list) + ' ' + std::to_string(index) + ": " + what;
}

// In samples of a plane.
struct Rectangle {
  uint32_t x, y, width, height;

  bool operator==(const Rectangle&) const = default;
  bool contains(const Rectangle& other) const {
    return other.x >= x && other.y >= y && other.x + other.width <= x + width &&
           other.y + other.height <= y + height;
  }
};

// A value for each square of a plane's samples. Ignores squares outside the plane.
class Map {
 public:
  // Sizes are in samples.
  Map(uint32_t width, uint32_t height, uint32_t square_log2)
      : log2_(square_log2),
        width_(width >> square_log2),
        height_(height >> square_log2),
        values_(std::size_t{width_} * height_) {}

  uint32_t at(uint32_t x, uint32_t y) const {
    return values_[std::size_t{y >> log2_} * width_ + (x >> log2_)];
  }
  // Calls `visit` for all squares of an area; it may change the values. Stops and returns false
  // once it returns false.
  template <typename Visit>
  bool all(const Rectangle& area, Visit&& visit) {
    const uint32_t end_x = std::min((area.x + area.width + (1u << log2_) - 1) >> log2_, width_);
    const uint32_t end_y = std::min((area.y + area.height + (1u << log2_) - 1) >> log2_, height_);
    for (uint32_t y = area.y >> log2_; y < end_y; ++y)
      for (uint32_t x = area.x >> log2_; x < end_x; ++x)
        if (!visit(values_[std::size_t{y} * width_ + x])) return false;
    return true;
  }
  // Sets values that are 0. Returns false if one is not.
  bool set(const Rectangle& area, uint32_t value) {
    return all(area, [&](uint32_t& old) {
      if (old != 0) return false;
      old = value;
      return true;
    });
  }
  uint32_t largest(const Rectangle& area) {
    uint32_t most = 0;
    all(area, [&](uint32_t value) {
      most = std::max(most, value);
      return true;
    });
    return most;
  }
  bool is_complete() const {
    return std::find(values_.begin(), values_.end(), 0u) == values_.end();
  }

 private:
  uint32_t log2_, width_, height_;
  std::vector<uint32_t> values_;
};

// What produces the picture's samples, in luma and chroma.
struct Makers {
  explicit Makers(const PictureJob& job);

  uint32_t width, height;            // of the padded picture
  std::array<Map, 2> predictions;    // for each 2x2: 1 if predicted
  std::array<Map, 2> intra_levels;   // for each 4x4: the intra record's level, plus 1
  std::array<Map, 2> intra_records;  // index, plus 1
};

std::string check_blocks(const PictureJob& job);
std::string check_predictions(const PictureJob& job, Makers& makers);
std::string check_intra(const PictureJob& job, Makers& makers);
std::string check_transforms(const PictureJob& job, Makers& makers);
std::string check_filters(const PictureJob& job);

// The area of an intra record.
Rectangle area_of(const IntraRecord& record);
constexpr bool is_whole_block(const IntraRecord& record) {
  return (record.mode & 31) >= static_cast<uint32_t>(IntraMode::copy);
}

// BLOCK_ sizes that have wedges (7.11.3.11).
constexpr bool has_wedges(uint32_t block_size) {
  return (block_size >= 3 && block_size <= 9) || block_size == 18 || block_size == 19;
}

}  // namespace daedalus::av1::check
