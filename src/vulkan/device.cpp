// SPDX-License-Identifier: MIT
#include "vulkan/device.h"

#include "vulkan/av1/stage.h"
#include "vulkan/device_state.h"
#include "vulkan/h264/stage.h"
#include "vulkan/picture.h"
#include "vulkan/video/stage.h"
#include "vulkan/vp9/stage.h"

namespace daedalus::vulkan {
namespace {

class VulkanDevice final : public Device {
 public:
  explicit VulkanDevice(std::shared_ptr<DeviceState> state) : state_(std::move(state)) {}

  std::string name() const override { return state_->gpu->physical().name; }

  PictureSize max_picture_size(PictureFormat format) const override {
    return vulkan::max_picture_size(state_->gpu->physical().limits, format);
  }

  Result<std::shared_ptr<Picture>> create_picture(PictureFormat format, uint32_t width,
                                                  uint32_t height) override {
    return VulkanPicture::create(state_, format, width, height);
  }

  bool shares_dma_bufs() const override { return state_->gpu->shares_dma_bufs(); }

  Result<std::shared_ptr<Picture>> import_picture(int dma_buf,
                                                  const PictureLayout& layout) override {
    return VulkanPicture::import(state_, dma_buf, layout);
  }

  Result<std::unique_ptr<h264::ReconstructionStage>> create_h264_stage(uint32_t width_in_mbs,
                                                                       uint32_t height_in_mbs,
                                                                       uint32_t jobs) override {
    return H264Stage::create(state_, width_in_mbs, height_in_mbs, jobs);
  }

  Result<std::unique_ptr<vp9::ReconstructionStage>> create_vp9_stage(uint32_t width,
                                                                     uint32_t height,
                                                                     uint32_t jobs) override {
    return Vp9Stage::create(state_, width, height, jobs);
  }
  Result<std::unique_ptr<av1::ReconstructionStage>> create_av1_stage(uint32_t width,
                                                                     uint32_t height,
                                                                     uint32_t jobs) override {
    return Av1Stage::create(state_, width, height, jobs);
  }
  Result<std::unique_ptr<video::ProcessingStage>> create_processing_stage() override {
    return VideoStage::create(state_);
  }

  bool lost() const override { return state_->gpu->queues().lost(); }

  bool owns(const Picture& picture) const override {
    return &static_cast<const VulkanPicture&>(picture).device() == state_.get();
  }

  DeviceCounters counters() const override {
    return {state_->picture_submits, state_->dispatches, state_->barriers};
  }

  const std::shared_ptr<DeviceState>& state() const { return state_; }

 private:
  std::shared_ptr<DeviceState> state_;
};

// Nothing is submitted any more. A device that does not respond is leaked on purpose.
void close(DeviceState* state) {
  if (state->gpu->queues().release_all()) delete state;
}

}  // namespace

Result<std::unique_ptr<Device>> open_device(const Settings& settings,
                                            std::optional<dev_t> drm_node) {
  auto gpu = Gpu::open({settings.device, drm_node});
  if (!gpu) return tl::unexpected(gpu.error());
  std::shared_ptr<DeviceState> state(new DeviceState(std::move(*gpu), settings.dispatch), close);
  return std::make_unique<VulkanDevice>(std::move(state));
}

std::shared_ptr<DeviceState> state_of(Device& device) {
  return static_cast<VulkanDevice&>(device).state();
}

}  // namespace daedalus::vulkan
