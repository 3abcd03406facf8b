// SPDX-License-Identifier: MIT
#include "vulkan/ownership.h"

namespace daedalus::vulkan {

namespace {

VkBufferMemoryBarrier whole_buffer(VkBuffer buffer) {
  VkBufferMemoryBarrier barrier = {};
  barrier.sType = VK_STRUCTURE_TYPE_BUFFER_MEMORY_BARRIER;
  barrier.buffer = buffer;
  barrier.size = VK_WHOLE_SIZE;
  return barrier;
}

}  // namespace

VkBufferMemoryBarrier acquire_from_others(const PhysicalDevice& device, VkBuffer buffer,
                                          VkAccessFlags used) {
  VkBufferMemoryBarrier barrier = whole_buffer(buffer);
  barrier.dstAccessMask = used;
  barrier.srcQueueFamilyIndex = device.foreign_queue_family;
  barrier.dstQueueFamilyIndex = device.compute_queue_family;
  return barrier;
}

VkBufferMemoryBarrier release_to_others(const PhysicalDevice& device, VkBuffer buffer,
                                        VkAccessFlags written) {
  VkBufferMemoryBarrier barrier = whole_buffer(buffer);
  barrier.srcAccessMask = written;
  barrier.srcQueueFamilyIndex = device.compute_queue_family;
  barrier.dstQueueFamilyIndex = device.foreign_queue_family;
  return barrier;
}

}  // namespace daedalus::vulkan
