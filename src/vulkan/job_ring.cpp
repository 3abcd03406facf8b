// SPDX-License-Identifier: MIT
#include "vulkan/job_ring.h"

#include <algorithm>
#include <new>
#include <span>

#include "daedalus/log.h"
#include "vulkan/vk_result.h"

namespace daedalus::vulkan {

namespace {

// After there was no memory for another job, the ring tries again after this many jobs.
constexpr uint64_t jobs_until_retry = 64;

// After this many small jobs a slot frees the memory that a large one needed.
constexpr uint32_t max_small_jobs = 16;

// With some reserve, so that a stream settles after a few pictures.
VkDeviceSize with_spare(VkDeviceSize bytes) {
  return bytes + bytes / 4;
}

}  // namespace

VkDeviceSize usual_job_budget(const VkPhysicalDeviceMemoryProperties& memory) {
  VkDeviceSize budget = VkDeviceSize{128} << 20;
  for (const auto& heap : std::span(memory.memoryHeaps).first(memory.memoryHeapCount))
    budget = std::max(budget, heap.size / 64);
  return budget;
}

Result<std::unique_ptr<JobRing>> JobRing::create(std::shared_ptr<DeviceState> device,
                                                 const JobRingDescription& description) {
  std::unique_ptr<JobRing> ring(new JobRing(std::move(device), description));
  auto created = ring->create_commands(description).and_then([&] {
    return ring->create_memory(description.usual_bytes);
  });
  if (!created) return tl::unexpected(created.error());
  return ring;
}

JobRing::JobRing(std::shared_ptr<DeviceState> device, const JobRingDescription& description)
    : device_(std::move(device)),
      min_jobs_(description.min_jobs),
      budget_(description.budget),
      limit_(device_->gpu->physical().limits.maxStorageBufferRange),
      slots_(std::max(description.min_jobs, description.max_jobs)),
      room_(slots_.size()) {}

JobRing::~JobRing() {
  Submits last = {};
  for (const JobSlot& slot : slots_) add(last, slot.last_submit);
  if (device_->gpu->queues().release(last)) return;
  for (JobSlot& slot : slots_) {
    slot.memory.leak();
    slot.fences.leak();
  }
  commands_.leak();
  if (timing_) timing_->leak();
}

Result<void> JobRing::create_commands(const JobRingDescription& description) {
  auto commands = CommandSlots::create(*device_->gpu, description.set_layout,
                                       description.binding_count, slots_.size());
  if (!commands) return tl::unexpected(commands.error());
  commands_ = std::move(*commands);
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    slots_[i].index = i;
    slots_[i].command = commands_[i];
    slots_[i].kept.reserve(description.kept);
  }
  timing_ = StageTiming::create(device_, description.stages, 2 * slots_.size());
  return {};
}

Result<void> JobRing::create_memory(VkDeviceSize usual_bytes) {
  for (; made_ < min_jobs_; ++made_)
    if (auto reserved = reserve(slots_[made_], usual_bytes, usual_bytes); !reserved)
      return reserved;
  return {};
}

std::size_t JobRing::jobs() const {
  std::lock_guard lock(mutex_);
  return room_;
}

Result<JobSlot*> JobRing::acquire(VkDeviceSize bytes, VkDeviceSize most) {
  if (device_->gpu->queues().lost()) return tl::unexpected(Error::device_lost);
  if (bytes > limit_) return tl::unexpected(Error::unsupported);
  const VkDeviceSize wanted = std::max(bytes, std::min({with_spare(bytes), most, limit_}));
  const auto slot = take(wanted);
  if (!slot) return slot;
  if (auto prepared = prepare_or_fail(**slot, bytes, wanted); !prepared) {
    dismiss(**slot);
    return tl::unexpected(prepared.error());
  }
  note_success();
  return *slot;
}

// An exception would leave the slot held for ever.
Result<void> JobRing::prepare_or_fail(JobSlot& slot, VkDeviceSize bytes, VkDeviceSize wanted) {
  try {
    return prepare(slot, bytes, wanted);
  } catch (const std::bad_alloc&) {
    return tl::unexpected(Error::out_of_memory);
  }
}

// The slot that was submitted first, or a new one if the GPU is not done with that one. Waits while
// callers hold all of them.
Result<JobSlot*> JobRing::take(VkDeviceSize wanted) {
  std::unique_lock lock(mutex_);
  while (true) {
    JobSlot* const oldest = oldest_idle();
    if (made_ < room_ && !(oldest && device_->gpu->queues().are_done(oldest->last_submit))) {
      if (fits_budget(wanted)) return &hold(slots_[made_++]);
      room_ = made_;
      until_retry_ = jobs_until_retry;
      if (!oldest) return tl::unexpected(Error::out_of_memory);
    }
    if (oldest) return &hold(*oldest);
    given_back_.wait(lock);
  }
}

JobSlot* JobRing::oldest_idle() {
  JobSlot* oldest = nullptr;
  for (JobSlot& slot : std::span(slots_).first(made_))
    if (!slot.held && (!oldest || slot.turn < oldest->turn)) oldest = &slot;
  return oldest;
}

bool JobRing::fits_budget(VkDeviceSize wanted) const {
  return bytes_ + wanted <= budget_;
}

Result<void> JobRing::prepare(JobSlot& slot, VkDeviceSize bytes, VkDeviceSize wanted) {
  const auto done = device_->gpu->queues().wait(slot.last_submit, Queues::forever);
  if (!done) return done;
  slot.kept.clear();
  return reserve(slot, bytes, wanted);
}

// The GPU must not use the slot. If there is no memory for a larger one, it keeps what it has.
Result<void> JobRing::reserve(JobSlot& slot, VkDeviceSize bytes, VkDeviceSize wanted) {
  const VkDeviceSize has = slot.memory.size();
  if (has >= bytes && !is_oversized(slot, wanted)) return {};
  auto memory = Buffer::create(*device_->gpu, MemoryUse::upload, wanted);
  if (!memory) return has >= bytes ? Result<void>() : tl::unexpected(memory.error());
  slot.memory = std::move(*memory);
  slot.small_jobs = 0;
  bytes_ += wanted - has;
  return {};
}

// Whether the memory of an earlier, much larger job prevents the ring from having more jobs.
bool JobRing::is_oversized(JobSlot& slot, VkDeviceSize wanted) const {
  slot.small_jobs = slot.memory.size() > 2 * wanted ? slot.small_jobs + 1 : 0;
  return slot.small_jobs > max_small_jobs && !fits_budget(wanted);
}

// There was no memory for the slot. If it is the newest one, the ring does without it for a while.
void JobRing::dismiss(JobSlot& slot) {
  {
    std::lock_guard lock(mutex_);
    if (slot.memory.size() == 0 && made_ > min_jobs_ && &slot == &slots_[made_ - 1]) {
      room_ = --made_;
      until_retry_ = jobs_until_retry;
    }
  }
  give_back(slot);
}

// Restores jobs() only here: a caller whose acquire failed compares jobs() with its earlier value.
void JobRing::note_success() {
  std::lock_guard lock(mutex_);
  if (until_retry_ > 0 && --until_retry_ == 0) room_ = slots_.size();
}

void JobRing::give_back(JobSlot& slot) noexcept {
  {
    std::lock_guard lock(mutex_);
    slot.held = false;
  }
  given_back_.notify_one();
}

TimedJob JobRing::take_timing(const PictureProfile* profile) {
  return profile && timing_ ? timing_->take() : TimedJob{};
}

Result<Submits> JobRing::submit(JobSlot& slot, const Recorder& recorder, uint32_t queue,
                                const Submits& after, std::unique_ptr<PictureProfile> profile) {
  const VkResult ended = vkEndCommandBuffer(recorder.commands());
  auto submitted = ended == VK_SUCCESS ? submit_fenced(slot, recorder, queue, after)
                                       : Result<Submits>(failure(ended));
  if (!submitted) {
    if (timing_) timing_->give_back(recorder.timed());
    slot.kept.clear();
    return submitted;
  }
  slot.last_submit = *submitted;
  slot.turn = ++turn_;
  ++device_->picture_submits;
  device_->dispatches += recorder.counts().dispatches;
  device_->barriers += recorder.counts().barriers;
  if (profile) hand_over(std::move(profile), recorder, *submitted);
  return submitted;
}

Result<Submits> JobRing::submit_fenced(JobSlot& slot, const Recorder& recorder, uint32_t queue,
                                       const Submits& after) {
  const auto fences = slot.fences.before_submit(*device_->gpu, recorder.shared_uses());
  const auto submitted = device_->gpu->queues().submit(queue, recorder.commands(), after, fences);
  if (submitted) slot.fences.after_submit(*device_->gpu, recorder.shared_uses(), *submitted);
  return submitted;
}

// The profile's thread may be the device's last holder. Without memory the record is lost: the
// picture is on the GPU already.
void JobRing::hand_over(std::unique_ptr<PictureProfile> record, const Recorder& recorder,
                        const Submits& submit) const {
  record->dispatches = recorder.counts().dispatches;
  record->barriers = recorder.counts().barriers;
  record->submitted = profile_clock();
  add_cpu_lap(record.get(), &PictureProfile::cpu_submit);
  const auto finish = [device = device_, timing = timing_, timed = recorder.timed(),
                       submit](PictureProfile& done) {
    if (!device->gpu->queues().wait(submit, Queues::forever)) return;
    done.completed = profile_clock();
    if (timing) timing->read(timed, done);
  };
  try {
    profile(std::move(record), finish);
  } catch (const std::bad_alloc&) {
    log(LogLevel::error, "no memory for a picture's profile");
  }
}

}  // namespace daedalus::vulkan
