// SPDX-License-Identifier: MIT
// Memory that the jobs of a queue use one after another.
#pragma once

#include <array>
#include <memory>

#include "vulkan/device_state.h"
#include "vulkan/memory.h"

namespace daedalus::vulkan {

// Grows with the largest job. One caller at a time.
class QueueScratch {
 public:
  explicit QueueScratch(std::shared_ptr<DeviceState> device) : device_(std::move(device)) {}

  // The queue's memory, at least this many bytes. The job's submit must keep it (see
  // JobRing::keep), because a larger job replaces it. On Error::out_of_memory the queue keeps what
  // it had.
  Result<std::shared_ptr<const Buffer>> get(uint32_t queue, VkDeviceSize bytes);

  // Allocates the memory of all queues in advance.
  Result<void> reserve(VkDeviceSize bytes);

 private:
  std::shared_ptr<DeviceState> device_;
  std::array<std::shared_ptr<const Buffer>, max_queues> buffers_;
};

}  // namespace daedalus::vulkan
