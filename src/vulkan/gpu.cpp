#include "vulkan/gpu.h"

#include <unistd.h>

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
  if (auto created = gpu->create_queue(); !created) return tl::unexpected(created.error());
  if (gpu->physical_.dma_buf) gpu->try_dma_bufs();
  return gpu;
}

// Devices may promise dma-bufs and have none: lavapipe makes them of /dev/udmabuf, which is not
// always there for everybody.
void Gpu::try_dma_bufs() {
  const auto address = [&](const char* name) { return vkGetDeviceProcAddr(device(), name); };
  get_memory_fd_ = reinterpret_cast<PFN_vkGetMemoryFdKHR>(address("vkGetMemoryFdKHR"));
  get_memory_fd_properties_ =
      reinterpret_cast<PFN_vkGetMemoryFdPropertiesKHR>(address("vkGetMemoryFdPropertiesKHR"));
  constexpr VkDeviceSize size = 4096;
  const auto fd =
      Buffer::create(*this, MemoryUse::picture, size).and_then([&](const Buffer& buffer) {
        return buffer.export_dma_buf(*this);
      });
  if (fd) {
    close(*fd);
    return;
  }
  log(LogLevel::info, "%s promises dma-bufs, but makes none", physical_.name.c_str());
  get_memory_fd_ = nullptr;
}

Result<void> Gpu::create_device() {
  const float priority = 1.0f;
  VkDeviceQueueCreateInfo queue = {};
  queue.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO;
  queue.queueFamilyIndex = physical_.compute_queue_family;
  queue.queueCount = 1;
  queue.pQueuePriorities = &priority;
  VkPhysicalDeviceVulkan12Features features = {};
  features.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES;
  features.timelineSemaphore = VK_TRUE;
  features.bufferDeviceAddress = VK_TRUE;
  VkDeviceCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO;
  info.pNext = &features;
  info.queueCreateInfoCount = 1;
  info.pQueueCreateInfos = &queue;
  if (physical_.dma_buf) {
    info.enabledExtensionCount = static_cast<uint32_t>(dma_buf_extensions.size());
    info.ppEnabledExtensionNames = dma_buf_extensions.data();
  }
  VkDevice device = VK_NULL_HANDLE;
  if (auto result = vkCreateDevice(physical_.handle, &info, nullptr, &device);
      result != VK_SUCCESS) {
    return failure(result);
  }
  device_ = UniqueDevice(device);
  return {};
}

Result<void> Gpu::create_queue() {
  auto timeline = create_timeline();
  if (!timeline) return tl::unexpected(timeline.error());
  VkQueue queue = VK_NULL_HANDLE;
  vkGetDeviceQueue(device(), physical_.compute_queue_family, 0, &queue);
  queue_.emplace(device(), queue, std::move(*timeline));
  return {};
}

Result<UniqueSemaphore> Gpu::create_timeline() const {
  VkSemaphoreTypeCreateInfo type = {};
  type.sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO;
  type.semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE;
  VkSemaphoreCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO;
  info.pNext = &type;
  VkSemaphore timeline = VK_NULL_HANDLE;
  if (auto result = vkCreateSemaphore(device(), &info, nullptr, &timeline); result != VK_SUCCESS) {
    return failure(result);
  }
  return UniqueSemaphore(device(), timeline);
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
