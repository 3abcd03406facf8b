// SPDX-License-Identifier: MIT
// Records a job's dispatches and the barriers between them, and counts them.
#pragma once

#include <vulkan/vulkan.h>

#include <array>
#include <cstdint>
#include <span>

#include "vulkan/implicit_fences.h"
#include "vulkan/job_memory.h"
#include "vulkan/picture.h"
#include "vulkan/stage_timing.h"

namespace daedalus::vulkan {

struct RecordedCounts {
  uint64_t dispatches = 0, barriers = 0;
};

// Into a command buffer that has begun (begin_commands): begin(), the stages, end().
class Recorder {
 public:
  // All pipelines have this layout and see this set.
  Recorder(VkCommandBuffer commands, VkPipelineLayout layout, VkDescriptorSet set,
           const TimedJob& timed);

  // Before begin(): a picture that the job writes, or reads. Where others have it, too, begin()
  // acquires it, end() releases what is written, and the submit deals with its fences.
  void writes(VulkanPicture& picture);
  void reads(VulkanPicture& picture);
  // Of a reference decoders read the coded_buffer(). No fences: only its decoder writes it, and the
  // lanes have their own order.
  void reads_reference(const VulkanPicture& picture);

  // Before begin(): sets the first bytes of the lane's scratch memory to 0, a multiple of 4.
  void clear(VkBuffer scratch, VkDeviceSize bytes);

  // Behind whatever earlier jobs and copies wrote, the lane's scratch memory included. Time counts
  // from here on.
  void begin();

  void bind(VkPipeline pipeline) {
    vkCmdBindPipeline(commands_, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
  }

  template <typename Constants>
  void push(const Constants& constants) {
    vkCmdPushConstants(commands_, layout_, VK_SHADER_STAGE_COMPUTE_BIT, 0, sizeof constants,
                       &constants);
  }

  void dispatch(uint32_t x, uint32_t y = 1) {
    vkCmdDispatch(commands_, x, y, 1);
    ++counts_.dispatches;
  }

  // Between dispatches: the later ones read and write over what the earlier ones wrote.
  void barrier();

  // A stage is done, see StageColumns.
  template <typename Stage>
  void mark(Stage stage) {
    timed_.mark(commands_, static_cast<uint32_t>(stage), VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT);
  }

  // Brings what the dispatches wrote to a client's memory, as the last stage.
  template <typename Stage>
  void copy(const VulkanPicture::PlaneCopies& copies, Stage stage) {
    copy_planes(copies);
    timed_.mark(commands_, static_cast<uint32_t>(stage), VK_PIPELINE_STAGE_TRANSFER_BIT);
  }

  // `target_is_mapped`: the CPU may read the result where it is.
  void end(bool target_is_mapped);

  VkCommandBuffer commands() const { return commands_; }
  const TimedJob& timed() const { return timed_; }
  const RecordedCounts& counts() const { return counts_; }
  std::span<const SharedUse> shared_uses() const { return std::span(uses_).first(use_count_); }

 private:
  void barrier(VkPipelineStageFlags from, VkAccessFlags written, VkPipelineStageFlags to,
               VkAccessFlags used, std::span<const VkBufferMemoryBarrier> buffers = {});
  void acquire(const VulkanPicture& picture, VkBuffer buffer);
  void copy_planes(const VulkanPicture::PlaneCopies& copies);

  const VkCommandBuffer commands_;
  const VkPipelineLayout layout_;
  const TimedJob timed_;
  RecordedCounts counts_;

  // Of shared pictures only: at most 16 references of H.264, and what AV1's film grain writes.
  static constexpr uint32_t max_uses = 4, max_acquired = 20;
  std::array<SharedUse, max_uses> uses_;
  std::array<VkBufferMemoryBarrier, max_acquired> acquired_;
  std::array<VkBufferMemoryBarrier, max_uses> released_;
  uint32_t use_count_ = 0, acquired_count_ = 0, released_count_ = 0;
};

}  // namespace daedalus::vulkan
