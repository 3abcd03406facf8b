// SPDX-License-Identifier: MIT
// Video processing on a Vulkan device: one submit of one dispatch for each picture.
#pragma once

#include <array>
#include <memory>

#include "daedalus/video_process.h"
#include "video/plan.h"
#include "vulkan/command_slots.h"
#include "vulkan/device_state.h"
#include "vulkan/implicit_fences.h"
#include "vulkan/memory.h"
#include "vulkan/picture.h"
#include "vulkan/recorder.h"
#include "vulkan/video/pipelines.h"

namespace daedalus::vulkan {

class VideoStage final : public video::ProcessingStage {
 public:
  static Result<std::unique_ptr<VideoStage>> create(std::shared_ptr<DeviceState> device);
  ~VideoStage() override;

  Result<void> submit(const video::Process& process, std::shared_ptr<Picture> source,
                      std::shared_ptr<Picture> target) override;

 private:
  static constexpr std::size_t slot_count = 4;

  struct Slot {
    CommandSlot command;
    Buffer tables;
    uint64_t tables_of = 0;  // the plan whose tables they are
    Submits last_submit = {};
    ImplicitFences fences;
    std::array<std::shared_ptr<Picture>, 2> pictures;  // kept alive for the GPU
  };

  VideoStage(std::shared_ptr<DeviceState> device, const VideoPipelines& pipelines)
      : device_(std::move(device)), pipelines_(pipelines) {}
  void plan(const video::Process& process, const PictureLayout& source,
            const PictureLayout& target);
  Result<void> write_tables(Slot& slot);
  Result<Submits> record_and_submit(Slot& slot, VulkanPicture& source, VulkanPicture& target);
  void record(Recorder& recorder, VkPipeline pipeline) const;

  const std::shared_ptr<DeviceState> device_;
  const VideoPipelines& pipelines_;
  CommandSlots commands_;
  std::array<Slot, slot_count> slots_;
  std::size_t next_ = 0;

  // Of the last process.
  video::Plan plan_;
  uint64_t plan_number_ = 0;
  video::Process process_ = {};
  PictureLayout source_ = {}, target_ = {};
};

}  // namespace daedalus::vulkan
