// SPDX-License-Identifier: MIT
// Blends an image over samples of a window.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace daedalus::va {

// 4 bytes a sample, the last of them alpha; the others are not premultiplied.
struct OverlayImage {
  const std::byte* samples;
  uint32_t pitch, width, height;
  bool blue_first;
};

// Samples that lie between these in all components are transparent.
struct ColorKey {
  uint8_t min_red, max_red, min_green, max_green, min_blue, max_blue;
};

struct Overlay {
  OverlayImage image;  // the part to show
  // Where it goes, in samples of the window; parts outside of it are not shown.
  double x, y, width, height;
  float alpha;  // 0 to 1, multiplied with the image's alpha
  std::optional<ColorKey> key;
};

// Blue, green, red, and one byte that is not changed.
struct WindowSamples {
  std::byte* samples;
  uint32_t pitch, width, height;
};

// Scales linearly.
void blend(const Overlay& overlay, const WindowSamples& window);

}  // namespace daedalus::va
