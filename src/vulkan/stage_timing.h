// SPDX-License-Identifier: MIT
// Timestamps around a job's stages, for profiles. The codec defines the stages.
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

// The profile's column of each stage, in the order of execution. Of static lifetime.
using StageColumns = std::span<uint64_t PictureProfile::*const>;

// A job's queries in a pool; none if it is not timed.
struct TimedJob {
  VkQueryPool pool = VK_NULL_HANDLE;
  uint32_t first_query = 0, query_count = 0;

  // Everything earlier in the job's queue is done.
  void begin(VkCommandBuffer commands) const;
  // The end of a stage, counted from 0: `last` is its last pipeline stage. Stages may be left out.
  void mark(VkCommandBuffer commands, uint32_t stage, VkPipelineStageFlagBits last) const;
};

// The queries of several jobs. Any thread may call.
class StageTiming {
 public:
  // Null without a profile, or if the device has no timestamps, which is logged.
  static std::unique_ptr<StageTiming> create(std::shared_ptr<DeviceState> device,
                                             StageColumns columns, std::size_t jobs);

  // Unused queries, or none: a job never waits in order to be timed.
  TimedJob take();
  // Returns the queries of a job that was not submitted.
  void give_back(const TimedJob& timed);
  // Reads the times of a job that is done, and returns its queries.
  void read(const TimedJob& timed, PictureProfile& profile);
  void leak() { pool_.leak(); }  // see Queues::release

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
  const double nanoseconds_;  // per tick
  const uint64_t valid_;      // the valid bits of a timestamp
  std::mutex mutex_;
  std::vector<uint32_t> idle_;  // first queries; guarded by the mutex
};

}  // namespace daedalus::vulkan
