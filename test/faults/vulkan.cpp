// SPDX-License-Identifier: MIT
// The vk* functions of the driver's that can fail, and those that free what they created. The
// dynamic linker finds the program's functions first; these forward to the loader's.
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string_view>

#include "faults/plan.h"
#include "programs/vulkan_loader.h"

namespace daedalus::test {

namespace {

std::atomic<int64_t> objects = 0, memories = 0, bytes = 0;

std::atomic<bool> refusing = false;
std::atomic<uint64_t> refused = 0;

std::atomic<bool> discrete = false;
// The additional memory type of a device that looks like a discrete GPU: a copy of the first type,
// which the CPU can map.
std::atomic<uint32_t> hidden_type = VK_MAX_MEMORY_TYPES;

std::mutex mutex;  // guards the members below
std::map<VkQueue, VkDevice> devices;
std::set<VkDevice> lost, silent;
std::map<VkDeviceMemory, VkDeviceSize> sizes;

VkDevice device_of(VkQueue queue) {
  std::lock_guard lock(mutex);
  return devices[queue];
}
bool is_in(const std::set<VkDevice>& set, VkDevice device) {
  std::lock_guard lock(mutex);
  return set.contains(device);
}
void put_into(std::set<VkDevice>& set, VkDevice device) {
  std::lock_guard lock(mutex);
  set.insert(device);
}

// A lost device executes nothing more, so let submitted work complete first.
std::mutex submitting;
VkResult lose(VkDevice device) {
  std::lock_guard lock(submitting);
  loader<decltype(vkDeviceWaitIdle)>("vkDeviceWaitIdle")(device);
  put_into(lost, device);
  return VK_ERROR_DEVICE_LOST;
}

bool lacks_memory(const char* function) {
  return meets(Fault::vulkan_memory, function);
}

VkResult counted(VkResult result, int64_t made = 1) {
  if (result == VK_SUCCESS) objects += made;
  return result;
}

}  // namespace

uint64_t refuse_memory(bool refuse) {
  refusing = refuse;
  return refused.exchange(0);
}

void make_discrete(bool wanted) {
  discrete = wanted;
}

Live live() {
  return {objects, memories, bytes, live_allocations()};
}

}  // namespace daedalus::test

using namespace daedalus::test;

extern "C" {

// A function that can run out of memory.
#define MAY_LACK_MEMORY(name, parameters, arguments)               \
  VkResult name parameters {                                       \
    if (lacks_memory(#name)) return VK_ERROR_OUT_OF_DEVICE_MEMORY; \
    return loader<decltype(name)>(#name) arguments;                \
  }

// The functions that create and destroy a device's objects.
#define OBJECT(Name)                                                                             \
  VkResult vkCreate##Name(VkDevice device, const Vk##Name##CreateInfo* info,                     \
                          const VkAllocationCallbacks* callbacks, Vk##Name* made) {              \
    if (lacks_memory("vkCreate" #Name)) return VK_ERROR_OUT_OF_DEVICE_MEMORY;                    \
    return counted(                                                                              \
        loader<decltype(vkCreate##Name)>("vkCreate" #Name)(device, info, callbacks, made));      \
  }                                                                                              \
  void vkDestroy##Name(VkDevice device, Vk##Name made, const VkAllocationCallbacks* callbacks) { \
    --objects;                                                                                   \
    loader<decltype(vkDestroy##Name)>("vkDestroy" #Name)(device, made, callbacks);               \
  }

OBJECT(Buffer)
OBJECT(CommandPool)
OBJECT(DescriptorPool)
OBJECT(DescriptorSetLayout)
OBJECT(PipelineCache)
OBJECT(PipelineLayout)
OBJECT(Semaphore)
OBJECT(ShaderModule)

VkResult vkCreateInstance(const VkInstanceCreateInfo* info, const VkAllocationCallbacks* callbacks,
                          VkInstance* made) {
  if (lacks_memory("vkCreateInstance")) return VK_ERROR_OUT_OF_HOST_MEMORY;
  return counted(loader<decltype(vkCreateInstance)>("vkCreateInstance")(info, callbacks, made));
}

void vkDestroyInstance(VkInstance made, const VkAllocationCallbacks* callbacks) {
  --objects;
  loader<decltype(vkDestroyInstance)>("vkDestroyInstance")(made, callbacks);
}

VkResult vkCreateDevice(VkPhysicalDevice physical, const VkDeviceCreateInfo* info,
                        const VkAllocationCallbacks* callbacks, VkDevice* made) {
  if (lacks_memory("vkCreateDevice")) return VK_ERROR_OUT_OF_HOST_MEMORY;
  return counted(
      loader<decltype(vkCreateDevice)>("vkCreateDevice")(physical, info, callbacks, made));
}

void vkDestroyDevice(VkDevice made, const VkAllocationCallbacks* callbacks) {
  --objects;
  {
    std::lock_guard lock(mutex);
    lost.erase(made);
    silent.erase(made);
    std::erase_if(devices, [&](const auto& queue) { return queue.second == made; });
  }
  loader<decltype(vkDestroyDevice)>("vkDestroyDevice")(made, callbacks);
}

void vkGetDeviceQueue(VkDevice device, uint32_t family, uint32_t index, VkQueue* queue) {
  loader<decltype(vkGetDeviceQueue)>("vkGetDeviceQueue")(device, family, index, queue);
  std::lock_guard lock(mutex);
  devices[*queue] = device;
}

VkResult vkCreateComputePipelines(VkDevice device, VkPipelineCache cache, uint32_t count,
                                  const VkComputePipelineCreateInfo* infos,
                                  const VkAllocationCallbacks* callbacks, VkPipeline* made) {
  if (lacks_memory("vkCreateComputePipelines")) return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  return counted(loader<decltype(vkCreateComputePipelines)>("vkCreateComputePipelines")(
                     device, cache, count, infos, callbacks, made),
                 count);
}

void vkDestroyPipeline(VkDevice device, VkPipeline made, const VkAllocationCallbacks* callbacks) {
  --objects;
  loader<decltype(vkDestroyPipeline)>("vkDestroyPipeline")(device, made, callbacks);
}

VkResult vkAllocateMemory(VkDevice device, const VkMemoryAllocateInfo* info,
                          const VkAllocationCallbacks* callbacks, VkDeviceMemory* made) {
  if (lacks_memory("vkAllocateMemory")) return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  if (refusing) {
    ++refused;
    return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  }
  VkMemoryAllocateInfo real = *info;
  if (real.memoryTypeIndex == hidden_type) real.memoryTypeIndex = 0;
  const auto result =
      loader<decltype(vkAllocateMemory)>("vkAllocateMemory")(device, &real, callbacks, made);
  if (result != VK_SUCCESS) return result;
  ++memories;
  bytes += static_cast<int64_t>(info->allocationSize);
  std::lock_guard lock(mutex);
  sizes[*made] = info->allocationSize;
  return result;
}

void vkGetPhysicalDeviceProperties(VkPhysicalDevice device,
                                   VkPhysicalDeviceProperties* properties) {
  loader<decltype(vkGetPhysicalDeviceProperties)>("vkGetPhysicalDeviceProperties")(device,
                                                                                   properties);
  if (discrete) properties->deviceType = VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU;
}

void vkGetPhysicalDeviceMemoryProperties(VkPhysicalDevice device,
                                         VkPhysicalDeviceMemoryProperties* memory) {
  loader<decltype(vkGetPhysicalDeviceMemoryProperties)>("vkGetPhysicalDeviceMemoryProperties")(
      device, memory);
  hidden_type = VK_MAX_MEMORY_TYPES;
  if (!discrete || memory->memoryTypeCount == VK_MAX_MEMORY_TYPES) return;
  hidden_type = memory->memoryTypeCount;
  memory->memoryTypes[memory->memoryTypeCount++] = {VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, 0};
}

void vkGetBufferMemoryRequirements(VkDevice device, VkBuffer buffer,
                                   VkMemoryRequirements* requirements) {
  loader<decltype(vkGetBufferMemoryRequirements)>("vkGetBufferMemoryRequirements")(device, buffer,
                                                                                   requirements);
  if (hidden_type < VK_MAX_MEMORY_TYPES) requirements->memoryTypeBits |= 1u << hidden_type;
}

void vkFreeMemory(VkDevice device, VkDeviceMemory made, const VkAllocationCallbacks* callbacks) {
  {
    std::lock_guard lock(mutex);
    bytes -= static_cast<int64_t>(sizes[made]);
    sizes.erase(made);
  }
  --memories;
  loader<decltype(vkFreeMemory)>("vkFreeMemory")(device, made, callbacks);
}

MAY_LACK_MEMORY(vkAllocateCommandBuffers,
                (VkDevice device, const VkCommandBufferAllocateInfo* info, VkCommandBuffer* made),
                (device, info, made))
MAY_LACK_MEMORY(vkAllocateDescriptorSets,
                (VkDevice device, const VkDescriptorSetAllocateInfo* info, VkDescriptorSet* made),
                (device, info, made))
MAY_LACK_MEMORY(vkBeginCommandBuffer,
                (VkCommandBuffer commands, const VkCommandBufferBeginInfo* info), (commands, info))
// Calls the real function first: recording has ended after a failure too, and validation has to see
// that.
VkResult vkEndCommandBuffer(VkCommandBuffer commands) {
  const VkResult result = loader<decltype(vkEndCommandBuffer)>("vkEndCommandBuffer")(commands);
  return lacks_memory("vkEndCommandBuffer") ? VK_ERROR_OUT_OF_DEVICE_MEMORY : result;
}
MAY_LACK_MEMORY(vkBindBufferMemory,
                (VkDevice device, VkBuffer buffer, VkDeviceMemory memory, VkDeviceSize offset),
                (device, buffer, memory, offset))
MAY_LACK_MEMORY(vkMapMemory,
                (VkDevice device, VkDeviceMemory memory, VkDeviceSize offset, VkDeviceSize size,
                 VkMemoryMapFlags flags, void** data),
                (device, memory, offset, size, flags, data))
MAY_LACK_MEMORY(vkEnumeratePhysicalDevices,
                (VkInstance instance, uint32_t* count, VkPhysicalDevice* found),
                (instance, count, found))
MAY_LACK_MEMORY(vkEnumerateDeviceExtensionProperties,
                (VkPhysicalDevice device, const char* layer, uint32_t* count,
                 VkExtensionProperties* properties),
                (device, layer, count, properties))

VkResult vkGetSemaphoreCounterValue(VkDevice device, VkSemaphore semaphore, uint64_t* value) {
  if (lacks_memory("vkGetSemaphoreCounterValue")) return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  if (is_in(lost, device)) return VK_ERROR_DEVICE_LOST;
  return loader<decltype(vkGetSemaphoreCounterValue)>("vkGetSemaphoreCounterValue")(
      device, semaphore, value);
}

VkResult vkQueueSubmit(VkQueue queue, uint32_t count, const VkSubmitInfo* infos, VkFence fence) {
  if (lacks_memory("vkQueueSubmit")) return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  const VkDevice device = device_of(queue);
  if (meets(Fault::submit_lost, "vkQueueSubmit")) return lose(device);
  if (meets(Fault::silence, "vkQueueSubmit")) put_into(silent, device);
  std::lock_guard lock(submitting);
  if (is_in(silent, device)) return VK_SUCCESS;
  if (is_in(lost, device)) return VK_ERROR_DEVICE_LOST;
  return loader<decltype(vkQueueSubmit)>("vkQueueSubmit")(queue, count, infos, fence);
}

VkResult vkWaitSemaphores(VkDevice device, const VkSemaphoreWaitInfo* info, uint64_t timeout) {
  if (lacks_memory("vkWaitSemaphores")) return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  if (is_in(lost, device)) return VK_ERROR_DEVICE_LOST;
  if (meets(Fault::wait_lost, "vkWaitSemaphores")) return lose(device);
  return loader<decltype(vkWaitSemaphores)>("vkWaitSemaphores")(device, info, timeout);
}

}  // extern "C"
