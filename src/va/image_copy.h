// SPDX-License-Identifier: MIT
// Copies rectangles between pictures whose planes lie differently.
#pragma once

#include <cstddef>
#include <cstdint>

namespace daedalus::va {

struct Plane {
  std::byte* samples;
  uint32_t pitch;  // bytes from row to row
  uint32_t step;   // bytes from sample to sample: more than one sample where Cb, Cr are interleaved
};

// Of YUV. Chroma has half of the columns, and half of the rows or all.
struct Planes {
  Plane luma, cb, cr;
  uint32_t sample_bytes = 1;
  bool half_rows = true;
};

struct Position {
  uint32_t x, y;
};

// Chroma samples go along where any of the luma samples they belong to does. The rectangle is
// inside of both pictures, whose samples are alike: as large, and as many rows of chroma.
void copy_rectangle(const Planes& from, Position from_position, const Planes& to,
                    Position to_position, uint32_t width, uint32_t height);

struct RgbPlane {
  std::byte* samples;  // 4 bytes each
  uint32_t pitch;
  bool blue_first;
};

// Red and blue change places where the planes differ in that.
void copy_rgb(const RgbPlane& from, Position from_position, const RgbPlane& to,
              Position to_position, uint32_t width, uint32_t height);

}  // namespace daedalus::va
