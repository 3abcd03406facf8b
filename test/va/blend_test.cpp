// SPDX-License-Identifier: MIT
// Blending of subpictures over a window's samples.
#include "va/blend.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace daedalus::va {

namespace {

constexpr uint32_t side = 8;

using Sample = std::array<uint8_t, 4>;
constexpr Sample under = {100, 50, 200, 77};  // blue, green, red, and an unused one

class Blend : public testing::Test {
 protected:
  Blend() : window_(side * side, under) {}

  static Overlay overlay(const std::vector<Sample>& image, uint32_t width) {
    return {.image = {reinterpret_cast<const std::byte*>(image.data()), width * 4, width,
                      static_cast<uint32_t>(image.size()) / width, true},
            .x = 0,
            .y = 0,
            .width = static_cast<double>(width),
            .height = static_cast<double>(image.size() / width),
            .alpha = 1};
  }
  void show(const Overlay& overlay) {
    blend(overlay, {reinterpret_cast<std::byte*>(window_.data()), side * 4, side, side});
  }
  Sample at(uint32_t x, uint32_t y) const { return window_[y * side + x]; }

  std::vector<Sample> window_;
};

TEST_F(Blend, OpaqueSamplesCoverAndTransparentOnesDoNot) {
  const std::vector<Sample> image = {{1, 2, 3, 255}, {1, 2, 3, 0}};
  auto over = overlay(image, 2);
  over.x = 3;
  over.y = 4;
  show(over);
  EXPECT_EQ(at(3, 4), (Sample{1, 2, 3, 77}));
  EXPECT_EQ(at(4, 4), under);
  EXPECT_EQ(at(2, 4), under);
  EXPECT_EQ(at(5, 4), under);
  EXPECT_EQ(at(3, 3), under);
  EXPECT_EQ(at(3, 5), under);
}

TEST_F(Blend, AlphasAreMultiplied) {
  const std::vector<Sample> image = {{200, 150, 0, 128}};
  auto over = overlay(image, 1);
  over.alpha = 0.5f;
  show(over);
  // A quarter of the image, three quarters of the original.
  EXPECT_EQ(at(0, 0), (Sample{125, 75, 150, 77}));
}

TEST_F(Blend, RedAndBlueAreWhereTheImageSays) {
  const std::vector<Sample> image = {{1, 2, 3, 255}};
  auto over = overlay(image, 1);
  over.image.blue_first = false;
  show(over);
  EXPECT_EQ(at(0, 0), (Sample{3, 2, 1, 77}));
}

TEST_F(Blend, TheKeyIsTransparent) {
  const std::vector<Sample> image = {{10, 20, 30, 255}, {11, 20, 30, 255}};
  auto over = overlay(image, 2);
  over.key = ColorKey{.min_red = 0,
                      .max_red = 255,
                      .min_green = 20,
                      .max_green = 20,
                      .min_blue = 10,
                      .max_blue = 10};
  show(over);
  EXPECT_EQ(at(0, 0), under);
  EXPECT_EQ(at(1, 0), (Sample{11, 20, 30, 77}));
}

TEST_F(Blend, ScalesWithoutColourFromTransparentSamples) {
  const std::vector<Sample> image = {{0, 0, 0, 255}, {255, 255, 255, 0}};
  auto over = overlay(image, 2);
  over.width = 8;
  over.height = 8;
  show(over);
  EXPECT_EQ(at(0, 7), (Sample{0, 0, 0, 77}));
  EXPECT_EQ(at(7, 0), under);
  for (uint32_t x = 1; x < side; ++x)
    for (std::size_t component = 0; component < 3; ++component) {
      EXPECT_GE(at(x, 3)[component], at(x - 1, 3)[component]) << x;
      EXPECT_LE(at(x, 3)[component], under[component]) << x;
    }
}

TEST_F(Blend, StaysInsideOfTheWindow) {
  const std::vector<Sample> image(side * side, Sample{9, 9, 9, 255});
  for (const auto& [x, y] : {std::pair{-6.0, -6.0}, {6.0, 6.0}, {100.0, 0.0}, {0.0, -100.0}}) {
    auto over = overlay(image, side);
    over.x = x;
    over.y = y;
    show(over);
  }
  EXPECT_EQ(at(1, 1), (Sample{9, 9, 9, 77}));
  EXPECT_EQ(at(2, 2), under);
  EXPECT_EQ(at(5, 5), under);
  EXPECT_EQ(at(6, 6), (Sample{9, 9, 9, 77}));
}

}  // namespace

}  // namespace daedalus::va
