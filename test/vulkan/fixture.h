// SPDX-License-Identifier: MIT
// A device per test, and pictures on it.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <memory>
#include <vector>

#include "daedalus/device.h"
#include "daedalus/settings.h"
#include "reference/h264/reconstruction.h"
#include "reference/picture_view.h"
#include "vulkan/device.h"
#include "vulkan/h264/random_picture.h"

namespace daedalus::vulkan {

class DeviceFixture : public testing::Test {
 protected:
  static constexpr std::chrono::seconds long_enough{60};

  void open(DispatchStrategy dispatch = DispatchStrategy::automatic) {
    Settings settings;
    settings.dispatch = dispatch;
    auto opened = open_device(settings);
    ASSERT_TRUE(opened) << "no usable Vulkan device";
    device = std::move(*opened);
  }
  void SetUp() override { open(); }

  std::shared_ptr<Picture> make_picture(uint32_t width_in_mbs, uint32_t height_in_mbs) {
    auto picture =
        device->create_picture(PictureFormat::nv12, width_in_mbs * 16, height_in_mbs * 16);
    EXPECT_TRUE(picture);
    return picture ? *picture : nullptr;
  }

  std::unique_ptr<h264::ReconstructionStage> make_stage(uint32_t width_in_mbs,
                                                        uint32_t height_in_mbs) {
    auto stage = device->create_h264_stage(width_in_mbs, height_in_mbs, h264::min_jobs);
    EXPECT_TRUE(stage);
    return stage ? std::move(*stage) : nullptr;
  }

  // Enough that a slot number with missing bits means another picture.
  static constexpr uint32_t different_references = 3;

  // Repeats pictures of random samples in all slots.
  h264::ReconstructionStage::References make_references(uint32_t width_in_mbs,
                                                        uint32_t height_in_mbs, uint32_t seed) {
    h264::ReconstructionStage::References references;
    for (uint32_t slot = 0; slot < different_references; ++slot) {
      references[slot] = make_picture(width_in_mbs, height_in_mbs);
      const auto samples =
          h264::random_samples(references[slot]->layout(), seed * different_references + slot);
      EXPECT_TRUE(references[slot]->upload(samples));
    }
    for (uint32_t slot = different_references; slot < references.size(); ++slot)
      references[slot] = references[slot % different_references];
    return references;
  }

  static std::vector<std::byte> download(Picture& picture) {
    std::vector<std::byte> samples(picture.layout().size);
    EXPECT_TRUE(picture.download(samples));
    return samples;
  }

  // The samples of a picture of `layout` after this job, from the scalar reference. A field keeps
  // half of the previous samples.
  static std::vector<std::byte> expected(const h264::PictureJob& job, const PictureLayout& layout,
                                         const h264::ReconstructionStage::References& references,
                                         std::vector<std::byte> before = {}) {
    std::array<std::vector<std::byte>, different_references> samples;
    for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = download(*references[i]);
    std::array<h264::scalar::PictureView, h264::max_reference_pictures> views;
    for (std::size_t slot = 0; slot < views.size(); ++slot) {
      views[slot] = view(samples[slot % different_references], references[slot]->layout());
    }
    std::vector<std::byte> result = std::move(before);
    result.resize(layout.size);
    h264::scalar::reconstruct(job, view(result, layout), views);
    return result;
  }

  static h264::scalar::PictureView view(std::vector<std::byte>& samples,
                                        const PictureLayout& layout) {
    return {reinterpret_cast<uint8_t*>(samples.data()), layout.pitch, layout.chroma_offset};
  }

  // Compares samples within the picture's width. Reports the first difference.
  static testing::AssertionResult same_samples(const std::vector<std::byte>& actual,
                                               const std::vector<std::byte>& wanted,
                                               const PictureLayout& layout) {
    for (uint32_t row = 0; row < layout.height * 3 / 2; ++row) {
      for (uint32_t x = 0; x < layout.width; ++x) {
        const std::size_t at = std::size_t{row} * layout.pitch + x;
        if (actual[at] == wanted[at]) continue;
        return testing::AssertionFailure()
               << "row " << row << " (luma has " << layout.height << "), byte " << x << ": "
               << static_cast<int>(actual[at]) << " instead of " << static_cast<int>(wanted[at]);
      }
    }
    return testing::AssertionSuccess();
  }

  std::unique_ptr<Device> device;
};

}  // namespace daedalus::vulkan
