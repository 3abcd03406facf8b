// The device's queues and their time lines: each submit is a number that can be waited for.
#pragma once

#include <vulkan/vulkan.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "daedalus/error.h"
#include "vulkan/handle.h"

namespace daedalus::vulkan {

// What is submitted to one lane, a queue of its own, is done in that order; lanes work side by
// side.
struct Lane {
  VkQueue queue = VK_NULL_HANDLE;
  UniqueSemaphore timeline;
};
// Small pictures, and those whose macroblocks wait for each other, leave room for several: of four
// streams of 640x480 an H200 makes 6573 frames/s with one lane, 8588 with two, 10830 with four and
// 11316 with eight. Each costs a decoder as much scratch memory as 3.4 pictures.
inline constexpr uint32_t max_lanes = 4;

// For each lane the last submit that is meant, those before it included. 0 is none.
using Submits = std::array<uint64_t, max_lanes>;

inline void add(Submits& submits, const Submits& more) {
  for (uint32_t lane = 0; lane < max_lanes; ++lane)
    submits[lane] = std::max(submits[lane], more[lane]);
}

// Any thread may call. No wait holds a lock.
class Queue {
 public:
  // How long a lane may be seen at one and the same submit, what that waits for on other lanes
  // included, before the GPU counts as lost. Resets by kernel drivers come much earlier; llvmpipe
  // on a busy machine takes seconds for a large picture.
  static constexpr std::chrono::nanoseconds usual_patience = std::chrono::seconds(30);

  // 1 to max_lanes lanes, of one queue family.
  Queue(VkDevice device, std::vector<Lane> lanes,
        std::chrono::nanoseconds patience = usual_patience)
      : device_(device), lanes_(std::move(lanes)), patience_(patience) {}

  static constexpr std::chrono::nanoseconds forever = std::chrono::nanoseconds::max();

  // As many submits a lane has under way at a time. Many decoders together have hundreds of
  // pictures in flight, of which it needs a few; what its driver does when its own ring is full is
  // nowhere written.
  static constexpr uint64_t max_pending = 64;

  uint32_t lane_count() const { return static_cast<uint32_t>(lanes_.size()); }

  // Where commands that come after these submits are best done: behind one of them where it is a
  // lane's last, else where the least is under way.
  uint32_t choose_lane(const Submits& after) const;

  // Hands over the commands, which see what these earlier submits wrote, and returns their number
  // in their lane. Waits while max_pending are under way; threads that submit at the same time may
  // be let in together.
  Result<Submits> submit(uint32_t lane, VkCommandBuffer commands, const Submits& after);

  // Commands that may go to any lane.
  Result<Submits> submit(VkCommandBuffer commands, const Submits& after) {
    return submit(choose_lane(after), commands, after);
  }

  bool are_done(const Submits& submits) const;

  // Waits until these are done. Error::timeout, Error::device_lost: also where the device does not
  // answer any more, whatever the timeout is.
  Result<void> wait(const Submits& submits, std::chrono::nanoseconds timeout);

  // Once lost, a device stays lost; submits and waits fail at once.
  bool lost() const { return lost_; }

  // Nothing is submitted while this is held: for who allocates memory. NVIDIA's driver (580) has
  // the GPU stand still for good, without an error, where that coincides with submits to a queue
  // family without graphics.
  std::unique_lock<std::mutex> hold_submits() const { return std::unique_lock(mutex_); }

  // For those who destroy what these submits use: waits until the device, lost or not, does so no
  // more. False where it does not answer: then nothing of it may be destroyed.
  bool release(const Submits& submits);
  bool release_all();

 private:
  struct Semaphores;

  Error failed(VkResult result);
  VkResult look(const Submits& submits, std::chrono::nanoseconds timeout);
  std::optional<uint64_t> reached(uint32_t lane) const;
  bool moves(const Submits& submits);
  bool moves(uint32_t lane);

  VkDevice device_;
  const std::vector<Lane> lanes_;
  mutable std::mutex mutex_;  // guards the lanes' queues, and the order of numbers
  std::array<std::atomic<uint64_t>, max_lanes> submitted_ = {};
  std::atomic<bool> lost_ = false;
  std::atomic<bool> stuck_ = false;  // lost because it did not answer

  // What waits that ended in vain saw last: a time line's value, and how long it has been that.
  struct Watch {
    uint64_t value = 0;
    std::chrono::steady_clock::time_point last;
    std::chrono::nanoseconds in_vain{};
  };
  const std::chrono::nanoseconds patience_;
  std::mutex watch_mutex_;
  std::array<Watch, max_lanes> watches_;
};

}  // namespace daedalus::vulkan
