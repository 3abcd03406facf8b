// SPDX-License-Identifier: MIT
// Samples of an NV12 picture in memory, addressed by component and position.
#pragma once

#include <cstddef>
#include <cstdint>

namespace daedalus::h264::scalar {

enum class Component : uint32_t { y = 0, cb = 1, cr = 2 };

// One component of a picture, or of a part of it. Positions left of and above the origin are valid
// as far as the picture reaches.
struct Plane {
  uint8_t* origin;
  std::ptrdiff_t pitch;
  std::ptrdiff_t step;  // from a sample to its right neighbour: 2 in interleaved chroma

  uint8_t& operator()(int x, int y) const { return origin[y * pitch + x * step]; }
  Plane at(int x, int y) const { return {&(*this)(x, y), pitch, step}; }
};

struct PictureView {
  uint8_t* samples;        // the first luma sample
  uint32_t pitch;          // bytes, both planes
  uint32_t chroma_offset;  // bytes from the first luma sample to the first Cb, Cr pair

  // Every second row of both planes.
  PictureView field(bool bottom) const {
    return {samples + (bottom ? pitch : 0), pitch * 2, chroma_offset};
  }

  Plane plane(Component component) const {
    const std::ptrdiff_t line = pitch;
    if (component == Component::y) return {samples, line, 1};
    return {samples + chroma_offset + (component == Component::cr ? 1 : 0), line, 2};
  }
};

}  // namespace daedalus::h264::scalar
