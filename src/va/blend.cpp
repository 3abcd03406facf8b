// SPDX-License-Identifier: MIT
#include "va/blend.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace daedalus::va {

namespace {

// Premultiplied with alpha, so that transparent neighbours add no colour.
struct Color {
  float blue, green, red, alpha;

  Color& add(const Color& other, float weight) {
    blue += other.blue * weight;
    green += other.green * weight;
    red += other.red * weight;
    alpha += other.alpha * weight;
    return *this;
  }
};

bool matches(const ColorKey& key, const std::byte* sample, bool blue_first) {
  const auto component = [&](int index) { return static_cast<uint8_t>(sample[index]); };
  const uint8_t red = component(blue_first ? 2 : 0), green = component(1),
                blue = component(blue_first ? 0 : 2);
  return red >= key.min_red && red <= key.max_red && green >= key.min_green &&
         green <= key.max_green && blue >= key.min_blue && blue <= key.max_blue;
}

Color fetch(const Overlay& overlay, uint32_t x, uint32_t y) {
  const auto& image = overlay.image;
  const std::byte* sample = image.samples + std::size_t{y} * image.pitch + std::size_t{x} * 4;
  if (overlay.key && matches(*overlay.key, sample, image.blue_first)) return {};
  const auto component = [&](int index) { return static_cast<float>(sample[index]); };
  const float alpha = component(3) / 255 * overlay.alpha;
  const float first = component(0) * alpha, third = component(2) * alpha;
  return {image.blue_first ? first : third, component(1) * alpha, image.blue_first ? third : first,
          alpha};
}

// The two samples on either side of a position between sample centres, and the second one's weight.
struct Between {
  uint32_t first, second;
  float weight;
};

Between between(double position, uint32_t length) {
  const double last = length - 1;
  const double centred = std::clamp(position - 0.5, 0.0, last);
  const auto first = static_cast<uint32_t>(centred);
  return {first, std::min(first + 1, length - 1), static_cast<float>(centred - first)};
}

Color sample(const Overlay& overlay, const Between& x, const Between& y) {
  Color color = {};
  return color.add(fetch(overlay, x.first, y.first), (1 - x.weight) * (1 - y.weight))
      .add(fetch(overlay, x.second, y.first), x.weight * (1 - y.weight))
      .add(fetch(overlay, x.first, y.second), (1 - x.weight) * y.weight)
      .add(fetch(overlay, x.second, y.second), x.weight * y.weight);
}

void blend(const Color& color, std::byte* under) {
  const std::array over = {color.blue, color.green, color.red};
  for (std::size_t i = 0; i < over.size(); ++i) {
    const float value = over[i] + static_cast<float>(under[i]) * (1 - color.alpha);
    under[i] = static_cast<std::byte>(std::lround(std::clamp(value, 0.0f, 255.0f)));
  }
}

uint32_t clamped(double position, uint32_t end) {
  return static_cast<uint32_t>(std::clamp(position, 0.0, static_cast<double>(end)));
}

}  // namespace

void blend(const Overlay& overlay, const WindowSamples& window) {
  const uint32_t left = clamped(std::round(overlay.x), window.width);
  const uint32_t right = clamped(std::round(overlay.x + overlay.width), window.width);
  const uint32_t top = clamped(std::round(overlay.y), window.height);
  const uint32_t bottom = clamped(std::round(overlay.y + overlay.height), window.height);
  const double scale_x = overlay.image.width / overlay.width;
  const double scale_y = overlay.image.height / overlay.height;
  for (uint32_t y = top; y < bottom; ++y) {
    const auto row = between((y + 0.5 - overlay.y) * scale_y, overlay.image.height);
    std::byte* under = window.samples + std::size_t{y} * window.pitch + std::size_t{left} * 4;
    for (uint32_t x = left; x < right; ++x, under += 4)
      blend(sample(overlay, between((x + 0.5 - overlay.x) * scale_x, overlay.image.width), row),
            under);
  }
}

}  // namespace daedalus::va
