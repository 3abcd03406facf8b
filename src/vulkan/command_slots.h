// SPDX-License-Identifier: MIT
// Command buffers that are recorded repeatedly, each with its descriptor set.
#pragma once

#include <vulkan/vulkan.h>

#include <cstdint>
#include <span>
#include <vector>

#include "daedalus/error.h"
#include "vulkan/gpu.h"
#include "vulkan/handle.h"

namespace daedalus::vulkan {

struct CommandSlot {
  VkCommandBuffer commands = VK_NULL_HANDLE;
  VkDescriptorSet set = VK_NULL_HANDLE;
};

// Owns the slots' Vulkan objects.
class CommandSlots {
 public:
  // Sets of `binding_count` storage buffers, with the layout of create_set_layout.
  static Result<CommandSlots> create(const Gpu& gpu, VkDescriptorSetLayout layout,
                                     uint32_t binding_count, std::size_t count);

  CommandSlot operator[](std::size_t index) const { return slots_[index]; }

  // Leaks them on purpose; see Queues::release.
  void leak() {
    command_pool_.leak();
    descriptor_pool_.leak();
  }

 private:
  Result<void> allocate_commands(const Gpu& gpu);
  Result<void> allocate_sets(VkDevice device, VkDescriptorSetLayout layout, uint32_t binding_count);

  UniqueCommandPool command_pool_;
  UniqueDescriptorPool descriptor_pool_;
  std::vector<CommandSlot> slots_;
};

// Writes a set that no submit in flight uses: whole buffers, from binding 0 on.
void bind_buffers(VkDevice device, VkDescriptorSet set, std::span<const VkBuffer> buffers);

// One command with a global memory barrier, and barriers for some buffers (ownership.h).
void memory_barrier(VkCommandBuffer commands, VkPipelineStageFlags from, VkAccessFlags written,
                    VkPipelineStageFlags to, VkAccessFlags used,
                    std::span<const VkBufferMemoryBarrier> buffers = {});

// Begins recording for one submit.
Result<void> begin_commands(VkCommandBuffer commands);

}  // namespace daedalus::vulkan
