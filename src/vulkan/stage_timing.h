// SPDX-License-Identifier: MIT
// Timestamps around the stages of a job, for profiles. What the stages are is the codec's business.
#pragma once

#include <vulkan/vulkan.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "daedalus/profile.h"
#include "vulkan/device_state.h"

namespace daedalus::vulkan {

// The profile's column of each stage, in the order in which a job does them. Of static lifetime.
using StageColumns = std::span<uint64_t PictureProfile::*const>;

// A job's queries in a pool; none where it is not timed.
struct TimedJob {
  VkQueryPool pool = VK_NULL_HANDLE;
  uint32_t first_query = 0, query_count = 0;

  // Everything earlier in the job's lane is done.
  void begin(VkCommandBuffer commands) const;
  // A stage, counted from 0, is done with what it does at `last`. Stages may be left out.
  void mark(VkCommandBuffer commands, uint32_t stage, VkPipelineStageFlagBits last) const;
};

// The queries of some jobs at a time. Any thread may call.
class StageTiming {
 public:
  // Null where nobody profiles, or the device has no timestamps, which the log then says.
  static std::unique_ptr<StageTiming> create(std::shared_ptr<DeviceState> device,
                                             StageColumns columns, std::size_t jobs);

  // Queries that nobody uses, or none: a job does not wait for being timed.
  TimedJob take();
  // Their job was not submitted.
  void give_back(const TimedJob& timed);
  // Their job is done: what it took. They are given back.
  void read(const TimedJob& timed, PictureProfile& profile);
  void abandon() { pool_.abandon(); }  // see Queue::release

 private:
  StageTiming(std::shared_ptr<DeviceState> device, StageColumns columns, UniqueQueryPool pool,
              double nanoseconds, uint64_t valid)
      : device_(std::move(device)),
        columns_(columns),
        pool_(std::move(pool)),
        nanoseconds_(nanoseconds),
        valid_(valid) {}

  const std::shared_ptr<DeviceState> device_;
  const StageColumns columns_;
  UniqueQueryPool pool_;
  const double nanoseconds_;  // of a tick
  const uint64_t valid_;      // bits of a timestamp
  std::mutex mutex_;
  std::vector<uint32_t> idle_;  // first queries; under the mutex
};

}  // namespace daedalus::vulkan
