// The logical device with its queue.
#pragma once

#include <vulkan/vulkan.h>

#include <memory>
#include <optional>
#include <string_view>

#include "daedalus/error.h"
#include "vulkan/handle.h"
#include "vulkan/physical_device.h"
#include "vulkan/queue.h"

namespace daedalus::vulkan {

class Gpu {
 public:
  // `wanted` as in Settings::device.
  static Result<std::unique_ptr<Gpu>> open(std::string_view wanted);

  VkDevice device() const { return device_.get(); }
  const PhysicalDevice& physical() const { return physical_; }
  Queue& queue() { return *queue_; }

  // A pool of this device's only queue family whose command buffers are reset one by one.
  Result<UniqueCommandPool> create_command_pool() const;

 private:
  Gpu() = default;
  Result<void> create_device();
  Result<void> create_queue();

  UniqueInstance instance_;
  PhysicalDevice physical_;
  UniqueDevice device_;
  std::optional<Queue> queue_;
};

}  // namespace daedalus::vulkan
