// SPDX-License-Identifier: MIT
// The compute pipelines of AV1, created once for a device and bit depth, and their common layout.
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

enum class Av1Pipeline : uint32_t {
  predict,
  predict_special,
  predict_scaled,
  predict_blend,
  residual,
  residual_large,
  intra,
  edges,
  deblock_vertical,
  deblock_horizontal,
  cdef,
  superres,
  restoration,
  self_guided,
  film_grain,
};
inline constexpr std::size_t av1_pipeline_count = 15;

// In the order of Av1Pipeline. The strategy must not be automatic.
std::array<PipelineDescription, av1_pipeline_count> av1_pipeline_descriptions(
    DispatchStrategy strategy, VkDriverId driver, uint32_t bit_depth);

// Bindings of shaders/av1/job.glsl.
inline constexpr uint32_t av1_binding_count = 8;

// The levels of a dispatch of intra_levels.comp; for intra_tickets.comp their number.
struct Av1Levels {
  uint32_t first, count;
};

// The PredictionKind whose records predict_blend.comp blends.
struct Av1Blend {
  uint32_t kind, unused;
};
static_assert(sizeof(Av1Blend) == sizeof(Av1Levels));

// The first workgroup of edges.comp that marks intra records for tickets, and their number of
// levels.
struct Av1Marks {
  uint32_t first_group, level_count;
};
static_assert(sizeof(Av1Marks) == sizeof(Av1Levels));

// The limits of a dispatch of levels on a device.
struct Av1LevelLimits {
  uint32_t small_turns;  // levels of at most this many turns of a workgroup share a dispatch
  uint32_t turns;        // of a workgroup in a dispatch
};

class Av1Pipelines {
 public:
  VkDescriptorSetLayout set_layout() const { return set_layout_.get(); }
  VkPipelineLayout layout() const { return layout_.get(); }
  VkPipeline operator[](Av1Pipeline which) const {
    return pipelines_[static_cast<std::size_t>(which)].get();
  }

  // Never automatic.
  DispatchStrategy strategy() const { return strategy_; }
  const Av1LevelLimits& limits() const { return limits_; }

 protected:
  Av1Pipelines() = default;
  Result<void> create(const Gpu& gpu, VkPipelineCache cache, DispatchStrategy strategy,
                      uint32_t bit_depth);

 private:
  UniqueDescriptorSetLayout set_layout_;
  UniquePipelineLayout layout_;
  std::array<UniquePipeline, av1_pipeline_count> pipelines_;
  DispatchStrategy strategy_ = DispatchStrategy::levels;
  Av1LevelLimits limits_ = {};
};

// One bit depth's pipelines, as PipelineStore keeps them.
template <uint32_t bit_depth>
class Av1PipelinesOf final : public Av1Pipelines {
 public:
  static Result<std::unique_ptr<Av1PipelinesOf>> create(const Gpu& gpu, VkPipelineCache cache,
                                                        DispatchStrategy strategy) {
    std::unique_ptr<Av1PipelinesOf> pipelines(new Av1PipelinesOf);
    auto created = pipelines->Av1Pipelines::create(gpu, cache, strategy, bit_depth);
    if (!created) return tl::unexpected(created.error());
    return pipelines;
  }
};

}  // namespace daedalus::vulkan
