// Colours of one picture in the terms of another.
#pragma once

#include <array>
#include <cstdint>

#include "daedalus/device.h"
#include "daedalus/video_process.h"

namespace daedalus::video {

inline constexpr int matrix_bits = 13;
inline constexpr int sample_bits = 8;  // below the point, of the samples that it takes

// Row r makes (rows[r][0] * Y + rows[r][1] * Cb + rows[r][2] * Cr + rows[r][3]) >> (matrix_bits +
// sample_bits), to be clipped to 0..255: R, G, B, or Y, Cb, Cr.
struct ColorMatrix {
  std::array<std::array<int32_t, 4>, 3> rows;
};

ColorMatrix to_rgb(const Color& source, Range target);
// The identity, but for different matrices or ranges.
ColorMatrix to_ycbcr(const Color& source, const Color& target);

bool same_colors(const Color& a, const Color& b);  // siting aside

// Y, Cb, Cr of full range red, green and blue.
std::array<uint8_t, 3> ycbcr_of(const std::array<uint8_t, 3>& rgb, const Color& color);

}  // namespace daedalus::video
