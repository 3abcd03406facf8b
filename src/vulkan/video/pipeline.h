// The compute pipeline of video processing, made once for a device.
#pragma once

#include <vulkan/vulkan.h>

#include <cstdint>
#include <memory>

#include "video/plan.h"
#include "vulkan/compute_pipeline.h"
#include "vulkan/gpu.h"

namespace daedalus::vulkan {

inline constexpr uint32_t video_push_constant_bytes = sizeof(video::Constants);
inline constexpr uint32_t video_binding_count = 3;  // source, tables, target

PipelineDescription video_pipeline_description();

class VideoPipeline {
 public:
  static Result<std::unique_ptr<VideoPipeline>> create(const Gpu& gpu, VkPipelineCache cache);

  VkDescriptorSetLayout set_layout() const { return set_layout_.get(); }
  VkPipelineLayout layout() const { return layout_.get(); }
  VkPipeline pipeline() const { return pipeline_.get(); }

 private:
  UniqueDescriptorSetLayout set_layout_;
  UniquePipelineLayout layout_;
  UniquePipeline pipeline_;
};

}  // namespace daedalus::vulkan
