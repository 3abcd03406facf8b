// SPDX-License-Identifier: MIT
// Memory that the jobs of a lane use one after another.
#pragma once

#include <array>
#include <memory>

#include "vulkan/device_state.h"
#include "vulkan/memory.h"

namespace daedalus::vulkan {

// Grows with the largest job. One caller at a time.
class LaneScratch {
 public:
  explicit LaneScratch(std::shared_ptr<DeviceState> device) : device_(std::move(device)) {}

  // The lane's memory, at least this many bytes. The job's submit must keep it (see JobRing::keep),
  // because a larger job replaces it. On Error::out_of_memory the lane keeps what it had.
  Result<std::shared_ptr<const Buffer>> get(uint32_t lane, VkDeviceSize bytes);

  // Allocates the memory of all lanes in advance.
  Result<void> reserve(VkDeviceSize bytes);

 private:
  std::shared_ptr<DeviceState> device_;
  std::array<std::shared_ptr<const Buffer>, max_lanes> buffers_;
};

}  // namespace daedalus::vulkan
