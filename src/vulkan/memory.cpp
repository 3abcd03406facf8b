#include "vulkan/memory.h"

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
      // On a discrete GPU the CPU sees little of the memory, and slowly.
      if (device == VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU) return {0, device_local, host_visible};
      return {0, device_local | host_visible | host_cached, 0};
    case MemoryUse::scratch:
      break;
  }
  return {0, device_local, host_visible};
}

VkBufferUsageFlags buffer_usage(MemoryUse use) {
  constexpr VkBufferUsageFlags copies =
      VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
  switch (use) {
    case MemoryUse::download:
      return copies;
    case MemoryUse::picture:
      return copies | VK_BUFFER_USAGE_STORAGE_BUFFER_BIT |
             VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT;
    default:
      return VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
  }
}

// The memory types that will do, best first. Types of a kind keep the driver's order.
std::vector<uint32_t> ordered_types(const VkPhysicalDeviceMemoryProperties& memory,
                                    uint32_t allowed, const MemoryWish& wish) {
  const auto flags = [&](uint32_t type) { return memory.memoryTypes[type].propertyFlags; };
  const auto score = [&](uint32_t type) {
    return 2 * std::popcount(flags(type) & wish.preferred) -
           std::popcount(flags(type) & wish.avoided);
  };
  // Protected memory and the like cannot be used without asking for it.
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

Result<Buffer> Buffer::create(const Gpu& gpu, MemoryUse use, VkDeviceSize size) {
  if (size > gpu.physical().limits.maxStorageBufferRange) {
    return tl::unexpected(Error::out_of_memory);
  }
  Buffer buffer;
  buffer.size_ = size;
  VkBufferCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
  info.size = size;
  info.usage = buffer_usage(use);
  VkBuffer handle = VK_NULL_HANDLE;
  if (auto result = vkCreateBuffer(gpu.device(), &info, nullptr, &handle); result != VK_SUCCESS) {
    return failure(result);
  }
  buffer.buffer_ = UniqueBuffer(gpu.device(), handle);
  if (auto done = buffer.allocate(gpu, use); !done) return tl::unexpected(done.error());
  if (use == MemoryUse::picture) {
    VkBufferDeviceAddressInfo address = {};
    address.sType = VK_STRUCTURE_TYPE_BUFFER_DEVICE_ADDRESS_INFO;
    address.buffer = handle;
    buffer.address_ = vkGetBufferDeviceAddress(gpu.device(), &address);
  }
  return buffer;
}

// Takes the next best type of memory where the best one is used up.
Result<void> Buffer::allocate(const Gpu& gpu, MemoryUse use) {
  VkMemoryRequirements requirements;
  vkGetBufferMemoryRequirements(gpu.device(), buffer_.get(), &requirements);
  const auto& memory = gpu.physical().memory;
  const auto wish = memory_wish(use, gpu.physical().type);
  Result<void> allocated = tl::unexpected(Error::out_of_memory);
  for (const uint32_t type : ordered_types(memory, requirements.memoryTypeBits, wish)) {
    allocated = allocate_from(gpu, type, requirements.size);
    if (allocated) return map(gpu, memory.memoryTypes[type].propertyFlags);
    if (allocated.error() != Error::out_of_memory) return allocated;
  }
  return allocated;
}

Result<void> Buffer::allocate_from(const Gpu& gpu, uint32_t type, VkDeviceSize size) {
  // A picture that leaves the process would chain VkExportMemoryAllocateInfo here.
  VkMemoryDedicatedAllocateInfo dedicated = {};
  dedicated.sType = VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO;
  dedicated.buffer = buffer_.get();
  VkMemoryAllocateFlagsInfo flags = {};
  flags.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO;
  flags.pNext = &dedicated;
  flags.flags = VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT;
  VkMemoryAllocateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO;
  info.pNext = &flags;
  info.allocationSize = size;
  info.memoryTypeIndex = type;
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
