// SPDX-License-Identifier: MIT
// A VP9 stage, pictures, and the scalar reference's output for a job.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <vector>

#include "daedalus/vp9/stage.h"
#include "random_picture.h"
#include "reference/vp9/reconstruction.h"
#include "vulkan/device_state.h"
#include "vulkan/picture.h"
#include "vulkan/vp9/stage.h"

namespace daedalus::vulkan {

class Vp9Fixture : public testing::Test {
 protected:
  void open(DispatchStrategy dispatch) {
    auto gpu = Gpu::open({});
    ASSERT_TRUE(gpu) << "no usable Vulkan device";
    device = std::make_shared<DeviceState>(std::move(*gpu), dispatch);
    auto made = Vp9Stage::create(device, 64, 64, vp9::min_jobs);
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

  static vp9::scalar::PictureView view(std::vector<std::byte>& samples,
                                       const PictureLayout& layout) {
    return {samples.data(), layout.pitch, layout.chroma_offset, traits_of(layout.format).bits};
  }

  // Compares the picture's aligned size. Reports the first difference.
  static testing::AssertionResult same_samples(std::vector<std::byte>& actual,
                                               std::vector<std::byte>& wanted,
                                               const PictureLayout& layout, uint32_t width,
                                               uint32_t height) {
    using vp9::scalar::Component;
    const auto actual_view = view(actual, layout), wanted_view = view(wanted, layout);
    for (const Component component : {Component::y, Component::cb, Component::cr}) {
      const auto a = actual_view.plane(component), b = wanted_view.plane(component);
      const int shift = component == Component::y ? 0 : 1;
      for (int y = 0; y < static_cast<int>((height + 7) / 8 * 8) >> shift; ++y) {
        for (int x = 0; x < static_cast<int>((width + 7) / 8 * 8) >> shift; ++x) {
          if (a(x, y) == b(x, y)) continue;
          return testing::AssertionFailure()
                 << "component " << static_cast<int>(component) << ", x " << x << ", y " << y
                 << ": " << a(x, y) << " instead of " << b(x, y);
        }
      }
    }
    return testing::AssertionSuccess();
  }

  using Sizes = std::array<vp9::ReferenceSize, vp9::reference_count>;

  // Reconstructs a random picture on the device and by the reference.
  testing::AssertionResult reconstructs(uint32_t width, uint32_t height,
                                        const vp9::PictureStyle& style, const Sizes& sizes) {
    auto job = stage->acquire(width, height, vp9::max_room(width, height));
    if (!job) return testing::AssertionFailure() << "no job";
    vp9::ReconstructionStage::References references;
    std::array<std::vector<std::byte>, vp9::reference_count> samples;
    std::array<vp9::scalar::PictureView, vp9::reference_count> views = {};
    for (uint32_t i = 0; i < vp9::reference_count; ++i) {
      (*job)->references[i] = sizes[i];
      if (sizes[i].width == 0) continue;
      auto picture = make_picture(style.bit_depth, sizes[i].width, sizes[i].height);
      samples[i] = vp9::random_samples(picture->layout(), style.seed * 3 + i);
      EXPECT_TRUE(picture->upload(samples[i]));
      views[i] = view(samples[i], picture->layout());
      references[i] = std::move(picture);
    }
    vp9::fill_random(**job, style);
    auto target = make_picture(style.bit_depth, width, height);
    std::vector<std::byte> wanted(target->layout().size);
    vp9::scalar::reconstruct(**job, view(wanted, target->layout()), views);
    if (!stage->submit(std::move(*job), target, references))
      return testing::AssertionFailure() << "not submitted";
    auto actual = download(*target);
    return same_samples(actual, wanted, target->layout(), width, height);
  }

  testing::AssertionResult reconstructs(uint32_t width, uint32_t height,
                                        const vp9::PictureStyle& style) {
    const vp9::ReferenceSize same = {width, height};
    return reconstructs(width, height, style, {same, same, same});
  }

  std::shared_ptr<DeviceState> device;
  std::unique_ptr<vp9::ReconstructionStage> stage;
};

}  // namespace daedalus::vulkan
