// SPDX-License-Identifier: MIT
#include "vulkan/command_slots.h"

#include <array>

#include "vulkan/vk_result.h"

namespace daedalus::vulkan {

Result<CommandSlots> CommandSlots::create(const Gpu& gpu, VkDescriptorSetLayout layout,
                                          uint32_t binding_count, std::size_t count) {
  CommandSlots slots;
  slots.slots_.resize(count);
  auto allocated = slots.allocate_commands(gpu).and_then(
      [&] { return slots.allocate_sets(gpu.device(), layout, binding_count); });
  if (!allocated) return tl::unexpected(allocated.error());
  return slots;
}

Result<void> CommandSlots::allocate_commands(const Gpu& gpu) {
  auto pool = gpu.create_command_pool();
  if (!pool) return tl::unexpected(pool.error());
  command_pool_ = std::move(*pool);
  std::vector<VkCommandBuffer> commands(slots_.size());
  VkCommandBufferAllocateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO;
  info.commandPool = command_pool_.get();
  info.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY;
  info.commandBufferCount = static_cast<uint32_t>(slots_.size());
  if (auto result = vkAllocateCommandBuffers(gpu.device(), &info, commands.data());
      result != VK_SUCCESS) {
    return failure(result);
  }
  for (std::size_t i = 0; i < slots_.size(); ++i) slots_[i].commands = commands[i];
  return {};
}

Result<void> CommandSlots::allocate_sets(VkDevice device, VkDescriptorSetLayout layout,
                                         uint32_t binding_count) {
  const auto count = static_cast<uint32_t>(slots_.size());
  const VkDescriptorPoolSize size = {VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, count * binding_count};
  VkDescriptorPoolCreateInfo pool_info = {};
  pool_info.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO;
  pool_info.maxSets = count;
  pool_info.poolSizeCount = 1;
  pool_info.pPoolSizes = &size;
  VkDescriptorPool pool = VK_NULL_HANDLE;
  if (auto result = vkCreateDescriptorPool(device, &pool_info, nullptr, &pool);
      result != VK_SUCCESS) {
    return failure(result);
  }
  descriptor_pool_ = UniqueDescriptorPool(device, pool);

  const std::vector<VkDescriptorSetLayout> layouts(slots_.size(), layout);
  std::vector<VkDescriptorSet> sets(slots_.size());
  VkDescriptorSetAllocateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO;
  info.descriptorPool = pool;
  info.descriptorSetCount = count;
  info.pSetLayouts = layouts.data();
  if (auto result = vkAllocateDescriptorSets(device, &info, sets.data()); result != VK_SUCCESS) {
    return failure(result);
  }
  for (std::size_t i = 0; i < slots_.size(); ++i) slots_[i].set = sets[i];
  return {};
}

void bind_buffers(VkDevice device, VkDescriptorSet set, std::span<const VkBuffer> buffers) {
  constexpr std::size_t most = 8;  // what every device has in a stage
  std::array<VkDescriptorBufferInfo, most> infos;
  std::array<VkWriteDescriptorSet, most> writes = {};
  for (uint32_t i = 0; i < buffers.size(); ++i) {
    infos[i] = {buffers[i], 0, VK_WHOLE_SIZE};
    writes[i].sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET;
    writes[i].dstSet = set;
    writes[i].dstBinding = i;
    writes[i].descriptorCount = 1;
    writes[i].descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
    writes[i].pBufferInfo = &infos[i];
  }
  vkUpdateDescriptorSets(device, static_cast<uint32_t>(buffers.size()), writes.data(), 0, nullptr);
}

void memory_barrier(VkCommandBuffer commands, VkPipelineStageFlags from, VkAccessFlags written,
                    VkPipelineStageFlags to, VkAccessFlags used,
                    std::span<const VkBufferMemoryBarrier> buffers) {
  VkMemoryBarrier memory = {};
  memory.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER;
  memory.srcAccessMask = written;
  memory.dstAccessMask = used;
  vkCmdPipelineBarrier(commands, from, to, 0, 1, &memory, static_cast<uint32_t>(buffers.size()),
                       buffers.data(), 0, nullptr);
}

Result<void> begin_commands(VkCommandBuffer commands) {
  VkCommandBufferBeginInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO;
  info.flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT;
  if (auto result = vkBeginCommandBuffer(commands, &info); result != VK_SUCCESS) {
    return failure(result);
  }
  return {};
}

}  // namespace daedalus::vulkan
