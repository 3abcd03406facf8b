// SPDX-License-Identifier: MIT
// A device per test, and its stage of video processing.
#pragma once

#include <memory>

#include "daedalus/video_process.h"
#include "vulkan/fixture.h"

namespace daedalus::vulkan {

class ProcessingFixture : public DeviceFixture {
 protected:
  void SetUp() override {
    open();
    auto created = device->create_processing_stage();
    ASSERT_TRUE(created);
    stage = std::move(*created);
  }

  std::shared_ptr<Picture> make(PictureFormat format, uint32_t width, uint32_t height) {
    auto picture = device->create_picture(format, width, height);
    EXPECT_TRUE(picture);
    return picture ? *picture : nullptr;
  }

  std::unique_ptr<video::ProcessingStage> stage;
};

}  // namespace daedalus::vulkan
