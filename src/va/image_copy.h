// SPDX-License-Identifier: MIT
// Copies rectangles between pictures with different plane layouts.
#pragma once

#include <cstddef>
#include <cstdint>

namespace daedalus::va {

struct Plane {
  std::byte* samples;
  uint32_t pitch;  // bytes from row to row
  uint32_t step;   // bytes from sample to sample: larger than a sample if Cb and Cr are interleaved
};

// A YUV picture's planes. Chroma has half the columns, and half the rows or all.
struct Planes {
  Plane luma, cb, cr;
  uint32_t sample_bytes = 1;
  bool half_rows = true;
};

struct Position {
  uint32_t x, y;
};

// A chroma sample is copied if any of its luma samples is. The rectangle must be inside both
// pictures, which must have the same sample size and the same number of chroma rows.
void copy_rectangle(const Planes& from, Position from_position, const Planes& to,
                    Position to_position, uint32_t width, uint32_t height);

struct RgbPlane {
  std::byte* samples;  // 4 bytes each
  uint32_t pitch;
  bool blue_first;
};

// Swaps red and blue if the planes differ in their order.
void copy_rgb(const RgbPlane& from, Position from_position, const RgbPlane& to,
              Position to_position, uint32_t width, uint32_t height);

}  // namespace daedalus::va
