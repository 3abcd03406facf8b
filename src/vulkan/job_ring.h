// SPDX-License-Identifier: MIT
// A ring of jobs, whatever the codec: each is memory that the CPU fills and the GPU reads, with a
// command buffer and a descriptor set, and is used again when the GPU is done with it.
//
// A codec's stage acquires a slot, has it filled by the entropy stage, records its dispatches into
// slot.command.commands (begin_commands, then a Recorder), names with keep() what they use, and
// submits. It gives each slot back, submitted or not, by a handle that it lends to its caller
// (daedalus/lent_job.h), and has what it needs of its own for each slot in an array by slot.index.
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
  // The GPU uses the slot, and what it keeps, until this is done.
  Submits last_submit = {};
  uint64_t turn = 0;  // which of the ring's submits that was
  ImplicitFences fences;
  uint32_t small_jobs = 0;  // that used less than half of the memory, one after the other
  std::vector<std::shared_ptr<const void>> kept;
};

struct JobRingDescription {
  VkDescriptorSetLayout set_layout;
  uint32_t binding_count;
  StageColumns stages;       // for profiles
  std::size_t min_jobs;      // made at once
  std::size_t max_jobs;      // made as needed, while the GPU still uses the others
  VkDeviceSize usual_bytes;  // what jobs are expected to need
  std::size_t kept;          // how much a job keeps at most
  VkDeviceSize budget;       // the jobs beyond min_jobs are made within this many bytes of all
};

// What all jobs of a stage may take: a small part of the device's memory.
VkDeviceSize usual_job_budget(const VkPhysicalDeviceMemoryProperties& memory);

// Any thread may acquire and give back; one at a time begins to record, keeps and submits.
class JobRing {
 public:
  static Result<std::unique_ptr<JobRing>> create(std::shared_ptr<DeviceState> device,
                                                 const JobRingDescription& description);
  // Waits for the GPU. Nobody holds a slot.
  ~JobRing();

  std::size_t slot_count() const { return slots_.size(); }

  // How many jobs a caller may hold. While it holds fewer, acquire waits only for the GPU. When
  // there is no memory for another job, acquire fails and this number shrinks; 64 jobs later it is
  // restored, and acquire tries again.
  std::size_t jobs() const;

  // A slot with at least `bytes` of memory: the one submitted first, or a new one. `most` bounds
  // what the ring allocates beyond that, for larger jobs to come. Error::unsupported: larger than
  // any buffer. Error::out_of_memory, Error::device_lost.
  Result<JobSlot*> acquire(VkDeviceSize bytes, VkDeviceSize most);

  void give_back(JobSlot& slot) noexcept;

  // Queries for the slot's commands, where this record wants them.
  TimedJob take_timing(const PictureProfile* profile);

  // What the next submit of the slot uses, until it is done.
  void keep(JobSlot& slot, std::shared_ptr<const void> used) {
    slot.kept.push_back(std::move(used));
  }

  // Ends the recorder's commands, which are the slot's, and hands them over as one submit; see
  // Queue::submit. `profile`, which may be null, goes to whoever profiles.
  Result<Submits> submit(JobSlot& slot, const Recorder& recorder, uint32_t lane,
                         const Submits& after, std::unique_ptr<PictureProfile> profile);

 private:
  JobRing(std::shared_ptr<DeviceState> device, const JobRingDescription& description);
  Result<void> create_commands(const JobRingDescription& description);
  Result<void> create_memory(VkDeviceSize usual_bytes);

  Result<JobSlot*> take(VkDeviceSize wanted);
  JobSlot* oldest_idle();
  Result<Submits> submit_fenced(JobSlot& slot, const Recorder& recorder, uint32_t lane,
                                const Submits& after);
  JobSlot& hold(JobSlot& slot) {
    slot.held = true;
    return slot;
  }
  bool fits_budget(VkDeviceSize wanted) const;
  Result<void> prepare(JobSlot& slot, VkDeviceSize bytes, VkDeviceSize wanted);
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
  uint64_t turn_ = 0;                    // how many submits there were
  std::shared_ptr<StageTiming> timing_;  // null where jobs are not timed
  std::atomic<VkDeviceSize> bytes_ = 0;  // of all slots' memory

  // Guards what follows, each slot's `held`, and `last_submit` and `turn` of those not held.
  mutable std::mutex mutex_;
  std::condition_variable given_back_;
  std::size_t made_ = 0;      // slots that have memory, or are about to get it: the first ones
  std::size_t room_;          // how many may be made
  uint64_t until_retry_ = 0;  // jobs until all slots may be made again
};

}  // namespace daedalus::vulkan
