// SPDX-License-Identifier: MIT
#include "vulkan/memory.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <vector>

#include "vulkan/vk_result.h"

namespace daedalus::vulkan {
namespace {

constexpr VkMemoryPropertyFlags device_local = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;
constexpr VkMemoryPropertyFlags host_cached = VK_MEMORY_PROPERTY_HOST_CACHED_BIT;
constexpr VkMemoryPropertyFlags host_visible =
    VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;

struct MemoryWish {
  VkMemoryPropertyFlags required, preferred, avoided;
};

MemoryWish memory_wish(MemoryUse use, VkPhysicalDeviceType device) {
  switch (use) {
    case MemoryUse::upload:
      return {host_visible, device_local, 0};
    case MemoryUse::download:
      return {host_visible, host_cached, 0};
    case MemoryUse::picture:
    case MemoryUse::reference:
      // On a discrete GPU the CPU can access only a part of the memory, and slowly.
      if (device == VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU) return {0, device_local, host_visible};
      return {0, device_local | host_visible | host_cached, 0};
    case MemoryUse::scratch:
      break;
  }
  return {0, device_local, host_visible};
}

bool is_picture(MemoryUse use) {
  return use == MemoryUse::picture || use == MemoryUse::reference;
}

VkBufferUsageFlags buffer_usage(MemoryUse use) {
  constexpr VkBufferUsageFlags copies =
      VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
  switch (use) {
    case MemoryUse::download:
      return copies;
    case MemoryUse::picture:
      return copies | VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
    case MemoryUse::reference:
      return copies | VK_BUFFER_USAGE_STORAGE_BUFFER_BIT |
             VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT;
    case MemoryUse::scratch:
      return VK_BUFFER_USAGE_TRANSFER_DST_BIT | VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
    default:
      return VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
  }
}

// The suitable memory types, best first. Equal types keep the driver's order.
std::vector<uint32_t> ordered_types(const VkPhysicalDeviceMemoryProperties& memory,
                                    uint32_t allowed, const MemoryWish& wish) {
  const auto flags = [&](uint32_t type) { return memory.memoryTypes[type].propertyFlags; };
  const auto score = [&](uint32_t type) {
    return 2 * std::popcount(flags(type) & wish.preferred) -
           std::popcount(flags(type) & wish.avoided);
  };
  // Protected memory and the like require opting in.
  constexpr VkMemoryPropertyFlags known = device_local | host_visible | host_cached;
  std::vector<uint32_t> types;
  for (uint32_t type = 0; type < memory.memoryTypeCount; ++type) {
    const bool fits = (flags(type) & wish.required) == wish.required && (flags(type) & ~known) == 0;
    if ((allowed >> type & 1) != 0 && fits) types.push_back(type);
  }
  std::stable_sort(types.begin(), types.end(),
                   [&](uint32_t a, uint32_t b) { return score(a) > score(b); });
  return types;
}

bool offers_cached_memory(const VkPhysicalDeviceMemoryProperties& memory) {
  constexpr VkMemoryPropertyFlags wanted = host_visible | host_cached;
  return std::any_of(
      memory.memoryTypes, memory.memoryTypes + memory.memoryTypeCount,
      [](const VkMemoryType& type) { return (type.propertyFlags & wanted) == wanted; });
}

}  // namespace

Result<Buffer> Buffer::create_unbound(const Gpu& gpu, MemoryUse use, VkDeviceSize size) {
  if (size > gpu.physical().limits.maxStorageBufferRange) {
    return tl::unexpected(Error::out_of_memory);
  }
  Buffer buffer;
  buffer.size_ = size;
  VkExternalMemoryBufferCreateInfo external = {};
  external.sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_BUFFER_CREATE_INFO;
  external.handleTypes = VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT;
  VkBufferCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
  if (is_picture(use) && gpu.shares_dma_bufs()) info.pNext = &external;
  info.size = size;
  info.usage = buffer_usage(use);
  VkBuffer handle = VK_NULL_HANDLE;
  if (auto result = vkCreateBuffer(gpu.device(), &info, nullptr, &handle); result != VK_SUCCESS) {
    return failure(result);
  }
  buffer.buffer_ = UniqueBuffer(gpu.device(), handle);
  return buffer;
}

Result<Buffer> Buffer::create(const Gpu& gpu, MemoryUse use, VkDeviceSize size) {
  auto buffer = create_unbound(gpu, use, size);
  if (!buffer) return buffer;
  if (auto done = buffer->allocate(gpu, use); !done) return tl::unexpected(done.error());
  if (use == MemoryUse::reference) buffer->take_address(gpu);
  return buffer;
}

Result<Buffer> Buffer::import(const Gpu& gpu, MemoryUse use, int dma_buf, VkDeviceSize size) {
  auto buffer = create_unbound(gpu, use, size);
  if (!buffer) return buffer;
  if (auto done = buffer->allocate_imported(gpu, use, dma_buf); !done) {
    return tl::unexpected(done.error());
  }
  if (use == MemoryUse::reference) buffer->take_address(gpu);
  return buffer;
}

void Buffer::take_address(const Gpu& gpu) {
  VkBufferDeviceAddressInfo address = {};
  address.sType = VK_STRUCTURE_TYPE_BUFFER_DEVICE_ADDRESS_INFO;
  address.buffer = buffer_.get();
  address_ = vkGetBufferDeviceAddress(gpu.device(), &address);
}

Result<int> Buffer::export_dma_buf(const Gpu& gpu) const {
  VkMemoryGetFdInfoKHR info = {};
  info.sType = VK_STRUCTURE_TYPE_MEMORY_GET_FD_INFO_KHR;
  info.memory = memory_.get();
  info.handleType = VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT;
  int fd = -1;
  if (auto result = gpu.get_memory_fd(&info, &fd); result != VK_SUCCESS) return failure(result);
  return fd;
}

// Falls back to the next best memory type when one is exhausted.
Result<void> Buffer::allocate(const Gpu& gpu, MemoryUse use) {
  VkMemoryRequirements requirements;
  vkGetBufferMemoryRequirements(gpu.device(), buffer_.get(), &requirements);
  const auto& memory = gpu.physical().memory;
  const auto wish = memory_wish(use, gpu.physical().type);
  VkExportMemoryAllocateInfo exported = {};
  exported.sType = VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO;
  exported.handleTypes = VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT;
  const bool shared = is_picture(use) && gpu.shares_dma_bufs();
  Result<void> allocated = tl::unexpected(Error::out_of_memory);
  for (const uint32_t type : ordered_types(memory, requirements.memoryTypeBits, wish)) {
    allocated = allocate_from(gpu, use, type, requirements.size, shared ? &exported : nullptr);
    if (allocated) return map(gpu, memory.memoryTypes[type].propertyFlags);
    if (allocated.error() != Error::out_of_memory) return allocated;
  }
  return allocated;
}

// Any memory type that the device can import this dma-buf into.
Result<void> Buffer::allocate_imported(const Gpu& gpu, MemoryUse use, int dma_buf) {
  const auto& memory = gpu.physical().memory;
  VkMemoryRequirements requirements;
  vkGetBufferMemoryRequirements(gpu.device(), buffer_.get(), &requirements);
  const off_t available = lseek(dma_buf, 0, SEEK_END);
  if (available < 0 || static_cast<VkDeviceSize>(available) < requirements.size) {
    return tl::unexpected(Error::invalid_parameter);
  }
  VkMemoryFdPropertiesKHR properties = {};
  properties.sType = VK_STRUCTURE_TYPE_MEMORY_FD_PROPERTIES_KHR;
  if (gpu.get_memory_fd_properties(dma_buf, &properties) != VK_SUCCESS) {
    return tl::unexpected(Error::invalid_parameter);
  }
  const uint32_t allowed = requirements.memoryTypeBits & properties.memoryTypeBits;
  const auto types = ordered_types(memory, allowed, {});
  if (types.empty()) return tl::unexpected(Error::invalid_parameter);

  for (const uint32_t type : types) {
    const auto done = import_from(gpu, use, type, requirements.size, dma_buf);
    if (!done && done.error() == Error::device_lost) return done;
    if (!done && memory_.get() != VK_NULL_HANDLE) break;  // a buffer can be bound only once
    if (!done) continue;
    // Only the CPU's copies use the mapping; without it they go through the device.
    (void)map(gpu, memory.memoryTypes[type].propertyFlags);
    return {};
  }
  return tl::unexpected(Error::invalid_parameter);
}

// A successful allocation takes ownership of the descriptor.
Result<void> Buffer::import_from(const Gpu& gpu, MemoryUse use, uint32_t type, VkDeviceSize size,
                                 int dma_buf) {
  VkImportMemoryFdInfoKHR imported = {};
  imported.sType = VK_STRUCTURE_TYPE_IMPORT_MEMORY_FD_INFO_KHR;
  imported.handleType = VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT;
  imported.fd = fcntl(dma_buf, F_DUPFD_CLOEXEC, 0);
  if (imported.fd < 0) return tl::unexpected(Error::out_of_memory);
  const auto done = allocate_from(gpu, use, type, size, &imported);
  if (!done && memory_.get() == VK_NULL_HANDLE) close(imported.fd);
  return done;
}

// `source`: more structures for vkAllocateMemory's pNext chain.
Result<void> Buffer::allocate_from(const Gpu& gpu, MemoryUse use, uint32_t type, VkDeviceSize size,
                                   const void* source) {
  VkMemoryDedicatedAllocateInfo dedicated = {};
  dedicated.sType = VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO;
  dedicated.pNext = source;
  dedicated.buffer = buffer_.get();
  VkMemoryAllocateFlagsInfo flags = {};
  flags.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO;
  flags.pNext = &dedicated;
  if (use == MemoryUse::reference) flags.flags = VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT;
  VkMemoryAllocateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO;
  info.pNext = &flags;
  info.allocationSize = size;
  info.memoryTypeIndex = type;
  // Check before taking the lock, which a stuck submit may hold.
  if (gpu.queues().lost()) return tl::unexpected(Error::device_lost);
  const auto no_submits = gpu.queues().hold_submits();
  VkDeviceMemory memory = VK_NULL_HANDLE;
  if (auto result = vkAllocateMemory(gpu.device(), &info, nullptr, &memory); result != VK_SUCCESS) {
    return failure(result);
  }
  memory_ = UniqueMemory(gpu.device(), memory);
  if (auto result = vkBindBufferMemory(gpu.device(), buffer_.get(), memory, 0);
      result != VK_SUCCESS) {
    return failure(result);
  }
  return {};
}

Result<void> Buffer::map(const Gpu& gpu, VkMemoryPropertyFlags flags) {
  if ((flags & host_visible) != host_visible) return {};
  void* data = nullptr;
  if (auto result = vkMapMemory(gpu.device(), memory_.get(), 0, VK_WHOLE_SIZE, 0, &data);
      result != VK_SUCCESS) {
    return failure(result);
  }
  mapped_ = {static_cast<std::byte*>(data), static_cast<std::size_t>(size_)};
  readable_ = (flags & host_cached) != 0 || !offers_cached_memory(gpu.physical().memory);
  return {};
}

}  // namespace daedalus::vulkan
