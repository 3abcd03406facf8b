// SPDX-License-Identifier: MIT
// Converts colours between pictures.
#pragma once

#include <array>
#include <cstdint>

#include "daedalus/device.h"
#include "daedalus/video_process.h"

namespace daedalus::video {

inline constexpr int matrix_bits = 13;
inline constexpr int sample_bits = 8;  // fractional bits of the input samples

// The colours of samples with this many bits. ITU-T H.273 8.3: in limited range two more bits
// multiply the value by four, in full range 255 becomes 1023.
struct Colorimetry {
  Color color;
  uint32_t bits;  // 8 or 10
};

// Samples are scaled to 8 integer bits, whatever their bit depth. Row r computes
// (rows[r][0] * Y + rows[r][1] * Cb + rows[r][2] * Cr + rows[r][3]) >>
// (matrix_bits + sample_bits + 8 - target bits), which is R, G or B, or Y, Cb or Cr, and must be
// clipped to the target's bits.
struct ColorMatrix {
  std::array<std::array<int32_t, 4>, 3> rows;
};

// 8-bit RGB.
ColorMatrix to_rgb(const Colorimetry& source, Range target);
// The identity, unless matrices or ranges differ, or full ranges have different bits.
ColorMatrix to_ycbcr(const Colorimetry& source, const Colorimetry& target);

bool same_colors(const Color& a, const Color& b);  // ignores the siting

// Y, Cb, Cr of full range red, green and blue.
std::array<uint32_t, 3> ycbcr_of(const std::array<uint8_t, 3>& rgb, const Colorimetry& target);

}  // namespace daedalus::video
