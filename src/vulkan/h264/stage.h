// The H.264 reconstruction stage on a Vulkan device: a ring of jobs, and one submit for each.
#pragma once

#include <array>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "daedalus/device.h"
#include "vulkan/command_slots.h"
#include "vulkan/device_state.h"
#include "vulkan/h264/job_buffer.h"
#include "vulkan/h264/timing.h"
#include "vulkan/picture.h"

namespace daedalus::vulkan {

class H264Stage final : public h264::ReconstructionStage, JobOwner<h264::PictureJob> {
 public:
  static Result<std::unique_ptr<H264Stage>> create(std::shared_ptr<DeviceState> device,
                                                   uint32_t width_in_mbs, uint32_t height_in_mbs,
                                                   uint32_t jobs);
  ~H264Stage() override;

  std::size_t jobs() const override;
  Result<h264::JobHandle> acquire(std::size_t coefficient_words) override;
  Result<void> submit(h264::JobHandle job, std::shared_ptr<Picture> target,
                      const References& references) override;

 private:
  // A job with what its dispatches need, used by the GPU until `last_submit` is done.
  struct Slot : h264::PictureJob {
    H264JobBuffer memory;
    CommandSlot command;
    bool held = false;  // by a caller
    Submits last_submit = {};
    // Which of the stage's submits that was.
    uint64_t turn = 0;
    std::vector<std::shared_ptr<Picture>> pictures;  // kept alive for the GPU: target first
  };

  // What the pictures of a lane use one after the other.
  struct Scratch {
    Buffer recon;  // the picture before deblocking
    Buffer words;  // see job.glsl
  };

  H264Stage(std::shared_ptr<DeviceState> device, const H264JobLayout& layout,
            std::size_t slot_count);
  Result<void> create_buffers();
  Result<void> create_commands();

  Slot& take();
  Slot* find_free();
  Result<void> try_prepare(Slot& slot, std::size_t coefficient_words);
  void give_back(h264::PictureJob& job) noexcept override;
  Result<void> prepare(Slot& slot, std::size_t coefficient_words);

  bool accepts(const Slot& slot, const Picture* target, const References& references) const;
  void write_header(const Slot& slot, const References& references, const PictureLayout& target);
  void write_descriptors(const Slot& slot, const VulkanPicture& target, const Scratch& scratch);
  Result<Submits> record_and_submit(Slot& slot, VulkanPicture& target, uint32_t lane,
                                    const Submits& after);
  void hand_over(std::unique_ptr<PictureProfile> profile, const TimedPicture& timed,
                 const Submits& submit) const;
  void keep_until(const Submits& submit, Slot& slot, std::shared_ptr<Picture> target,
                  const References& references);

  std::shared_ptr<DeviceState> device_;
  H264JobLayout layout_;
  PictureLayout recon_layout_;
  std::vector<Scratch> scratches_;  // of each lane
  CommandSlots commands_;
  std::vector<Slot> slots_;
  uint64_t turn_ = 0;                   // how many submits there were
  std::shared_ptr<H264Timing> timing_;  // null where pictures are not timed

  mutable std::mutex
      mutex_;  // guards each slot's `held`, and `last_submit` and `turn` of those not held
  std::condition_variable given_back_;
  // Under the mutex: how many slots have memory, or are about to get it, and how many may.
  std::size_t made_ = h264::min_jobs, room_;
};

}  // namespace daedalus::vulkan
