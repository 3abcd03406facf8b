// A picture's dispatches and the barriers between them.
#pragma once

#include <vulkan/vulkan.h>

#include <cstdint>
#include <optional>
#include <span>

#include "vulkan/h264/pipelines.h"
#include "vulkan/h264/timing.h"
#include "vulkan/picture.h"

namespace daedalus::vulkan {

struct H264Commands {
  uint32_t width_in_mbs = 0, height_in_mbs = 0;
  uint32_t mb_count() const { return width_in_mbs * height_in_mbs; }
  // PictureJob::intra_levels: the first macroblock of each level, then the end. May be empty.
  std::span<const uint32_t> intra_levels;
  bool has_inter = false;  // at least one inter macroblock
  bool deblocks = false;
  std::optional<VulkanPicture::PlaneCopies> copies;  // of the decoded picture
  bool target_is_mapped = false;                     // the CPU may read the result where it is
  uint32_t max_workgroups_per_axis = 0;  // VkPhysicalDeviceLimits::maxComputeWorkGroupCount
  TimedPicture timed;
};

struct RecordedCounts {
  uint64_t dispatches = 0, barriers = 0;
};

// Into a command buffer that has begun.
RecordedCounts record_h264_picture(VkCommandBuffer commands, const H264Pipelines& pipelines,
                                   VkDescriptorSet set, const H264Commands& picture);

}  // namespace daedalus::vulkan
