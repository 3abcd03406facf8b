// SPDX-License-Identifier: MIT
// A device that forwards everything to another one, for tests that override parts of it.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "daedalus/device.h"

namespace daedalus::test {

class ForwardingDevice : public daedalus::Device {
 public:
  explicit ForwardingDevice(std::unique_ptr<daedalus::Device> device)
      : device_(std::move(device)) {}

  std::string name() const override { return device_->name(); }
  PictureSize max_picture_size(PictureFormat format) const override {
    return device_->max_picture_size(format);
  }
  Result<std::shared_ptr<Picture>> create_picture(PictureFormat format, uint32_t width,
                                                  uint32_t height) override {
    return device_->create_picture(format, width, height);
  }
  Result<std::unique_ptr<h264::ReconstructionStage>> create_h264_stage(uint32_t width_in_mbs,
                                                                       uint32_t height_in_mbs,
                                                                       uint32_t jobs) override {
    return device_->create_h264_stage(width_in_mbs, height_in_mbs, jobs);
  }
  Result<std::unique_ptr<vp9::ReconstructionStage>> create_vp9_stage(uint32_t width,
                                                                     uint32_t height,
                                                                     uint32_t jobs) override {
    return device_->create_vp9_stage(width, height, jobs);
  }
  Result<std::unique_ptr<av1::ReconstructionStage>> create_av1_stage(uint32_t width,
                                                                     uint32_t height,
                                                                     uint32_t jobs) override {
    return device_->create_av1_stage(width, height, jobs);
  }
  bool shares_dma_bufs() const override { return device_->shares_dma_bufs(); }
  Result<std::shared_ptr<Picture>> import_picture(int dma_buf,
                                                  const PictureLayout& layout) override {
    return device_->import_picture(dma_buf, layout);
  }
  Result<std::unique_ptr<video::ProcessingStage>> create_processing_stage() override {
    return device_->create_processing_stage();
  }
  bool lost() const override { return device_->lost(); }
  bool owns(const Picture& picture) const override { return device_->owns(picture); }
  DeviceCounters counters() const override { return device_->counters(); }

 private:
  const std::unique_ptr<daedalus::Device> device_;
};

// Calls a device's stage factories, wrapping each stage in a `Stage`.
template <typename Stage, typename Made>
Made wrap_stage(Made made) {
  if (!made) return made;
  return std::make_unique<Stage>(std::move(*made));
}

}  // namespace daedalus::test
