// SPDX-License-Identifier: MIT
// Which of the machine's Vulkan devices is used, and what it must support.
#pragma once

#include <sys/types.h>
#include <vulkan/vulkan.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "daedalus/error.h"

namespace daedalus::vulkan {

struct PhysicalDevice {
  VkPhysicalDevice handle = VK_NULL_HANDLE;
  std::string name;
  VkPhysicalDeviceType type = VK_PHYSICAL_DEVICE_TYPE_OTHER;
  VkDriverId driver = VK_DRIVER_ID_MAX_ENUM;
  VkPhysicalDeviceLimits limits = {};
  VkPhysicalDeviceMemoryProperties memory = {};
  uint32_t compute_queue_family = 0;
  uint32_t compute_queues = 0;  // how many of them are used
  uint32_t subgroup_size = 0;
  bool dma_buf = false;  // supports dma_buf_extensions, and pictures as dma-bufs
  bool sync_fd = false;  // also VK_KHR_external_semaphore_fd, and sync files as semaphores
  // The family of other holders of a dma-buf: VK_QUEUE_FAMILY_FOREIGN_EXT if the device has
  // VK_EXT_queue_family_foreign.
  uint32_t foreign_queue_family = VK_QUEUE_FAMILY_EXTERNAL;
};

inline constexpr std::array dma_buf_extensions = {VK_KHR_EXTERNAL_MEMORY_FD_EXTENSION_NAME,
                                                  VK_EXT_EXTERNAL_MEMORY_DMA_BUF_EXTENSION_NAME};

struct DeviceWish {
  std::string_view wanted;        // as Settings::device; takes precedence
  std::optional<dev_t> drm_node;  // the client's display node: its device is preferred
};

// Error::unsupported if no device is suitable; the reason is logged.
Result<PhysicalDevice> choose_physical_device(VkInstance instance, const DeviceWish& wish);

}  // namespace daedalus::vulkan
