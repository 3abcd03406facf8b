// SPDX-License-Identifier: MIT
// An AV1 stage and pictures, for tests that compare its output with the scalar reference.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <memory>
#include <random>
#include <vector>

#include "daedalus/av1/stage.h"
#include "reference/av1/picture_view.h"
#include "vulkan/av1/stage.h"
#include "vulkan/device_state.h"
#include "vulkan/picture.h"

namespace daedalus::vulkan {

class Av1Fixture : public testing::Test {
 protected:
  void open(DispatchStrategy dispatch) {
    auto gpu = Gpu::open({});
    ASSERT_TRUE(gpu) << "no usable Vulkan device";
    device = std::make_shared<DeviceState>(std::move(*gpu), dispatch);
    auto made = Av1Stage::create(device, 64, 64, av1::min_jobs);
    ASSERT_TRUE(made);
    stage = std::move(*made);
  }

  void TearDown() override {
    stage.reset();
    if (device) device->gpu->queues().release_all();
  }

  std::shared_ptr<VulkanPicture> make_picture(uint32_t bit_depth, uint32_t width, uint32_t height) {
    const auto format = bit_depth == 8 ? PictureFormat::nv12 : PictureFormat::p010;
    auto picture = VulkanPicture::create(device, format, width, height);
    EXPECT_TRUE(picture);
    return picture ? *picture : nullptr;
  }

  static std::vector<std::byte> download(Picture& picture) {
    std::vector<std::byte> samples(picture.layout().size);
    EXPECT_TRUE(picture.download(samples));
    return samples;
  }

  static av1::scalar::PictureView view(std::vector<std::byte>& samples,
                                       const PictureLayout& layout) {
    return {samples.data(), layout.pitch, layout.chroma_offset, traits_of(layout.format).bits};
  }

  // Random samples in all of a picture's memory, with values that are valid in its format.
  static std::vector<std::byte> random_samples(const PictureLayout& layout, uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<std::byte> samples(layout.size);
    const bool is_p010 = layout.format == PictureFormat::p010;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      samples[i] = static_cast<std::byte>(random());
      if (is_p010 && i % 2 == 0) samples[i] &= std::byte{0xc0};
    }
    return samples;
  }

  // Compares this many luma samples and the corresponding chroma. Reports the first difference.
  static testing::AssertionResult same_samples(std::vector<std::byte>& actual,
                                               std::vector<std::byte>& wanted,
                                               const PictureLayout& layout, uint32_t width,
                                               uint32_t height) {
    using av1::scalar::Component;
    const auto actual_view = view(actual, layout), wanted_view = view(wanted, layout);
    for (const Component component : {Component::y, Component::cb, Component::cr}) {
      const auto a = actual_view.plane(component), b = wanted_view.plane(component);
      const int shift = component == Component::y ? 0 : 1;
      for (int y = 0; y < static_cast<int>(height + shift) >> shift; ++y) {
        for (int x = 0; x < static_cast<int>(width + shift) >> shift; ++x) {
          if (a(x, y) == b(x, y)) continue;
          return testing::AssertionFailure()
                 << "component " << static_cast<int>(component) << ", x " << x << ", y " << y
                 << ": " << a(x, y) << " instead of " << b(x, y);
        }
      }
    }
    return testing::AssertionSuccess();
  }

  std::shared_ptr<DeviceState> device;
  std::unique_ptr<av1::ReconstructionStage> stage;
};

}  // namespace daedalus::vulkan
