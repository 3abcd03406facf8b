// SPDX-License-Identifier: MIT
// The H.264 reconstruction stage on a Vulkan device: one submit for each job.
#pragma once

#include <memory>
#include <vector>

#include "daedalus/device.h"
#include "vulkan/device_state.h"
#include "vulkan/h264/job_buffer.h"
#include "vulkan/h264/pipelines.h"
#include "vulkan/job_ring.h"
#include "vulkan/picture.h"
#include "vulkan/queue_scratch.h"

namespace daedalus::vulkan {

class H264Stage final : public h264::ReconstructionStage, JobOwner<h264::PictureJob> {
 public:
  static Result<std::unique_ptr<H264Stage>> create(std::shared_ptr<DeviceState> device,
                                                   uint32_t width_in_mbs, uint32_t height_in_mbs,
                                                   uint32_t jobs);

  std::size_t jobs() const override { return ring_->jobs(); }
  Result<h264::JobHandle> acquire(uint32_t width_in_mbs, uint32_t height_in_mbs,
                                  std::size_t coefficient_words) override;
  Result<void> submit(h264::JobHandle job, std::shared_ptr<Picture> target,
                      const References& references) override;

 private:
  // The caller's handle of a slot of the ring.
  struct Job : h264::PictureJob {
    JobSlot* slot = nullptr;
    H264JobLayout layout;
  };

  // Memory that the pictures of a queue use one after another.
  struct Scratch {
    std::shared_ptr<const Buffer> recon;  // the picture before deblocking
    std::shared_ptr<const Buffer> words;  // see job.glsl
  };

  H264Stage(std::shared_ptr<DeviceState> device, const H264Pipelines& pipelines);
  Result<void> create_ring(const H264JobLayout& usual, uint32_t jobs);
  Result<void> reserve_scratch(const H264JobLayout& usual);
  void give_back(h264::PictureJob& job) noexcept override;

  Result<Scratch> take_scratch(const Job& job, uint32_t queue);
  Result<const H264Pipelines*> pipelines_for(const h264::PictureJob& job);
  template <H264PictureKind kind>
  Result<const H264Pipelines*> lazy_pipelines(const H264Pipelines*& pipelines);
  Result<Submits> record_and_submit(Job& job, const H264Pipelines& pipelines, VulkanPicture& target,
                                    const References& references, uint32_t queue,
                                    const Submits& after);

  const std::shared_ptr<DeviceState> device_;
  const H264Pipelines& pipelines_;
  // Null until the first such picture.
  const H264Pipelines* field_pipelines_ = nullptr;
  const H264Pipelines* mbaff_pipelines_ = nullptr;
  QueueScratch recon_, words_;
  std::vector<Job> jobs_;  // one for each of the ring's slots
  std::unique_ptr<JobRing> ring_;
};

}  // namespace daedalus::vulkan
