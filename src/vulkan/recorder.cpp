// SPDX-License-Identifier: MIT
#include "vulkan/recorder.h"

#include <algorithm>

#include "vulkan/command_slots.h"
#include "vulkan/ownership.h"

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

void Recorder::writes(VulkanPicture& picture) {
  if (!picture.is_shared()) return;
  uses_[use_count_++] = {&picture, true};
  acquire(picture, picture.buffer().get());
  released_[released_count_++] =
      release_to_others(picture.device().gpu->physical(), picture.buffer().get(), all_writes);
}

void Recorder::reads(VulkanPicture& picture) {
  if (!picture.is_shared()) return;
  uses_[use_count_++] = {&picture, false};
  acquire(picture, picture.buffer().get());
}

void Recorder::reads_reference(const VulkanPicture& picture) {
  if (picture.is_shared()) acquire(picture, picture.coded_buffer().get());
}

// Decoders may name a picture several times.
void Recorder::acquire(const VulkanPicture& picture, VkBuffer buffer) {
  const auto known = std::span(acquired_).first(acquired_count_);
  const bool is_shared = buffer == picture.buffer().get();
  if (!is_shared || std::any_of(known.begin(), known.end(),
                                [&](const auto& barrier) { return barrier.buffer == buffer; })) {
    return;
  }
  acquired_[acquired_count_++] =
      acquire_from_others(picture.device().gpu->physical(), buffer,
                          VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT);
}

void Recorder::clear(VkBuffer scratch, VkDeviceSize bytes) {
  barrier(all_stages, all_writes, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_WRITE_BIT);
  vkCmdFillBuffer(commands_, scratch, 0, bytes, 0);
}

void Recorder::begin() {
  barrier(all_stages, all_writes, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
          VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT,
          std::span(acquired_).first(acquired_count_));
  timed_.begin(commands_);
}

void Recorder::barrier() {
  barrier(VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, VK_ACCESS_SHADER_WRITE_BIT,
          VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
          VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT);
}

void Recorder::barrier(VkPipelineStageFlags from, VkAccessFlags written, VkPipelineStageFlags to,
                       VkAccessFlags used, std::span<const VkBufferMemoryBarrier> buffers) {
  memory_barrier(commands_, from, written, to, used, buffers);
  ++counts_.barriers;
}

void Recorder::copy_planes(const VulkanPicture::PlaneCopies& copies) {
  barrier(VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, VK_ACCESS_SHADER_WRITE_BIT,
          VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_READ_BIT);
  vkCmdCopyBuffer(commands_, copies.from, copies.to, static_cast<uint32_t>(copies.planes.size()),
                  copies.planes.data());
}

void Recorder::end(bool target_is_mapped) {
  if (target_is_mapped)
    barrier(all_stages, all_writes, VK_PIPELINE_STAGE_HOST_BIT, VK_ACCESS_HOST_READ_BIT);
  // An ownership transfer cannot use the host stage.
  if (released_count_ > 0)
    barrier(all_stages, all_writes, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, 0,
            std::span(released_).first(released_count_));
}

}  // namespace daedalus::vulkan
