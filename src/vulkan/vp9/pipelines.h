// SPDX-License-Identifier: MIT
// The compute pipelines of VP9, created once for a device and bit depth, and their common layout.
#pragma once

#include <vulkan/vulkan.h>

#include <array>
#include <cstdint>
#include <memory>

#include "daedalus/settings.h"
#include "vulkan/compute_pipeline.h"
#include "vulkan/gpu.h"
#include "vulkan/handle.h"

namespace daedalus::vulkan {

enum class Vp9Pipeline : uint32_t {
  inter,
  inter_scaled,
  residual,
  residual_32,
  intra,
  filter_strip,
  filter_vertical,
  filter_horizontal,
  filter_strip_rows,     // with levels only
  filter_strip_columns,  // with levels only
};
inline constexpr std::size_t vp9_pipeline_count = 10;

// In the order of Vp9Pipeline. Pipelines that the strategy does not use have no code. The strategy
// must not be automatic.
std::array<PipelineDescription, vp9_pipeline_count> vp9_pipeline_descriptions(
    DispatchStrategy strategy, uint32_t bit_depth);

// Bindings of shaders/vp9/job.glsl.
inline constexpr uint32_t vp9_binding_count = 8;

// The levels of a dispatch of intra_levels.comp or filter_strip.comp. For intra_tickets.comp the
// numbers of luma's and chroma's levels. For filter_strip_rows.comp and filter_strip_columns.comp
// whether it is the second of two passes.
struct Vp9Levels {
  uint32_t first, second;
};

// The limits of a dispatch of levels on a device.
struct Vp9LevelLimits {
  uint32_t small_turns;  // levels of at most this many turns of a workgroup share a dispatch
  uint32_t turns;        // of a workgroup in a dispatch
  // Larger levels also share dispatches, as far as `turns` allows, if there would be more
  // dispatches than this; 0: never.
  uint32_t dispatches;
};

class Vp9Pipelines {
 public:
  VkDescriptorSetLayout set_layout() const { return set_layout_.get(); }
  VkPipelineLayout layout() const { return layout_.get(); }
  VkPipeline operator[](Vp9Pipeline which) const {
    return pipelines_[static_cast<std::size_t>(which)].get();
  }

  // Never automatic.
  DispatchStrategy strategy() const { return strategy_; }
  const Vp9LevelLimits& intra_limits() const { return limits_.intra; }
  const Vp9LevelLimits& strip_limits() const { return limits_.strips; }

 protected:
  Vp9Pipelines() = default;
  Result<void> create(const Gpu& gpu, VkPipelineCache cache, DispatchStrategy strategy,
                      uint32_t bit_depth);

 private:
  UniqueDescriptorSetLayout set_layout_;
  UniquePipelineLayout layout_;
  std::array<UniquePipeline, vp9_pipeline_count> pipelines_;
  DispatchStrategy strategy_ = DispatchStrategy::levels;
  struct Limits {
    Vp9LevelLimits intra, strips;
  } limits_ = {};
  static Limits level_limits(VkDriverId driver);
};

// One bit depth's pipelines, as PipelineStore keeps them.
template <uint32_t bit_depth>
class Vp9PipelinesOf final : public Vp9Pipelines {
 public:
  static Result<std::unique_ptr<Vp9PipelinesOf>> create(const Gpu& gpu, VkPipelineCache cache,
                                                        DispatchStrategy strategy) {
    std::unique_ptr<Vp9PipelinesOf> pipelines(new Vp9PipelinesOf);
    auto created = pipelines->Vp9Pipelines::create(gpu, cache, strategy, bit_depth);
    if (!created) return tl::unexpected(created.error());
    return pipelines;
  }
};

}  // namespace daedalus::vulkan
