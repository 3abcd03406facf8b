// Which of the machine's Vulkan devices is used, and what it must offer.
#pragma once

#include <vulkan/vulkan.h>

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
};

// `wanted` as in Settings::device. Error::unsupported where no device fits; the log says why.
Result<PhysicalDevice> choose_physical_device(VkInstance instance, std::string_view wanted);

}  // namespace daedalus::vulkan
