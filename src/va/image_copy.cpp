// SPDX-License-Identifier: MIT
#include "va/image_copy.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace daedalus::va {

namespace {

std::byte* address(const Plane& plane, Position position) {
  return plane.samples + std::size_t{position.y} * plane.pitch +
         std::size_t{position.x} * plane.step;
}

template <std::size_t from_step, std::size_t to_step>
void copy_row(const std::byte* from, std::byte* to, std::size_t width) {
  for (std::size_t x = 0; x < width; ++x) to[x * to_step] = from[x * from_step];
}

void copy_plane(const Plane& from, Position from_position, const Plane& to, Position to_position,
                std::size_t width, uint32_t height, uint32_t sample_bytes) {
  const std::byte* source = address(from, from_position);
  std::byte* destination = address(to, to_position);
  for (uint32_t y = 0; y < height; ++y, source += from.pitch, destination += to.pitch) {
    if (from.step == sample_bytes && to.step == sample_bytes)
      memcpy(destination, source, width * sample_bytes);
    else if (from.step == 2 && to.step == 1)
      copy_row<2, 1>(source, destination, width);
    else if (from.step == 1 && to.step == 2)
      copy_row<1, 2>(source, destination, width);
    else if (from.step == 2)
      copy_row<2, 2>(source, destination, width);
    else
      copy_row<4, 4>(source, destination, width);
  }
}

// Both are interleaved: Cb and Cr are copied together.
void copy_pairs(const Planes& from, Position from_position, const Planes& to, Position to_position,
                std::size_t width, uint32_t height) {
  const std::byte* source = address(from.cb, from_position);
  std::byte* destination = address(to.cb, to_position);
  for (uint32_t y = 0; y < height; ++y, source += from.cb.pitch, destination += to.cb.pitch)
    memcpy(destination, source, from.cb.step * width);
}

// How many chroma samples a run of luma samples covers in both pictures. If both ends of a run are
// odd, it may cover one more in one of them.
uint32_t chroma_length(uint32_t from, uint32_t to, uint32_t length) {
  const auto touched = [&](uint32_t begin) { return (begin + length + 1) / 2 - begin / 2; };
  return std::min(touched(from), touched(to));
}

}  // namespace

void copy_rectangle(const Planes& from, Position from_position, const Planes& to,
                    Position to_position, uint32_t width, uint32_t height) {
  const uint32_t bytes = from.sample_bytes, row_scale = from.half_rows ? 2 : 1;
  copy_plane(from.luma, from_position, to.luma, to_position, width, height, bytes);
  const uint32_t chroma_width = chroma_length(from_position.x, to_position.x, width);
  const uint32_t chroma_height =
      from.half_rows ? chroma_length(from_position.y, to_position.y, height) : height;
  const Position from_chroma{from_position.x / 2, from_position.y / row_scale};
  const Position to_chroma{to_position.x / 2, to_position.y / row_scale};
  if (from.cb.step == 2 * bytes && to.cb.step == 2 * bytes) {
    copy_pairs(from, from_chroma, to, to_chroma, chroma_width, chroma_height);
    return;
  }
  copy_plane(from.cb, from_chroma, to.cb, to_chroma, chroma_width, chroma_height, bytes);
  copy_plane(from.cr, from_chroma, to.cr, to_chroma, chroma_width, chroma_height, bytes);
}

void copy_rgb(const RgbPlane& from, Position from_position, const RgbPlane& to,
              Position to_position, uint32_t width, uint32_t height) {
  const std::byte* source = address({from.samples, from.pitch, 4}, from_position);
  std::byte* destination = address({to.samples, to.pitch, 4}, to_position);
  for (uint32_t y = 0; y < height; ++y, source += from.pitch, destination += to.pitch) {
    memcpy(destination, source, std::size_t{4} * width);
    if (from.blue_first == to.blue_first) continue;
    for (std::size_t x = 0; x < width; ++x) std::swap(destination[4 * x], destination[4 * x + 2]);
  }
}

}  // namespace daedalus::va
