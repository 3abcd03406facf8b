// SPDX-License-Identifier: MIT
// Memory that the jobs of a lane use one after the other.
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

  // The lane's memory, at least so many bytes of it. What the job's submit uses it has to keep (see
  // JobRing::keep): a larger job replaces it. Error::out_of_memory leaves the lane what it had.
  Result<std::shared_ptr<const Buffer>> get(uint32_t lane, VkDeviceSize bytes);

  // The memory of all lanes, before it is needed.
  Result<void> reserve(VkDeviceSize bytes);

 private:
  std::shared_ptr<DeviceState> device_;
  std::array<std::shared_ptr<const Buffer>, max_lanes> buffers_;
};

}  // namespace daedalus::vulkan
