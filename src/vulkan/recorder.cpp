// SPDX-License-Identifier: MIT
#include "vulkan/recorder.h"

#include "vulkan/command_slots.h"

namespace daedalus::vulkan {

namespace {

constexpr VkPipelineStageFlags all_stages =
    VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT;
constexpr VkAccessFlags all_writes = VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT;

}  // namespace

Recorder::Recorder(VkCommandBuffer commands, VkPipelineLayout layout, VkDescriptorSet set,
                   const TimedJob& timed)
    : commands_(commands), layout_(layout), timed_(timed) {
  vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_COMPUTE, layout, 0, 1, &set, 0, nullptr);
}

void Recorder::begin() {
  barrier(all_stages, all_writes, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
          VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT);
  timed_.begin(commands_);
}

void Recorder::barrier() {
  barrier(VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, VK_ACCESS_SHADER_WRITE_BIT,
          VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
          VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT);
}

void Recorder::barrier(VkPipelineStageFlags from, VkAccessFlags written, VkPipelineStageFlags to,
                       VkAccessFlags used) {
  memory_barrier(commands_, from, written, to, used);
  ++counts_.barriers;
}

void Recorder::copy_planes(const VulkanPicture::PlaneCopies& copies) {
  barrier(VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, VK_ACCESS_SHADER_WRITE_BIT,
          VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_READ_BIT);
  vkCmdCopyBuffer(commands_, copies.from, copies.to, static_cast<uint32_t>(copies.planes.size()),
                  copies.planes.data());
}

void Recorder::end(bool target_is_mapped) {
  if (!target_is_mapped) return;
  barrier(all_stages, all_writes, VK_PIPELINE_STAGE_HOST_BIT, VK_ACCESS_HOST_READ_BIT);
}

}  // namespace daedalus::vulkan
