// SPDX-License-Identifier: MIT
// The inverse zig-zag frame scans (H.264 8.5.6, 8.5.7, Figure 8-8): the raster index of each index
// of the scan.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace daedalus::h264 {

// Diagonals from the top left corner on, the odd ones downwards and the even ones upwards.
template <uint32_t size>
constexpr std::array<uint8_t, size * size> make_zig_zag_scan() {
  std::array<uint8_t, size * size> scan{};
  std::size_t index = 0;
  for (uint32_t diagonal = 0; diagonal <= 2 * (size - 1); ++diagonal) {
    const uint32_t longest = std::min(diagonal, size - 1);
    for (uint32_t step = diagonal - longest; step <= longest; ++step) {
      const uint32_t row = diagonal % 2 == 1 ? step : diagonal - step;
      scan[index++] = static_cast<uint8_t>(row * size + (diagonal - row));
    }
  }
  return scan;
}

inline constexpr auto zig_zag_4x4 = make_zig_zag_scan<4>();
inline constexpr auto zig_zag_8x8 = make_zig_zag_scan<8>();

// The four interleaved lists of levels that CAVLC makes of an 8x8 block (7.3.5.3.2).
constexpr std::array<std::array<uint8_t, 16>, 4> make_interleaved_scans() {
  std::array<std::array<uint8_t, 16>, 4> scans{};
  for (std::size_t i = 0; i < 64; ++i) scans[i % 4][i / 4] = zig_zag_8x8[i];
  return scans;
}
inline constexpr auto interleaved_8x8 = make_interleaved_scans();

inline constexpr std::array<uint8_t, 4> chroma_dc_scan = {0, 1, 2, 3};

}  // namespace daedalus::h264
