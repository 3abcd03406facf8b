// SPDX-License-Identifier: MIT
// Video processing on a Vulkan device: one submit for each picture, with one dispatch or two.
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

  Result<void> submit(const video::Process& process, const video::Source& source,
                      std::shared_ptr<Picture> target) override;

 private:
  static constexpr std::size_t slot_count = 4;

  struct Slot {
    CommandSlot command;
    Buffer tables;
    uint64_t tables_of = 0;  // the plan to which the tables belong
    Buffer deinterlaced;     // the picture between deinterlacing and processing
    Submits last_submit = {};
    ImplicitFences fences;
    std::array<std::shared_ptr<Picture>, 4> pictures;  // kept alive for the GPU
  };

  // Without references previous and next are null.
  struct Pictures {
    VulkanPicture *frame, *previous, *next, *target;
  };
  struct Steps {
    bool deinterlaces, processes;
  };

  VideoStage(std::shared_ptr<DeviceState> device, const VideoPipelines& pipelines)
      : device_(std::move(device)), pipelines_(pipelines) {}
  Result<void> prepare(Slot& slot, const video::Process& process, const Pictures& pictures,
                       Steps steps);
  void plan(const video::Process& process, const PictureLayout& source,
            const PictureLayout& target);
  Result<void> write_tables(Slot& slot);
  void bind(const Slot& slot, const Pictures& pictures, Steps steps) const;
  Result<Submits> record_and_submit(Slot& slot, const video::Process& process,
                                    const Pictures& pictures, Steps steps);
  Result<void> record(Recorder& recorder, const video::Process& process, const Pictures& pictures,
                      Steps steps) const;
  Result<void> record_deinterlacing(Recorder& recorder, const video::Process& process,
                                    const Pictures& pictures, const PictureLayout& target) const;
  Result<void> record_processing(Recorder& recorder) const;

  const std::shared_ptr<DeviceState> device_;
  const VideoPipelines& pipelines_;
  CommandSlots commands_;
  std::array<Slot, slot_count> slots_;
  std::size_t next_ = 0;

  // Of the last two different processes: clients that show both fields of a frame alternate.
  struct KnownPlan {
    video::Plan plan;
    uint64_t number = 0;
    video::Process process = {};
    PictureLayout source = {}, target = {};
  };
  std::array<KnownPlan, 2> plans_;
  std::size_t current_plan_ = 0;
  uint64_t plan_count_ = 0;
};

}  // namespace daedalus::vulkan
