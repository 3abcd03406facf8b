// SPDX-License-Identifier: MIT
// The compute pipelines of H.264, created once for a device, and their common layout.
#pragma once

#include <vulkan/vulkan.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

#include "daedalus/settings.h"
#include "vulkan/compute_pipeline.h"
#include "vulkan/gpu.h"
#include "vulkan/handle.h"

namespace daedalus::vulkan {

enum class H264Pipeline : uint32_t {
  inter,
  residual,
  intra,
  deblock_strip,
  deblock_vertical,
  deblock_horizontal,
};
inline constexpr std::size_t h264_pipeline_count = 6;

enum class H264PictureKind { frame, field, mbaff };

// In the order of H264Pipeline. The strategy must not be automatic; for `lockstep` see
// shaders/h264/lockstep.glsl.
std::array<PipelineDescription, h264_pipeline_count> h264_pipeline_descriptions(
    DispatchStrategy strategy, bool lockstep, H264PictureKind kind);

// Bindings of shaders/h264/job.glsl.
inline constexpr uint32_t h264_binding_count = 8;

// The levels of a dispatch of intra_levels.comp; all levels for intra_tickets.comp.
struct IntraLevels {
  uint32_t first_level, level_count;
};

// The limits of a dispatch of levels on a device. A turn is up to 24 macroblocks of a level.
struct IntraLevelLimits {
  uint32_t small_level;  // levels of at most this many macroblocks share a dispatch
  uint32_t turns;        // of a workgroup in a dispatch
};

inline constexpr uint32_t h264_push_constant_bytes = sizeof(IntraLevels);

class H264Pipelines {
 public:
  static Result<std::unique_ptr<H264Pipelines>> create(const Gpu& gpu, VkPipelineCache cache,
                                                       DispatchStrategy strategy);

  VkDescriptorSetLayout set_layout() const { return set_layout_.get(); }
  VkPipelineLayout layout() const { return layout_.get(); }
  VkPipeline operator[](H264Pipeline which) const {
    return pipelines_[static_cast<std::size_t>(which)].get();
  }

  H264PictureKind kind() const { return kind_; }
  // Never automatic.
  DispatchStrategy strategy() const { return strategy_; }
  const IntraLevelLimits& intra_level_limits() const { return intra_level_limits_; }
  // The number of macroblocks in a stack of deblock_horizontal.comp (its STACKED_MBS).
  uint32_t stacked_mbs() const { return stacked_mbs_; }

 protected:
  H264Pipelines() = default;
  Result<void> make(const Gpu& gpu, VkPipelineCache cache, DispatchStrategy strategy,
                    H264PictureKind kind);

 private:
  Result<void> create_pipelines(const Gpu& gpu, VkPipelineCache cache, H264PictureKind kind);

  UniqueDescriptorSetLayout set_layout_;
  UniquePipelineLayout layout_;
  std::array<UniquePipeline, h264_pipeline_count> pipelines_;
  H264PictureKind kind_ = H264PictureKind::frame;
  uint32_t stacked_mbs_ = 1;
  DispatchStrategy strategy_ = DispatchStrategy::levels;
  IntraLevelLimits intra_level_limits_ = {};
};

// The pipelines of another kind. Their layouts are compatible with H264Pipelines', so that
// descriptor sets work for all.
template <H264PictureKind which>
class H264PipelinesOf final : public H264Pipelines {
 public:
  static Result<std::unique_ptr<H264PipelinesOf>> create(const Gpu& gpu, VkPipelineCache cache,
                                                         DispatchStrategy strategy);
};

}  // namespace daedalus::vulkan
