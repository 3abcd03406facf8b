// SPDX-License-Identifier: MIT
// The VP9 reconstruction stage on a Vulkan device: one submit for each job.
#pragma once

#include <memory>
#include <vector>

#include "daedalus/vp9/stage.h"
#include "vulkan/device_state.h"
#include "vulkan/job_ring.h"
#include "vulkan/picture.h"
#include "vulkan/queue_scratch.h"
#include "vulkan/vp9/job_buffer.h"
#include "vulkan/vp9/pipelines.h"

namespace daedalus::vulkan {

class Vp9Stage final : public vp9::ReconstructionStage, JobOwner<vp9::PictureJob> {
 public:
  // `width` and `height`: the maximum size expected of most pictures.
  static Result<std::unique_ptr<Vp9Stage>> create(std::shared_ptr<DeviceState> device,
                                                  uint32_t width, uint32_t height, uint32_t jobs);

  std::size_t jobs() const override { return ring_->jobs(); }
  Result<vp9::JobHandle> acquire(uint32_t width, uint32_t height,
                                 const vp9::JobRoom& room) override;
  Result<void> submit(vp9::JobHandle job, std::shared_ptr<Picture> target,
                      const References& references) override;

 private:
  // The caller's handle of a slot of the ring.
  struct Job : vp9::PictureJob {
    JobSlot* slot = nullptr;
    Vp9JobLayout layout;
  };

  // Memory that consecutive pictures of a queue share. It is allocated for the first picture of a
  // size: frames of one context may differ in size, and only the surface tells 8 from 10 bits, so
  // nothing is allocated when the stage is created. If allocation fails, the picture fails with
  // Error::out_of_memory, which its surface reports; later pictures try again.
  struct Scratch {
    std::shared_ptr<const Buffer> recon;  // the picture before the loop filter
    std::shared_ptr<const Buffer> words, luma_residuals, chroma_residuals;  // see job.glsl
  };

  Vp9Stage(std::shared_ptr<DeviceState> device, const Vp9Pipelines& pipelines);
  Result<void> create_ring(uint32_t width, uint32_t height, uint32_t jobs);
  void give_back(vp9::PictureJob& job) noexcept override;

  Result<const Vp9Pipelines*> pipelines(uint32_t bit_depth) const;
  Result<Scratch> take_scratch(const Job& job, uint32_t queue);
  Result<Submits> record_and_submit(Job& job, VulkanPicture& target, const References& references,
                                    uint32_t queue, const Submits& after);

  const std::shared_ptr<DeviceState> device_;
  const Vp9Pipelines& pipelines_;  // for 8 bits
  QueueScratch recon_, words_, luma_residuals_, chroma_residuals_;
  std::vector<Job> jobs_;  // one for each of the ring's slots
  std::unique_ptr<JobRing> ring_;
};

}  // namespace daedalus::vulkan
