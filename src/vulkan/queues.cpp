// SPDX-License-Identifier: MIT
#include "vulkan/queues.h"

#include <algorithm>
#include <cinttypes>
#include <limits>
#include <thread>

#include "daedalus/log.h"
#include "vulkan/vk_result.h"

namespace daedalus::vulkan {

using std::chrono::nanoseconds;
using Clock = std::chrono::steady_clock;

namespace {

// Waits are sliced, so that a loss seen by one thread ends all waits.
constexpr nanoseconds slice = std::chrono::milliseconds(100);

// The stages that wait for semaphores: all that submits use.
constexpr std::array<VkPipelineStageFlags, max_queues + max_binary_waits> wait_stages = [] {
  std::array<VkPipelineStageFlags, max_queues + max_binary_waits> stages = {};
  stages.fill(VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT);
  return stages;
}();

}  // namespace

Error Queues::failed(VkResult result) {
  const Error error = to_error(result);
  if (error == Error::device_lost && !lost_.exchange(true)) {
    log(LogLevel::error, "the Vulkan device is lost (VkResult %d)", result);
  }
  return error;
}

uint32_t Queues::choose(const Submits& after) const {
  if (count() == 1) return 0;
  uint32_t best = 0;
  uint64_t fewest = std::numeric_limits<uint64_t>::max();
  for (uint32_t queue = 0; queue < count(); ++queue) {
    const uint64_t newest = submitted_[queue];
    if (newest != 0 && after[queue] == newest) return queue;
    const uint64_t in_flight = newest - std::min(reached(queue).value_or(0), newest);
    if (in_flight >= fewest) continue;
    fewest = in_flight;
    best = queue;
  }
  return best;
}

// A submit's semaphores and their values, which binary ones ignore. A wait for the submit's own
// queue is unnecessary, as queues are in order.
struct Queues::Semaphores {
  Semaphores(const std::vector<Queue>& queues, uint32_t own, uint64_t own_number,
             const Submits& after, const BinarySemaphores& binary)
      : signalled{queues[own].timeline.get(), binary.signalled},
        signalled_numbers{own_number, 0},
        signalled_count(binary.signalled == VK_NULL_HANDLE ? 1 : 2) {
    for (uint32_t queue = 0; queue < queues.size(); ++queue)
      if (queue != own && after[queue] != 0) add_wait(queues[queue].timeline.get(), after[queue]);
    for (uint32_t i = 0; i < binary.wait_count; ++i) add_wait(binary.waited[i], 0);
  }

  void add_wait(VkSemaphore semaphore, uint64_t number) {
    waited[waited_count] = semaphore;
    waited_numbers[waited_count++] = number;
  }

  std::array<VkSemaphore, 2> signalled;
  std::array<uint64_t, 2> signalled_numbers;
  uint32_t signalled_count;
  std::array<VkSemaphore, max_queues + max_binary_waits> waited;
  std::array<uint64_t, max_queues + max_binary_waits> waited_numbers;
  uint32_t waited_count = 0;
};

// Checks for a loss before taking the lock, which a stuck submit may hold, and again after.
Result<Submits> Queues::submit(uint32_t queue, VkCommandBuffer commands, const Submits& after,
                               const BinarySemaphores& binary) {
  if (lost_) return tl::unexpected(Error::device_lost);
  Submits submits = {};
  if (const uint64_t ahead = submitted_[queue]; ahead >= max_pending) {
    submits[queue] = ahead + 1 - max_pending;
    if (auto done = wait(submits, forever); !done) return tl::unexpected(done.error());
  }
  std::lock_guard lock(mutex_);
  if (lost_) return tl::unexpected(Error::device_lost);
  submits[queue] = submitted_[queue] + 1;
  const Semaphores semaphores(queues_, queue, submits[queue], after, binary);
  VkTimelineSemaphoreSubmitInfo values = {};
  values.sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO;
  values.waitSemaphoreValueCount = semaphores.waited_count;
  values.pWaitSemaphoreValues = semaphores.waited_numbers.data();
  values.signalSemaphoreValueCount = semaphores.signalled_count;
  values.pSignalSemaphoreValues = semaphores.signalled_numbers.data();
  VkSubmitInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO;
  info.pNext = &values;
  info.waitSemaphoreCount = semaphores.waited_count;
  info.pWaitSemaphores = semaphores.waited.data();
  info.pWaitDstStageMask = wait_stages.data();
  info.commandBufferCount = 1;
  info.pCommandBuffers = &commands;
  info.signalSemaphoreCount = semaphores.signalled_count;
  info.pSignalSemaphores = semaphores.signalled.data();
  if (auto result = vkQueueSubmit(queues_[queue].handle, 1, &info, VK_NULL_HANDLE);
      result != VK_SUCCESS) {
    return tl::unexpected(failed(result));
  }
  submitted_[queue] = submits[queue];
  return submits;
}

Result<void> Queues::wait(const Submits& submits, nanoseconds timeout) {
  const auto start = Clock::now();
  while (!lost_) {
    const nanoseconds remaining = std::max(timeout - (Clock::now() - start), nanoseconds(0));
    const VkResult result = look(submits, std::min(remaining, slice));
    if (result == VK_SUCCESS) return {};
    if (result != VK_TIMEOUT) return tl::unexpected(failed(result));
    if (!moves(submits)) break;
    if (remaining <= slice) return tl::unexpected(Error::timeout);
  }
  return tl::unexpected(Error::device_lost);
}

// A wait that fails for lack of memory says nothing about the work: it counts as VK_TIMEOUT.
VkResult Queues::look(const Submits& submits, nanoseconds timeout) {
  std::array<VkSemaphore, max_queues> timelines;
  for (uint32_t queue = 0; queue < count(); ++queue)
    timelines[queue] = queues_[queue].timeline.get();
  VkSemaphoreWaitInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO;
  info.semaphoreCount = count();
  info.pSemaphores = timelines.data();
  info.pValues = submits.data();
  const VkResult result = vkWaitSemaphores(device_, &info, static_cast<uint64_t>(timeout.count()));
  if (result == VK_SUCCESS) return result;
  if (result < 0) {
    if (to_error(result) != Error::out_of_memory) return result;
    std::this_thread::sleep_for(std::min<nanoseconds>(timeout, std::chrono::milliseconds(1)));
  }
  return are_done(submits) ? VK_SUCCESS : VK_TIMEOUT;
}

// A timeline's value, unless the device fails to say.
std::optional<uint64_t> Queues::reached(uint32_t queue) const {
  uint64_t value = 0;
  if (vkGetSemaphoreCounterValue(device_, queues_[queue].timeline.get(), &value) != VK_SUCCESS)
    return {};
  return value;
}

bool Queues::are_done(const Submits& submits) const {
  for (uint32_t queue = 0; queue < count(); ++queue)
    if (reached(queue).value_or(0) < submits[queue]) return false;
  return true;
}

// After a timed-out wait: whether the queues it waited for still make progress.
bool Queues::moves(const Submits& submits) {
  for (uint32_t queue = 0; queue < count(); ++queue)
    if (reached(queue).value_or(0) < submits[queue] && !moves(queue)) return false;
  return true;
}

// Something is submitted, so the timeline stands still only while the GPU executes one submit or
// waits for another queue. Only time spent waiting counts: while the process was stopped,
// llvmpipe's threads were stopped too.
bool Queues::moves(uint32_t queue) {
  const auto value = reached(queue);
  std::lock_guard lock(watch_mutex_);
  Watch& watch = watches_[queue];
  const auto now = Clock::now();
  if (value && *value != watch.value) watch = {*value, now, {}};
  watch.unchanged += std::min<nanoseconds>(now - watch.last, slice);
  watch.last = now;
  if (watch.unchanged < patience_) return true;
  stuck_ = true;
  if (!lost_.exchange(true)) {
    log(LogLevel::error,
        "the Vulkan device is lost: it made no progress for %lld s, with %" PRIu64 " of %" PRIu64
        " submits done",
        static_cast<long long>(std::chrono::duration_cast<std::chrono::seconds>(patience_).count()),
        watch.value, submitted_[queue].load());
  }
  return false;
}

bool Queues::release(const Submits& submits) {
  while (true) {
    const VkResult result = look(submits, stuck_ ? nanoseconds(0) : slice);
    if (result == VK_SUCCESS) return true;
    if (result != VK_TIMEOUT) {
      (void)failed(result);  // everything of a lost device may be destroyed
      return true;
    }
    if (stuck_ || !moves(submits)) return false;
  }
}

// Without the lock, which a stuck submit may hold.
bool Queues::release_all() {
  Submits all = {};
  for (uint32_t queue = 0; queue < count(); ++queue) all[queue] = submitted_[queue];
  return release(all);
}

}  // namespace daedalus::vulkan
