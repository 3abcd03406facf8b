#include "vulkan/queue.h"

#include <algorithm>

#include "daedalus/log.h"
#include "vulkan/vk_result.h"

namespace daedalus::vulkan {

using std::chrono::nanoseconds;

Error Queue::failed(VkResult result) {
  const Error error = to_error(result);
  if (error == Error::device_lost && !lost_.exchange(true)) {
    log(LogLevel::error, "the Vulkan device is lost (VkResult %d)", result);
  }
  return error;
}

Result<uint64_t> Queue::submit(VkCommandBuffer commands) {
  if (lost_) return tl::unexpected(Error::device_lost);
  std::lock_guard lock(mutex_);
  const uint64_t number = submitted_ + 1;
  const VkSemaphore timeline = timeline_.get();
  VkTimelineSemaphoreSubmitInfo values = {};
  values.sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO;
  values.signalSemaphoreValueCount = 1;
  values.pSignalSemaphoreValues = &number;
  VkSubmitInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO;
  info.pNext = &values;
  info.commandBufferCount = 1;
  info.pCommandBuffers = &commands;
  info.signalSemaphoreCount = 1;
  info.pSignalSemaphores = &timeline;
  if (auto result = vkQueueSubmit(queue_, 1, &info, VK_NULL_HANDLE); result != VK_SUCCESS) {
    return tl::unexpected(failed(result));
  }
  submitted_ = number;
  return number;
}

Result<void> Queue::wait(uint64_t number, nanoseconds timeout) {
  using Clock = std::chrono::steady_clock;
  // In slices, so that a loss that another thread sees ends this wait too.
  constexpr nanoseconds slice = std::chrono::milliseconds(100);
  const VkSemaphore timeline = timeline_.get();
  VkSemaphoreWaitInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO;
  info.semaphoreCount = 1;
  info.pSemaphores = &timeline;
  info.pValues = &number;
  const auto start = Clock::now();
  while (!lost_) {
    const nanoseconds elapsed = Clock::now() - start;
    const nanoseconds remaining = std::max(timeout - elapsed, nanoseconds(0));
    const auto now = static_cast<uint64_t>(std::min(remaining, slice).count());
    const VkResult result = vkWaitSemaphores(device_, &info, now);
    if (result == VK_SUCCESS) return {};
    if (result != VK_TIMEOUT) return tl::unexpected(failed(result));
    if (remaining <= slice) return tl::unexpected(Error::timeout);
  }
  return tl::unexpected(Error::device_lost);
}

}  // namespace daedalus::vulkan
