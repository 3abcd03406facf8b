// SPDX-License-Identifier: MIT
// Scaling lists in raster order, as VA-API and V4L2 clients pass them.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "daedalus/h264/picture.h"

namespace daedalus::h264 {

// 8.5.6 and 8.5.7: the raster index of each coefficient of the zig-zag scan.
template <uint32_t size>
constexpr std::array<uint8_t, size * size> zig_zag_scan() {
  std::array<uint8_t, size * size> scan{};
  std::size_t index = 0;
  for (uint32_t diagonal = 0; diagonal < 2 * size - 1; ++diagonal) {
    const uint32_t last = std::min(diagonal, size - 1);
    for (uint32_t i = diagonal - last; i <= last; ++i) {
      const uint32_t x = diagonal % 2 == 0 ? i : diagonal - i;
      scan[index++] = static_cast<uint8_t>((diagonal - x) * size + x);
    }
  }
  return scan;
}

template <uint32_t size>
void set_scaling_list(const uint8_t (&raster)[size * size],
                      std::array<uint8_t, size * size>& list) {
  static constexpr auto scan = zig_zag_scan<size>();
  for (std::size_t i = 0; i < list.size(); ++i) list[i] = raster[scan[i]];
}

// Lists in the order of PictureParameters; later ones are for unsupported chroma formats.
template <std::size_t lists_8x8>
void set_scaling_lists(const uint8_t (&scaling_list_4x4)[6][16],
                       const uint8_t (&scaling_list_8x8)[lists_8x8][64],
                       PictureParameters& parameters) {
  for (std::size_t i = 0; i < parameters.scaling_list_4x4.size(); ++i)
    set_scaling_list<4>(scaling_list_4x4[i], parameters.scaling_list_4x4[i]);
  for (std::size_t i = 0; i < parameters.scaling_list_8x8.size(); ++i)
    set_scaling_list<8>(scaling_list_8x8[i], parameters.scaling_list_8x8[i]);
}

inline void set_flat_scaling_lists(PictureParameters& parameters) {
  for (auto& list : parameters.scaling_list_4x4) list.fill(16);
  for (auto& list : parameters.scaling_list_8x8) list.fill(16);
}

}  // namespace daedalus::h264
