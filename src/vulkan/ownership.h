// SPDX-License-Identifier: MIT
// Barriers for memory that other devices and processes access, too.
//
// In Vulkan one queue family owns such a buffer at a time, and other holders of its dma-buf count
// as one more family, PhysicalDevice::foreign_queue_family. A submit acquires each shared picture
// that it uses and releases those that it has written. It does not release pictures that it only
// reads: there is nothing to make available, and submits to other queues of our family, or a
// display, may still be reading them.
#pragma once

#include <vulkan/vulkan.h>

#include "vulkan/physical_device.h"

namespace daedalus::vulkan {

VkBufferMemoryBarrier acquire_from_others(const PhysicalDevice& device, VkBuffer buffer,
                                          VkAccessFlags used);
VkBufferMemoryBarrier release_to_others(const PhysicalDevice& device, VkBuffer buffer,
                                        VkAccessFlags written);

}  // namespace daedalus::vulkan
