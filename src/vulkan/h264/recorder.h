// SPDX-License-Identifier: MIT
// The dispatches of an H.264 picture.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "daedalus/profile.h"
#include "vulkan/h264/pipelines.h"
#include "vulkan/picture.h"
#include "vulkan/recorder.h"

namespace daedalus::vulkan {

// The stages that profiles distinguish, in the order of h264_stage_columns.
enum class H264TimedStage : uint32_t {
  inter,
  residual,
  intra,
  deblock_strip,
  deblock_vertical,
  deblock_horizontal,
  copy,
};
inline constexpr std::array<uint64_t PictureProfile::*, 7> h264_stage_columns = {
    &PictureProfile::gpu_inter,
    &PictureProfile::gpu_residual,
    &PictureProfile::gpu_intra,
    &PictureProfile::gpu_deblock_strip,
    &PictureProfile::gpu_deblock_vertical,
    &PictureProfile::gpu_deblock_horizontal,
    &PictureProfile::gpu_copy,
};

struct H264Commands {
  uint32_t width_in_mbs = 0, height_in_mbs = 0;
  uint32_t mb_count() const { return width_in_mbs * height_in_mbs; }
  // PictureJob::intra_levels: the first macroblock of each level, then the end. May be empty.
  std::span<const uint32_t> intra_levels;
  bool has_inter = false;  // at least one inter macroblock
  bool deblocks = false;
  std::optional<VulkanPicture::PlaneCopies> copies;  // of the decoded picture
  bool target_is_mapped = false;                     // the CPU reads the result in place
  uint32_t max_workgroups_per_axis = 0;  // VkPhysicalDeviceLimits::maxComputeWorkGroupCount
};

void record_h264_picture(Recorder& recorder, const H264Pipelines& pipelines,
                         const H264Commands& picture);

}  // namespace daedalus::vulkan
