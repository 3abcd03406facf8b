// SPDX-License-Identifier: MIT
// Samples of an NV12 or P010 picture in memory, addressed by component and position.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace daedalus::scalar {

enum class Component : uint32_t { y = 0, cb = 1, cr = 2 };

// One component of a picture.
struct Plane {
  std::byte* origin;
  std::ptrdiff_t pitch;    // bytes
  std::ptrdiff_t step;     // bytes from a sample to its right neighbour
  uint32_t bit_depth = 8;  // 8: bytes; 10: words of 16 bits, the sample in the upper ten

  int operator()(int x, int y) const {
    const std::byte* at = origin + y * pitch + x * step;
    if (bit_depth == 8) return static_cast<int>(*at);
    uint16_t word;
    memcpy(&word, at, sizeof word);
    return word >> 6;
  }

  void set(int x, int y, int value) const {
    std::byte* at = origin + y * pitch + x * step;
    const auto word = static_cast<uint16_t>(value << 6);
    if (bit_depth == 8) {
      *at = static_cast<std::byte>(value);
    } else {
      memcpy(at, &word, sizeof word);
    }
  }

  int largest() const { return (1 << bit_depth) - 1; }
  int clip(int value) const { return value < 0 ? 0 : value > largest() ? largest() : value; }
};

struct PictureView {
  std::byte* samples;      // the first luma sample
  uint32_t pitch;          // bytes, both planes
  uint32_t chroma_offset;  // bytes from the first luma sample to the first Cb, Cr pair
  uint32_t bit_depth = 8;

  Plane plane(Component component) const {
    const std::ptrdiff_t line = pitch, size = bit_depth == 8 ? 1 : 2;
    if (component == Component::y) return {samples, line, size, bit_depth};
    return {samples + chroma_offset + (component == Component::cr ? size : 0), line, 2 * size,
            bit_depth};
  }
};

}  // namespace daedalus::scalar
