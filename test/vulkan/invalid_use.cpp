// SPDX-License-Identifier: MIT
// Uses Vulkan incorrectly, to test that test/validated notices: destroys a device before a buffer
// that belongs to it. Then uses Vulkan once more, correctly.
#include <vulkan/vulkan.h>

#include <cstdio>

VkInstance create_instance() {
  VkApplicationInfo application{VK_STRUCTURE_TYPE_APPLICATION_INFO};
  application.apiVersion = VK_API_VERSION_1_2;
  VkInstanceCreateInfo info{VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO};
  info.pApplicationInfo = &application;
  VkInstance instance = VK_NULL_HANDLE;
  vkCreateInstance(&info, nullptr, &instance);
  return instance;
}

int main() {
  VkInstance instance = create_instance();
  if (!instance) return 0;
  VkPhysicalDevice physical = VK_NULL_HANDLE;
  uint32_t count = 1;
  vkEnumeratePhysicalDevices(instance, &count, &physical);

  const float priority = 1;
  VkDeviceQueueCreateInfo queue{VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO};
  queue.queueCount = 1;
  queue.pQueuePriorities = &priority;
  VkDeviceCreateInfo device_info{VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO};
  device_info.queueCreateInfoCount = 1;
  device_info.pQueueCreateInfos = &queue;
  VkDevice device = VK_NULL_HANDLE;
  if (vkCreateDevice(physical, &device_info, nullptr, &device) != VK_SUCCESS) return 0;

  VkBufferCreateInfo buffer_info{VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO};
  buffer_info.size = 16;
  buffer_info.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
  VkBuffer buffer = VK_NULL_HANDLE;
  vkCreateBuffer(device, &buffer_info, nullptr, &buffer);
  vkDestroyDevice(device, nullptr);
  vkDestroyInstance(instance, nullptr);
  vkDestroyInstance(create_instance(), nullptr);
  return 0;
}
