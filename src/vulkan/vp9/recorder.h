// SPDX-License-Identifier: MIT
// The dispatches of a VP9 picture.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "daedalus/profile.h"
#include "daedalus/vp9/job.h"
#include "vulkan/picture.h"
#include "vulkan/recorder.h"
#include "vulkan/vp9/job_buffer.h"
#include "vulkan/vp9/pipelines.h"

namespace daedalus::vulkan {

// The stages that profiles distinguish, in the order of vp9_stage_columns.
enum class Vp9TimedStage : uint32_t {
  inter,
  residual,
  intra,
  filter_strip,
  filter_vertical,
  filter_horizontal,
  copy,
};
inline constexpr std::array<uint64_t PictureProfile::*, 7> vp9_stage_columns = {
    &PictureProfile::gpu_inter,
    &PictureProfile::gpu_residual,
    &PictureProfile::gpu_intra,
    &PictureProfile::gpu_deblock_strip,
    &PictureProfile::gpu_deblock_vertical,
    &PictureProfile::gpu_deblock_horizontal,
    &PictureProfile::gpu_copy,
};

struct Vp9Commands {
  Vp9Workgroups workgroups;
  std::optional<VulkanPicture::PlaneCopies> copies;  // of the decoded picture
  bool target_is_mapped = false;                     // the CPU reads the result in place
  uint32_t max_workgroups_per_axis = 0;  // VkPhysicalDeviceLimits::maxComputeWorkGroupCount
};

// False if the picture's prediction needs more workgroups than the device can dispatch. That takes
// an 8192x8192 10-bit picture with nearly all samples in blocks below 8x8.
bool is_recordable(const vp9::PictureJob& job, const Vp9Commands& picture);

// The picture must be recordable.
void record_vp9_picture(Recorder& recorder, const Vp9Pipelines& pipelines,
                        const vp9::PictureJob& job, const Vp9Commands& picture);

}  // namespace daedalus::vulkan
