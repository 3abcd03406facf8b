// The compute pipelines of a device, made once when it is opened, and the one layout they share.
#pragma once

#include <vulkan/vulkan.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "daedalus/settings.h"
#include "vulkan/gpu.h"
#include "vulkan/handle.h"

namespace daedalus::vulkan {

enum class H264Pipeline : uint32_t {
  inter,
  residual,
  intra_tickets,
  intra_levels,
  deblock_strip,
  deblock_vertical,
  deblock_horizontal,
};
inline constexpr std::size_t h264_pipeline_count = 7;

struct PipelineDescription {
  const char* name;
  std::span<const uint32_t> code;  // SPIR-V
  const VkSpecializationInfo* specialization_info;

  const VkSpecializationInfo* specialization() const { return specialization_info; }
};

// In the order of H264Pipeline.
std::span<const PipelineDescription, h264_pipeline_count> h264_pipeline_descriptions();

// Bindings of shaders/h264/job.glsl.
inline constexpr uint32_t h264_binding_count = 8;

// The levels of a dispatch of intra.comp; with tickets all of them.
struct IntraLevels {
  uint32_t first_level, level_count;
};

Result<UniqueDescriptorSetLayout> create_h264_set_layout(VkDevice device);
Result<UniquePipelineLayout> create_h264_pipeline_layout(VkDevice device);

class H264Pipelines {
 public:
  static Result<std::unique_ptr<H264Pipelines>> create(const Gpu& gpu, DispatchStrategy strategy);

  VkDescriptorSetLayout set_layout() const { return set_layout_.get(); }
  VkPipelineLayout layout() const { return layout_.get(); }
  VkPipeline operator[](H264Pipeline which) const {
    return pipelines_[static_cast<std::size_t>(which)].get();
  }

  // Never automatic.
  DispatchStrategy strategy() const { return strategy_; }

 private:
  H264Pipelines() = default;
  Result<void> create_pipelines(VkDevice device);

  UniqueDescriptorSetLayout set_layout_;
  UniquePipelineLayout layout_;
  std::array<UniquePipeline, h264_pipeline_count> pipelines_;
  DispatchStrategy strategy_ = DispatchStrategy::levels;
};

}  // namespace daedalus::vulkan
