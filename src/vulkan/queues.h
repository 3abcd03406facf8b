// SPDX-License-Identifier: MIT
// The device's queues, each with a timeline semaphore: a submit is a number that can be waited for.
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

// A VkQueue and its timeline. A queue executes its submits in order; queues run concurrently.
struct Queue {
  VkQueue handle = VK_NULL_HANDLE;
  UniqueSemaphore timeline;
};
// Small pictures, and pictures whose macroblocks wait for each other, do not fill a GPU: with four
// streams of 640x480 an H200 decodes 6573 frames/s on one queue, 8588 on two, 10830 on four and
// 11316 on eight. Each queue costs a decoder the scratch memory of 3.4 pictures.
inline constexpr uint32_t max_queues = 4;

// For each queue a submit, which includes all earlier ones; 0: none.
using Submits = std::array<uint64_t, max_queues>;

inline void add(Submits& submits, const Submits& more) {
  for (uint32_t queue = 0; queue < max_queues; ++queue)
    submits[queue] = std::max(submits[queue], more[queue]);
}

// At most one for each shared picture of a submit (see Recorder::max_uses).
inline constexpr uint32_t max_binary_waits = 4;

// What a submit waits for and signals besides the queues' timelines.
struct BinarySemaphores {
  uint32_t wait_count = 0;
  std::array<VkSemaphore, max_binary_waits> waited;
  VkSemaphore signalled = VK_NULL_HANDLE;

  void add_wait(VkSemaphore semaphore) { waited[wait_count++] = semaphore; }
};

// Thread-safe. No lock is held while waiting.
class Queues {
 public:
  // How long a queue may make no progress, waiting for other queues included, before the GPU counts
  // as lost. Kernel drivers reset a GPU much earlier; llvmpipe on a busy machine takes seconds for
  // a large picture.
  static constexpr std::chrono::nanoseconds usual_patience = std::chrono::seconds(30);

  // 1 to max_queues, of one queue family.
  Queues(VkDevice device, std::vector<Queue> queues,
         std::chrono::nanoseconds patience = usual_patience)
      : device_(device), queues_(std::move(queues)), patience_(patience) {}

  static constexpr std::chrono::nanoseconds forever = std::chrono::nanoseconds::max();

  // Maximum number of submits in flight on a queue. A few keep the GPU busy, but many decoders
  // together would have hundreds of pictures in flight, and what a driver does when its own ring is
  // full is not documented.
  static constexpr uint64_t max_pending = 64;

  uint32_t count() const { return static_cast<uint32_t>(queues_.size()); }

  // The best queue for commands that depend on these submits: one whose last submit is among them,
  // otherwise the one with the fewest in flight.
  uint32_t choose(const Submits& after) const;

  // Submits the commands, to execute after the submits in `after`, and returns their number in the
  // queue. Waits while max_pending submits are in flight; concurrent callers may exceed that by
  // their number.
  Result<Submits> submit(uint32_t queue, VkCommandBuffer commands, const Submits& after,
                         const BinarySemaphores& binary = {});

  // Commands that may go to any queue.
  Result<Submits> submit(VkCommandBuffer commands, const Submits& after,
                         const BinarySemaphores& binary = {}) {
    return submit(choose(after), commands, after, binary);
  }

  bool are_done(const Submits& submits) const;

  // Waits until these are done. Error::timeout. Error::device_lost, also if the device stops making
  // progress, whatever the timeout.
  Result<void> wait(const Submits& submits, std::chrono::nanoseconds timeout);

  // A lost device stays lost; submits and waits fail at once.
  bool lost() const { return lost_; }

  // Blocks submits while it is held. Allocations hold it: with NVIDIA's driver (580) the GPU hangs
  // for good, without an error, when an allocation coincides with a submit to a queue family
  // without graphics.
  std::unique_lock<std::mutex> hold_submits() const { return std::unique_lock(mutex_); }

  // Call before destroying what these submits use: waits until the device, lost or not, no longer
  // uses it. False: the device does not respond. Then leak everything it may use, on purpose.
  bool release(const Submits& submits);
  bool release_all();

 private:
  struct Semaphores;

  Error failed(VkResult result);
  VkResult look(const Submits& submits, std::chrono::nanoseconds timeout);
  std::optional<uint64_t> reached(uint32_t queue) const;
  bool moves(const Submits& submits);
  bool moves(uint32_t queue);

  VkDevice device_;
  const std::vector<Queue> queues_;
  mutable std::mutex mutex_;  // guards the VkQueues, and the order of numbers
  std::array<std::atomic<uint64_t>, max_queues> submitted_ = {};
  std::atomic<bool> lost_ = false;
  std::atomic<bool> stuck_ = false;  // lost because it did not respond

  // A timeline's value after the last timed-out wait, and for how long it has not changed.
  struct Watch {
    uint64_t value = 0;
    std::chrono::steady_clock::time_point last;
    std::chrono::nanoseconds unchanged{};
  };
  const std::chrono::nanoseconds patience_;
  std::mutex watch_mutex_;
  std::array<Watch, max_queues> watches_;
};

}  // namespace daedalus::vulkan
