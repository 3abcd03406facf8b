// SPDX-License-Identifier: MIT
// The dispatches of an AV1 picture.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "daedalus/av1/job.h"
#include "daedalus/profile.h"
#include "vulkan/av1/job_buffer.h"
#include "vulkan/av1/pipelines.h"
#include "vulkan/picture.h"
#include "vulkan/recorder.h"

namespace daedalus::vulkan {

// The stages that profiles distinguish, in the order of av1_stage_columns.
enum class Av1TimedStage : uint32_t {
  predict,  // including the edges
  residual,
  intra,
  deblock_vertical,
  deblock_horizontal,
  cdef,
  superres,
  restoration,
  film_grain,
  copy,
};
inline constexpr std::array<uint64_t PictureProfile::*, 10> av1_stage_columns = {
    &PictureProfile::gpu_inter,
    &PictureProfile::gpu_residual,
    &PictureProfile::gpu_intra,
    &PictureProfile::gpu_deblock_vertical,
    &PictureProfile::gpu_deblock_horizontal,
    &PictureProfile::gpu_cdef,
    &PictureProfile::gpu_superres,
    &PictureProfile::gpu_restoration,
    &PictureProfile::gpu_film_grain,
    &PictureProfile::gpu_copy,
};

struct Av1Commands {
  Av1Workgroups workgroups;
  VkBuffer scratch = VK_NULL_HANDLE;  // scratch_words of shaders/av1/job.glsl
  // For the decoded picture, and for the one with film grain.
  std::optional<VulkanPicture::PlaneCopies> copies, display_copies;
  bool target_is_mapped = false;         // the CPU may read a result in place
  uint32_t max_workgroups_per_axis = 0;  // VkPhysicalDeviceLimits::maxComputeWorkGroupCount
};

void record_av1_picture(Recorder& recorder, const Av1Pipelines& pipelines,
                        const av1::PictureJob& job, const Av1Commands& picture);

}  // namespace daedalus::vulkan
