// Timestamps around a picture's dispatches, for profiles.
#pragma once

#include <vulkan/vulkan.h>

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "daedalus/profile.h"
#include "vulkan/device_state.h"

namespace daedalus::vulkan {

// What a timestamp comes after.
enum class TimedStage : uint32_t {
  begin,  // all earlier pictures of its lane
  inter,
  residual,
  intra,
  deblock_strip,
  deblock_vertical,
  deblock_horizontal,
  copy,
};
inline constexpr uint32_t timed_stage_count = 8;

// A picture's queries in a pool; none where it is not timed.
struct TimedPicture {
  VkQueryPool pool = VK_NULL_HANDLE;
  uint32_t first_query = 0;

  void begin(VkCommandBuffer commands) const;
  void mark(VkCommandBuffer commands, TimedStage stage) const;
};

// A stage's queries, for some pictures at a time. Any thread may call.
class H264Timing {
 public:
  // Null where nobody profiles, or the device has no timestamps, which the log then says.
  static std::unique_ptr<H264Timing> create(std::shared_ptr<DeviceState> device,
                                            std::size_t pictures);

  // Queries that nobody uses, or none: a picture does not wait for being timed.
  TimedPicture take();
  // Their picture was not submitted.
  void give_back(const TimedPicture& timed);
  // Their picture is done: what it took. They are given back.
  void read(const TimedPicture& timed, PictureProfile& profile);
  void abandon() { pool_.abandon(); }  // see Queue::release

 private:
  H264Timing(std::shared_ptr<DeviceState> device, UniqueQueryPool pool, double nanoseconds,
             uint64_t valid)
      : device_(std::move(device)),
        pool_(std::move(pool)),
        nanoseconds_(nanoseconds),
        valid_(valid) {}

  const std::shared_ptr<DeviceState> device_;
  UniqueQueryPool pool_;
  const double nanoseconds_;  // of a tick
  const uint64_t valid_;      // bits of a timestamp
  std::mutex mutex_;
  std::vector<uint32_t> idle_;  // first queries; under the mutex
};

}  // namespace daedalus::vulkan
