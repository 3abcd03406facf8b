// SPDX-License-Identifier: MIT
// Translates VkResult into the project's errors.
#pragma once

#include <vulkan/vulkan.h>

#include "daedalus/error.h"

namespace daedalus::vulkan {

inline Error to_error(VkResult result) {
  switch (result) {
    case VK_ERROR_OUT_OF_HOST_MEMORY:
    case VK_ERROR_OUT_OF_DEVICE_MEMORY:
    case VK_ERROR_OUT_OF_POOL_MEMORY:
    case VK_ERROR_FRAGMENTED_POOL:
    case VK_ERROR_TOO_MANY_OBJECTS:
    case VK_ERROR_MEMORY_MAP_FAILED:
      return Error::out_of_memory;
    case VK_ERROR_INITIALIZATION_FAILED:
    case VK_ERROR_INCOMPATIBLE_DRIVER:
    case VK_ERROR_LAYER_NOT_PRESENT:
    case VK_ERROR_EXTENSION_NOT_PRESENT:
    case VK_ERROR_FEATURE_NOT_PRESENT:
      return Error::unsupported;
    case VK_TIMEOUT:
    case VK_NOT_READY:
      return Error::timeout;
    default:
      // A driver that fails in a way the specification does not name is unusable.
      return Error::device_lost;
  }
}

inline tl::unexpected<Error> failure(VkResult result) {
  return tl::unexpected(to_error(result));
}

}  // namespace daedalus::vulkan
