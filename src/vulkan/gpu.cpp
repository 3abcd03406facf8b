// SPDX-License-Identifier: MIT
#include "vulkan/gpu.h"

#include <unistd.h>

#include <array>
#include <vector>

#include "daedalus/log.h"
#include "vulkan/memory.h"
#include "vulkan/vk_result.h"

namespace daedalus::vulkan {
namespace {

Result<UniqueInstance> create_instance() {
  VkApplicationInfo application = {};
  application.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO;
  application.pApplicationName = "daedalus";
  application.apiVersion = VK_API_VERSION_1_2;
  VkInstanceCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO;
  info.pApplicationInfo = &application;
  VkInstance instance = VK_NULL_HANDLE;
  if (auto result = vkCreateInstance(&info, nullptr, &instance); result != VK_SUCCESS) {
    log(LogLevel::error, "vkCreateInstance failed (VkResult %d)%s", result,
        result == VK_ERROR_INCOMPATIBLE_DRIVER ? ": no Vulkan driver is installed" : "");
    return failure(result);
  }
  return UniqueInstance(instance);
}

}  // namespace

Result<std::unique_ptr<Gpu>> Gpu::open(const DeviceWish& wish) {
  std::unique_ptr<Gpu> gpu(new Gpu);
  auto instance = create_instance();
  if (!instance) return tl::unexpected(instance.error());
  gpu->instance_ = std::move(*instance);
  auto physical = choose_physical_device(gpu->instance_.get(), wish);
  if (!physical) return tl::unexpected(physical.error());
  gpu->physical_ = std::move(*physical);
  if (auto created = gpu->create_device(); !created) return tl::unexpected(created.error());
  if (auto created = gpu->create_queues(); !created) return tl::unexpected(created.error());
  if (gpu->physical_.dma_buf) gpu->try_dma_bufs();
  return gpu;
}

// Devices may advertise dma-bufs and still fail to create one: lavapipe needs /dev/udmabuf, which
// may be missing or not accessible.
void Gpu::try_dma_bufs() {
  const auto address = [&](const char* name) { return vkGetDeviceProcAddr(device(), name); };
  get_memory_fd_ = reinterpret_cast<PFN_vkGetMemoryFdKHR>(address("vkGetMemoryFdKHR"));
  get_memory_fd_properties_ =
      reinterpret_cast<PFN_vkGetMemoryFdPropertiesKHR>(address("vkGetMemoryFdPropertiesKHR"));
  import_semaphore_fd_ =
      reinterpret_cast<PFN_vkImportSemaphoreFdKHR>(address("vkImportSemaphoreFdKHR"));
  get_semaphore_fd_ = reinterpret_cast<PFN_vkGetSemaphoreFdKHR>(address("vkGetSemaphoreFdKHR"));
  constexpr VkDeviceSize size = 4096;
  const auto fd =
      Buffer::create(*this, MemoryUse::reference, size).and_then([&](const Buffer& buffer) {
        return buffer.export_dma_buf(*this);
      });
  if (fd) {
    close(*fd);
    return;
  }
  log(LogLevel::info, "%s advertises dma-bufs, but fails to make one", physical_.name.c_str());
  get_memory_fd_ = nullptr;
}

std::vector<const char*> Gpu::extensions() const {
  std::vector<const char*> names;
  if (!physical_.dma_buf) return names;
  names.assign(dma_buf_extensions.begin(), dma_buf_extensions.end());
  if (physical_.sync_fd) names.push_back(VK_KHR_EXTERNAL_SEMAPHORE_FD_EXTENSION_NAME);
  if (physical_.foreign_queue_family == VK_QUEUE_FAMILY_FOREIGN_EXT)
    names.push_back(VK_EXT_QUEUE_FAMILY_FOREIGN_EXTENSION_NAME);
  return names;
}

Result<void> Gpu::create_device() {
  std::array<float, max_queues> priorities;
  priorities.fill(1.0f);
  VkDeviceQueueCreateInfo queue = {};
  queue.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO;
  queue.queueFamilyIndex = physical_.compute_queue_family;
  queue.queueCount = physical_.compute_queues;
  queue.pQueuePriorities = priorities.data();
  VkPhysicalDeviceVulkan12Features features = {};
  features.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES;
  features.timelineSemaphore = VK_TRUE;
  features.bufferDeviceAddress = VK_TRUE;
  VkDeviceCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO;
  info.pNext = &features;
  info.queueCreateInfoCount = 1;
  info.pQueueCreateInfos = &queue;
  const auto names = extensions();
  info.enabledExtensionCount = static_cast<uint32_t>(names.size());
  info.ppEnabledExtensionNames = names.data();
  VkDevice device = VK_NULL_HANDLE;
  if (auto result = vkCreateDevice(physical_.handle, &info, nullptr, &device);
      result != VK_SUCCESS) {
    log(LogLevel::error, "%s cannot be opened (VkResult %d)", physical_.name.c_str(), result);
    return failure(result);
  }
  device_ = UniqueDevice(device);
  return {};
}

Result<void> Gpu::create_queues() {
  std::vector<Queue> queues(physical_.compute_queues);
  for (uint32_t index = 0; index < queues.size(); ++index) {
    auto timeline = create_timeline();
    if (!timeline) return tl::unexpected(timeline.error());
    queues[index].timeline = std::move(*timeline);
    vkGetDeviceQueue(device(), physical_.compute_queue_family, index, &queues[index].handle);
  }
  queues_.emplace(device(), std::move(queues));
  return {};
}

Result<UniqueSemaphore> Gpu::create_timeline() const {
  VkSemaphoreTypeCreateInfo type = {};
  type.sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO;
  type.semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE;
  return create_semaphore(&type);
}

Result<UniqueSemaphore> Gpu::create_semaphore(const void* kind) const {
  VkSemaphoreCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO;
  info.pNext = kind;
  VkSemaphore semaphore = VK_NULL_HANDLE;
  if (auto result = vkCreateSemaphore(device(), &info, nullptr, &semaphore); result != VK_SUCCESS) {
    return failure(result);
  }
  return UniqueSemaphore(device(), semaphore);
}

bool Gpu::import_sync_file(VkSemaphore semaphore, int fd) const {
  VkImportSemaphoreFdInfoKHR info = {};
  info.sType = VK_STRUCTURE_TYPE_IMPORT_SEMAPHORE_FD_INFO_KHR;
  info.semaphore = semaphore;
  info.flags = VK_SEMAPHORE_IMPORT_TEMPORARY_BIT;
  info.handleType = VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_SYNC_FD_BIT;
  info.fd = fd;
  return import_semaphore_fd_(device(), &info) == VK_SUCCESS;
}

bool Gpu::export_sync_file(VkSemaphore semaphore, int& fd) const {
  VkSemaphoreGetFdInfoKHR info = {};
  info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_GET_FD_INFO_KHR;
  info.semaphore = semaphore;
  info.handleType = VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_SYNC_FD_BIT;
  return get_semaphore_fd_(device(), &info, &fd) == VK_SUCCESS;
}

Result<UniqueCommandPool> Gpu::create_command_pool() const {
  VkCommandPoolCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO;
  info.flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT;
  info.queueFamilyIndex = physical_.compute_queue_family;
  VkCommandPool pool = VK_NULL_HANDLE;
  if (auto result = vkCreateCommandPool(device(), &info, nullptr, &pool); result != VK_SUCCESS) {
    return failure(result);
  }
  return UniqueCommandPool(device(), pool);
}

}  // namespace daedalus::vulkan
