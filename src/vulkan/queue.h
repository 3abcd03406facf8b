// The device's queue and its time line: each submit is a number that can be waited for.
#pragma once

#include <vulkan/vulkan.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

#include "daedalus/error.h"
#include "vulkan/handle.h"

namespace daedalus::vulkan {

// Any thread may call. No wait holds a lock.
class Queue {
 public:
  // How long the GPU may be seen at one and the same submit before it counts as lost. Resets by
  // kernel drivers come much earlier; llvmpipe on a busy machine takes seconds for a large picture.
  static constexpr std::chrono::nanoseconds usual_patience = std::chrono::seconds(30);

  Queue(VkDevice device, VkQueue queue, UniqueSemaphore timeline,
        std::chrono::nanoseconds patience = usual_patience)
      : device_(device), queue_(queue), timeline_(std::move(timeline)), patience_(patience) {}

  static constexpr std::chrono::nanoseconds forever = std::chrono::nanoseconds::max();

  // As many submits the device works on at a time. Many decoders together have hundreds of pictures
  // in flight, of which it needs a few; what its driver does when its own ring is full is nowhere
  // written.
  static constexpr uint64_t max_pending = 64;

  // Hands over the commands and returns their number; what was submitted earlier has a smaller one.
  // Waits while max_pending are under way; threads that submit at the same time may be let in
  // together.
  Result<uint64_t> submit(VkCommandBuffer commands);

  // Waits until everything up to this number is done. Error::timeout, Error::device_lost: also
  // where the device does not answer any more, whatever the timeout is.
  Result<void> wait(uint64_t number, std::chrono::nanoseconds timeout);

  // Once lost, a device stays lost; submits and waits fail at once.
  bool lost() const { return lost_; }

  // Nothing is submitted while this is held: for who allocates memory. NVIDIA's driver (580) has
  // the GPU stand still for good, without an error, where that coincides with submits to a queue
  // family without graphics.
  std::unique_lock<std::mutex> hold_submits() const { return std::unique_lock(mutex_); }

  // For those who destroy what submits up to this number use: waits until the device, lost or not,
  // does so no more. False where it does not answer: then nothing of it may be destroyed.
  bool release(uint64_t number);
  bool release_all();

 private:
  Error failed(VkResult result);
  VkResult look(uint64_t number, std::chrono::nanoseconds timeout);
  std::optional<uint64_t> reached() const;
  bool moves();

  VkDevice device_;
  VkQueue queue_;
  UniqueSemaphore timeline_;
  mutable std::mutex mutex_;  // guards queue_, and the order of numbers
  std::atomic<uint64_t> submitted_ = 0;
  std::atomic<bool> lost_ = false;
  std::atomic<bool> stuck_ = false;  // lost because it did not answer

  // What waits that ended in vain saw last: the time line's value, and how long it has been that.
  struct Watch {
    uint64_t value = 0;
    std::chrono::steady_clock::time_point last;
    std::chrono::nanoseconds in_vain{};
  };
  const std::chrono::nanoseconds patience_;
  std::mutex watch_mutex_;
  Watch watch_;
};

}  // namespace daedalus::vulkan
