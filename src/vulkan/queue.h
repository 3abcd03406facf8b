// The device's queue and its time line: each submit is a number that can be waited for.
#pragma once

#include <vulkan/vulkan.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>

#include "daedalus/error.h"
#include "vulkan/handle.h"

namespace daedalus::vulkan {

// Any thread may call.
class Queue {
 public:
  Queue(VkDevice device, VkQueue queue, UniqueSemaphore timeline)
      : device_(device), queue_(queue), timeline_(std::move(timeline)) {}

  static constexpr std::chrono::nanoseconds forever = std::chrono::nanoseconds::max();

  // Hands over the commands and returns their number; what was submitted earlier has a smaller one.
  Result<uint64_t> submit(VkCommandBuffer commands);

  // Waits until everything up to this number is done.
  Result<void> wait(uint64_t number, std::chrono::nanoseconds timeout);

  // Once lost, a device stays lost; every call fails at once.
  bool lost() const { return lost_; }

 private:
  Error failed(VkResult result);

  VkDevice device_;
  VkQueue queue_;
  UniqueSemaphore timeline_;
  std::mutex mutex_;  // guards queue_ and submitted_
  uint64_t submitted_ = 0;
  std::atomic<bool> lost_ = false;
};

}  // namespace daedalus::vulkan
