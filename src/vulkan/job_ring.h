// SPDX-License-Identifier: MIT
// A ring of jobs for any codec. Each is memory that the CPU fills and the GPU reads, with a command
// buffer and a descriptor set; it is reused when the GPU is done with it.
//
// A codec's stage acquires a slot, which the entropy stage fills. It records the dispatches into
// slot.command.commands (begin_commands, then a Recorder), passes what they use to keep(), and
// submits. The caller's handle (daedalus/lent_job.h) gives the slot back, submitted or not. The
// stage keeps its own data for each slot in an array indexed by slot.index.
#pragma once

#include <vulkan/vulkan.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "daedalus/error.h"
#include "daedalus/profile.h"
#include "vulkan/command_slots.h"
#include "vulkan/device_state.h"
#include "vulkan/implicit_fences.h"
#include "vulkan/memory.h"
#include "vulkan/recorder.h"
#include "vulkan/stage_timing.h"

namespace daedalus::vulkan {

class JobSlot {
 public:
  std::size_t index = 0;  // in the ring
  CommandSlot command;
  Buffer memory;  // at least as large as the job that it was acquired for

 private:
  friend class JobRing;
  bool held = false;  // by a caller
  // Until this is done, the GPU uses the slot and what it keeps.
  Submits last_submit = {};
  uint64_t turn = 0;  // which of the ring's submits that was
  ImplicitFences fences;
  uint32_t small_jobs = 0;  // consecutive jobs that used less than half of the memory
  std::vector<std::shared_ptr<const void>> kept;
};

struct JobRingDescription {
  VkDescriptorSetLayout set_layout;
  uint32_t binding_count;
  StageColumns stages;       // for profiles
  std::size_t min_jobs;      // allocated at once
  std::size_t max_jobs;      // allocated on demand while the GPU still uses the others
  VkDeviceSize usual_bytes;  // the expected size of a job
  std::size_t kept;          // the maximum that a job keeps
  VkDeviceSize budget;       // limits the total size of jobs beyond min_jobs
};

// The budget for all jobs of a stage: a small part of the device's memory.
VkDeviceSize usual_job_budget(const VkPhysicalDeviceMemoryProperties& memory);

// Any thread may acquire and give back; only one at a time may record, keep and submit.
class JobRing {
 public:
  static Result<std::unique_ptr<JobRing>> create(std::shared_ptr<DeviceState> device,
                                                 const JobRingDescription& description);
  // Waits for the GPU. Nobody may hold a slot.
  ~JobRing();

  std::size_t slot_count() const { return slots_.size(); }

  // How many jobs a caller may hold. While it holds fewer, acquire waits for nothing but the GPU.
  // If there is no memory for another job, acquire fails and this number shrinks; 64 jobs later it
  // is restored, and acquire tries again.
  std::size_t jobs() const;

  // A slot with at least `bytes` of memory: the one submitted first, or a new one. The ring may
  // allocate up to `most` for larger jobs to come. Error::unsupported: larger than any buffer.
  // Error::out_of_memory, Error::device_lost.
  Result<JobSlot*> acquire(VkDeviceSize bytes, VkDeviceSize most);

  void give_back(JobSlot& slot) noexcept;

  // Queries for the slot's commands, if this record wants them.
  TimedJob take_timing(const PictureProfile* profile);

  // Keeps an object alive until the slot's next submit is done.
  void keep(JobSlot& slot, std::shared_ptr<const void> used) {
    slot.kept.push_back(std::move(used));
  }

  // Ends the commands of the recorder, which must be the slot's, and submits them; see
  // Queues::submit. `profile` may be null.
  Result<Submits> submit(JobSlot& slot, const Recorder& recorder, uint32_t queue,
                         const Submits& after, std::unique_ptr<PictureProfile> profile);

 private:
  JobRing(std::shared_ptr<DeviceState> device, const JobRingDescription& description);
  Result<void> create_commands(const JobRingDescription& description);
  Result<void> create_memory(VkDeviceSize usual_bytes);

  Result<JobSlot*> take(VkDeviceSize wanted);
  JobSlot* oldest_idle();
  Result<Submits> submit_fenced(JobSlot& slot, const Recorder& recorder, uint32_t queue,
                                const Submits& after);
  JobSlot& hold(JobSlot& slot) {
    slot.held = true;
    return slot;
  }
  bool fits_budget(VkDeviceSize wanted) const;
  Result<void> prepare(JobSlot& slot, VkDeviceSize bytes, VkDeviceSize wanted);
  Result<void> prepare_or_fail(JobSlot& slot, VkDeviceSize bytes, VkDeviceSize wanted);
  Result<void> reserve(JobSlot& slot, VkDeviceSize bytes, VkDeviceSize wanted);
  bool is_oversized(JobSlot& slot, VkDeviceSize wanted) const;
  void dismiss(JobSlot& slot);
  void note_success();
  void hand_over(std::unique_ptr<PictureProfile> profile, const Recorder& recorder,
                 const Submits& submit) const;

  const std::shared_ptr<DeviceState> device_;
  const std::size_t min_jobs_;
  const VkDeviceSize budget_, limit_;  // bytes of all jobs, and of one
  CommandSlots commands_;
  std::vector<JobSlot> slots_;
  uint64_t turn_ = 0;                    // the number of submits so far
  std::shared_ptr<StageTiming> timing_;  // null if jobs are not timed
  std::atomic<VkDeviceSize> bytes_ = 0;  // of all slots' memory

  // Guards the members below, each slot's `held`, and `last_submit` and `turn` of slots not held.
  mutable std::mutex mutex_;
  std::condition_variable given_back_;
  std::size_t made_ = 0;      // slots with memory, or about to get it; they come first
  std::size_t room_;          // how many may exist
  uint64_t until_retry_ = 0;  // jobs until all slots may exist again
};

}  // namespace daedalus::vulkan
