// SPDX-License-Identifier: MIT
// Shared by the libvpx and libaom tests: pictures of a scene to encode, coded units, and decoded
// pictures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "bench/clip.h"
#include "bench/scene.h"

namespace daedalus::test {

struct Size {
  uint32_t width, height;
};

// What is decoded at once: a VP9 frame or superframe, an AV1 temporal unit.
using Unit = std::vector<std::byte>;

// I420 without padding; 16-bit words with more than 8 bits.
struct Shown {
  Size size{};
  std::vector<uint8_t> samples;
};

// Pictures of a scene in any size. With 10 bits the lower bits are used, too.
class SceneOfSizes {
 public:
  Shown draw(Size size, uint32_t bit_depth, uint32_t index);

 private:
  std::map<std::pair<uint32_t, uint32_t>, bench::Scene> scenes_;
};

// A clip with one packet for each unit, numbered from 0.
bench::Clip clip_of(AVCodecID codec, Size size, const std::vector<Unit>& units);

// Calls `visit` for each of the three planes, with its columns and rows.
template <typename Visit>
void for_each_plane(Size size, Visit&& visit) {
  for (uint32_t plane = 0; plane < 3; ++plane) {
    const bool is_luma = plane == 0;
    visit(plane, is_luma ? size.width : (size.width + 1) / 2,
          is_luma ? size.height : (size.height + 1) / 2);
  }
}

// vpx_image_t, aom_image_t
template <typename Image>
Shown copy_of(const Image& image, uint32_t bytes_per_sample) {
  Shown shown{{image.d_w, image.d_h}, {}};
  for_each_plane(shown.size, [&](uint32_t plane, uint32_t columns, uint32_t rows) {
    for (uint32_t y = 0; y < rows; ++y) {
      const uint8_t* row = image.planes[plane] + std::ptrdiff_t{image.stride[plane]} * y;
      shown.samples.insert(shown.samples.end(), row, row + std::size_t{columns} * bytes_per_sample);
    }
  });
  return shown;
}

// Makes the image's planes point to those of `picture`.
template <typename Image>
void set_planes(Image& image, Shown& picture, uint32_t bytes_per_sample) {
  uint8_t* next = picture.samples.data();
  for_each_plane(picture.size, [&](uint32_t plane, uint32_t columns, uint32_t rows) {
    image.planes[plane] = next;
    image.stride[plane] = static_cast<int>(columns * bytes_per_sample);
    next += std::size_t{rows} * columns * bytes_per_sample;
  });
}

}  // namespace daedalus::test
