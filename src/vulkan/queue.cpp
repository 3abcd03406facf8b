#include "vulkan/queue.h"

#include <algorithm>
#include <cinttypes>
#include <thread>

#include "daedalus/log.h"
#include "vulkan/vk_result.h"

namespace daedalus::vulkan {

using std::chrono::nanoseconds;
using Clock = std::chrono::steady_clock;

namespace {

// Waits are made of these, so that a loss that another thread sees ends all of them.
constexpr nanoseconds slice = std::chrono::milliseconds(100);

}  // namespace

Error Queue::failed(VkResult result) {
  const Error error = to_error(result);
  if (error == Error::device_lost && !lost_.exchange(true)) {
    log(LogLevel::error, "the Vulkan device is lost (VkResult %d)", result);
  }
  return error;
}

// Looks for a loss before the lock, under which a submit may be stuck, and again behind it.
Result<uint64_t> Queue::submit(VkCommandBuffer commands) {
  if (lost_) return tl::unexpected(Error::device_lost);
  const uint64_t ahead = submitted_;
  if (ahead >= max_pending) {
    if (auto done = wait(ahead + 1 - max_pending, forever); !done)
      return tl::unexpected(done.error());
  }
  std::lock_guard lock(mutex_);
  if (lost_) return tl::unexpected(Error::device_lost);
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
  const auto start = Clock::now();
  while (!lost_) {
    const nanoseconds remaining = std::max(timeout - (Clock::now() - start), nanoseconds(0));
    const VkResult result = look(number, std::min(remaining, slice));
    if (result == VK_SUCCESS) return {};
    if (result != VK_TIMEOUT) return tl::unexpected(failed(result));
    if (!moves()) break;
    if (remaining <= slice) return tl::unexpected(Error::timeout);
  }
  return tl::unexpected(Error::device_lost);
}

// VK_TIMEOUT also where it is the wait that lacks memory: that says nothing about the work.
VkResult Queue::look(uint64_t number, nanoseconds timeout) {
  const VkSemaphore timeline = timeline_.get();
  VkSemaphoreWaitInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO;
  info.semaphoreCount = 1;
  info.pSemaphores = &timeline;
  info.pValues = &number;
  const VkResult result = vkWaitSemaphores(device_, &info, static_cast<uint64_t>(timeout.count()));
  if (result == VK_SUCCESS) return result;
  if (result < 0) {
    if (to_error(result) != Error::out_of_memory) return result;
    std::this_thread::sleep_for(std::min<nanoseconds>(timeout, std::chrono::milliseconds(1)));
  }
  return reached().value_or(0) < number ? VK_TIMEOUT : VK_SUCCESS;
}

// The time line's value, where the device tells it.
std::optional<uint64_t> Queue::reached() const {
  uint64_t value = 0;
  if (vkGetSemaphoreCounterValue(device_, timeline_.get(), &value) != VK_SUCCESS) return {};
  return value;
}

// After a wait in vain: whether the device is still worth waiting for. Something is submitted, so
// the time line stands still only while the GPU is at one submit. Time that nobody looked at does
// not count: a process that was stopped, llvmpipe's threads with it, has waited for nothing.
bool Queue::moves() {
  const auto value = reached();
  std::lock_guard lock(watch_mutex_);
  const auto now = Clock::now();
  if (value && *value != watch_.value) watch_ = {*value, now, {}};
  watch_.in_vain += std::min<nanoseconds>(now - watch_.last, slice);
  watch_.last = now;
  if (watch_.in_vain < patience_) return true;
  stuck_ = true;
  if (!lost_.exchange(true)) {
    log(LogLevel::error,
        "the Vulkan device is lost: nothing was done for %lld s, with %" PRIu64 " of %" PRIu64
        " submits done",
        static_cast<long long>(std::chrono::duration_cast<std::chrono::seconds>(patience_).count()),
        watch_.value, submitted_.load());
  }
  return false;
}

bool Queue::release(uint64_t number) {
  while (true) {
    const VkResult result = look(number, stuck_ ? nanoseconds(0) : slice);
    if (result == VK_SUCCESS) return true;
    if (result != VK_TIMEOUT) {
      (void)failed(result);  // of a lost device everything may be destroyed
      return true;
    }
    if (stuck_ || !moves()) return false;
  }
}

// Without the lock: a submit may be stuck under it.
bool Queue::release_all() {
  return release(submitted_);
}

}  // namespace daedalus::vulkan
