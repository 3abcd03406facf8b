// SPDX-License-Identifier: MIT
// The compute pipelines of video processing: one for each pair of source and target layouts, and
// two for deinterlacing, NV12 and P010.
#pragma once

#include <vulkan/vulkan.h>

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>

#include "video/deinterlace.h"
#include "video/plan.h"
#include "vulkan/compute_pipeline.h"
#include "vulkan/gpu.h"

namespace daedalus::vulkan {

inline constexpr uint32_t video_push_constant_bytes = sizeof(video::Constants);
static_assert(sizeof(video::DeinterlacingConstants) <= video_push_constant_bytes);

// One set for both shaders. Processing binds only the first three.
enum class VideoBinding : uint32_t { source, tables, target, frame, previous, next, deinterlaced };
inline constexpr uint32_t video_binding_count = 7;

inline constexpr std::size_t video_process_count = 15;
inline constexpr std::size_t video_pipeline_count = video_process_count + 2;
std::array<PipelineDescription, video_pipeline_count> video_pipeline_descriptions();

class VideoPipelines {
 public:
  // Compiles the one from NV12 to NV12 and RGB. The cache must outlive it.
  static Result<std::unique_ptr<VideoPipelines>> create(const Gpu& gpu, VkPipelineCache cache);

  VkDescriptorSetLayout set_layout() const { return set_layout_.get(); }
  VkPipelineLayout layout() const { return layout_.get(); }

  // The others are compiled on first use. Any thread may call.
  Result<VkPipeline> get(video::Kind kind) const;
  Result<VkPipeline> deinterlacing(PictureFormat format) const;

 private:
  VideoPipelines(VkDevice device, VkPipelineCache cache) : device_(device), cache_(cache) {}
  Result<VkPipeline> get(std::size_t index) const;

  const VkDevice device_;
  const VkPipelineCache cache_;
  UniqueDescriptorSetLayout set_layout_;
  UniquePipelineLayout layout_;
  mutable std::mutex mutex_;
  mutable std::array<UniquePipeline, video_pipeline_count> pipelines_;  // guarded by the mutex
};

}  // namespace daedalus::vulkan
