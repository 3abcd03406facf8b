// SPDX-License-Identifier: MIT
// The inverse zig-zag and field scans (H.264 8.5.6, 8.5.7, Figures 8-8 and 8-9): the raster index
// of each index of the scan.
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

// The field scans (8.5.6 and 8.5.7).
inline constexpr std::array<uint8_t, 16> field_scan_4x4 = {0, 4, 1,  8,  12, 5, 9,  13,
                                                           2, 6, 10, 14, 3,  7, 11, 15};
inline constexpr std::array<uint8_t, 64> field_scan_8x8 = {
    0,  8,  16, 1,  9,  24, 32, 17, 2, 25, 40, 48, 56, 33, 10, 3,  18, 41, 49, 57, 26, 11,
    4,  19, 34, 42, 50, 58, 27, 12, 5, 20, 35, 43, 51, 59, 28, 13, 6,  21, 36, 44, 52, 60,
    29, 14, 22, 37, 45, 53, 61, 30, 7, 15, 38, 46, 54, 62, 23, 31, 39, 47, 55, 63};

// The four interleaved lists of levels into which CAVLC divides an 8x8 block (7.3.5.3.2).
constexpr std::array<std::array<uint8_t, 16>, 4> make_interleaved_scans(
    const std::array<uint8_t, 64>& scan) {
  std::array<std::array<uint8_t, 16>, 4> scans{};
  for (std::size_t i = 0; i < 64; ++i) scans[i % 4][i / 4] = scan[i];
  return scans;
}

// The scans of frame or of field macroblocks.
struct Scans {
  std::array<uint8_t, 16> scan_4x4;
  std::array<uint8_t, 64> scan_8x8;
  std::array<std::array<uint8_t, 16>, 4> interleaved_8x8;
};
inline constexpr Scans frame_scans = {zig_zag_4x4, zig_zag_8x8,
                                      make_interleaved_scans(zig_zag_8x8)};
inline constexpr Scans field_scans = {field_scan_4x4, field_scan_8x8,
                                      make_interleaved_scans(field_scan_8x8)};

inline constexpr std::array<uint8_t, 4> chroma_dc_scan = {0, 1, 2, 3};

}  // namespace daedalus::h264
