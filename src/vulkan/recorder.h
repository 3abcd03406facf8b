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

// Records into a command buffer that has begun (begin_commands): begin(), the stages, end().
class Recorder {
 public:
  // All pipelines use this layout and this set.
  Recorder(VkCommandBuffer commands, VkPipelineLayout layout, VkDescriptorSet set,
           const TimedJob& timed);

  // Before begin(): a picture that the job reads or writes. If it is shared, begin() acquires it,
  // end() releases it if it was written, and the submit handles its fences.
  void writes(VulkanPicture& picture);
  void reads(VulkanPicture& picture);
  // Decoders read a reference's coded_buffer(). It needs no fences: only its own decoder writes it,
  // and queues keep their order.
  void reads_reference(const VulkanPicture& picture);

  // Before begin(): clears the first bytes, a multiple of 4, of the queue's scratch memory.
  void clear(VkBuffer scratch, VkDeviceSize bytes);

  // Waits for what earlier jobs and copies wrote, the queue's scratch memory included. Time is
  // counted from here on.
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

  // Between dispatches: later ones read and overwrite what earlier ones wrote.
  void barrier();

  // The end of a stage, see StageColumns.
  template <typename Stage>
  void mark(Stage stage) {
    timed_.mark(commands_, static_cast<uint32_t>(stage), VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT);
  }

  // Copies the result to a client's memory, as the last stage.
  template <typename Stage>
  void copy(const VulkanPicture::PlaneCopies& copies, Stage stage) {
    copy_planes(copies);
    timed_.mark(commands_, static_cast<uint32_t>(stage), VK_PIPELINE_STAGE_TRANSFER_BIT);
  }

  // `target_is_mapped`: the CPU may read the result in place.
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

  // Shared pictures only. Video processing reads three and writes one; H.264 acquires at most 16
  // references and its target.
  static constexpr uint32_t max_uses = max_binary_waits, max_acquired = 20;
  std::array<SharedUse, max_uses> uses_;
  std::array<VkBufferMemoryBarrier, max_acquired> acquired_;
  std::array<VkBufferMemoryBarrier, max_uses> released_;
  uint32_t use_count_ = 0, acquired_count_ = 0, released_count_ = 0;
};

}  // namespace daedalus::vulkan
