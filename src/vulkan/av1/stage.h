// SPDX-License-Identifier: MIT
// The AV1 reconstruction stage on a Vulkan device: one submit for each job.
#pragma once

#include <memory>
#include <vector>

#include "daedalus/av1/stage.h"
#include "vulkan/av1/job_buffer.h"
#include "vulkan/av1/pipelines.h"
#include "vulkan/device_state.h"
#include "vulkan/job_ring.h"
#include "vulkan/picture.h"
#include "vulkan/queue_scratch.h"

namespace daedalus::vulkan {

class Av1Stage final : public av1::ReconstructionStage, JobOwner<av1::PictureJob> {
 public:
  // `width` and `height`: the maximum size expected of most pictures.
  static Result<std::unique_ptr<Av1Stage>> create(std::shared_ptr<DeviceState> device,
                                                  uint32_t width, uint32_t height, uint32_t jobs);

  std::size_t jobs() const override { return ring_->jobs(); }
  Result<av1::JobHandle> acquire(const av1::FrameSize& size, const av1::JobRoom& room) override;
  Result<void> submit(av1::JobHandle job, const Targets& targets,
                      const References& references) override;

 private:
  // The caller's handle of a slot of the ring.
  struct Job : av1::PictureJob {
    JobSlot* slot = nullptr;
    Av1JobLayout layout;
  };

  // Memory that consecutive pictures of a queue share; see job.glsl.
  struct Scratch {
    std::shared_ptr<const Buffer> words, frames;
  };

  Av1Stage(std::shared_ptr<DeviceState> device, const Av1Pipelines& pipelines);
  Result<void> create_ring(uint32_t width, uint32_t height, uint32_t jobs);
  void give_back(av1::PictureJob& job) noexcept override;

  Av1JobLayout layout(const av1::FrameSize& size, const av1::JobRoom& room) const;
  Result<const Av1Pipelines*> pipelines(uint32_t bit_depth) const;
  Result<Scratch> take_scratch(const Job& job, uint32_t queue);
  Result<Submits> record_and_submit(Job& job, VulkanPicture& target, VulkanPicture* display,
                                    const References& references, uint32_t queue,
                                    const Submits& after);

  const std::shared_ptr<DeviceState> device_;
  const Av1Pipelines& pipelines_;  // for 8 bits
  QueueScratch words_, frames_;
  std::vector<Job> jobs_;  // one for each of the ring's slots
  std::unique_ptr<JobRing> ring_;
};

}  // namespace daedalus::vulkan
