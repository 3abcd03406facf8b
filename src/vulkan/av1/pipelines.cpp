// SPDX-License-Identifier: MIT
#include "vulkan/av1/pipelines.h"

#include "av1_cdef.spv.h"
#include "av1_cdef_10.spv.h"
#include "av1_deblock_horizontal.spv.h"
#include "av1_deblock_horizontal_10.spv.h"
#include "av1_deblock_vertical.spv.h"
#include "av1_deblock_vertical_10.spv.h"
#include "av1_edges.spv.h"
#include "av1_edges_10.spv.h"
#include "av1_film_grain.spv.h"
#include "av1_film_grain_10.spv.h"
#include "av1_intra_levels.spv.h"
#include "av1_intra_levels_10.spv.h"
#include "av1_intra_tickets.spv.h"
#include "av1_intra_tickets_10.spv.h"
#include "av1_predict.spv.h"
#include "av1_predict_10.spv.h"
#include "av1_predict_blend.spv.h"
#include "av1_predict_blend_10.spv.h"
#include "av1_predict_scaled.spv.h"
#include "av1_predict_scaled_10.spv.h"
#include "av1_predict_special.spv.h"
#include "av1_predict_special_10.spv.h"
#include "av1_residual.spv.h"
#include "av1_residual_10.spv.h"
#include "av1_residual_large.spv.h"
#include "av1_residual_large_10.spv.h"
#include "av1_restoration.spv.h"
#include "av1_restoration_10.spv.h"
#include "av1_self_guided.spv.h"
#include "av1_self_guided_10.spv.h"
#include "av1_superres.spv.h"
#include "av1_superres_10.spv.h"
#include "vulkan/dispatch_strategy.h"

namespace daedalus::vulkan {
namespace {

Av1LevelLimits level_limits(VkDriverId driver) {
  constexpr uint32_t unlimited = 1u << 30;
  // On V3D two workgroups fill most of the GPU, and a dispatch costs as much as a level.
  if (driver == VK_DRIVER_ID_MESA_V3DV) return {unlimited, max_intra_turns_on_v3d};
  // llvmpipe ends all loops of an invocation after 65,535 iterations in total; a turn takes up to a
  // few hundred of them.
  if (driver == VK_DRIVER_ID_MESA_LLVMPIPE) return {1, 64};
  return {1, unlimited};
}

// IN_STEP of shaders/av1/intra_teams.glsl, UNPACKS_HALVES of wiener.glsl.
constexpr uint32_t flags[] = {0, 1};
constexpr VkSpecializationMapEntry flag_entry = {0, 0, sizeof(uint32_t)};
constexpr VkSpecializationInfo flag_infos[] = {
    {1, &flag_entry, sizeof(uint32_t), &flags[0]},
    {1, &flag_entry, sizeof(uint32_t), &flags[1]},
};

}  // namespace

std::array<PipelineDescription, av1_pipeline_count> av1_pipeline_descriptions(
    DispatchStrategy strategy, VkDriverId driver, uint32_t bit_depth) {
  const VkSpecializationInfo* in_step = &flag_infos[runs_in_lockstep(driver)];
  const VkSpecializationInfo* unpacks_halves = &flag_infos[driver == VK_DRIVER_ID_MESA_V3DV];
  const bool tickets = strategy == DispatchStrategy::tickets;
  if (bit_depth == 10) {
    const PipelineDescription intra =
        tickets ? PipelineDescription{"av1_intra_tickets_10", shader_av1_intra_tickets_10, nullptr}
                : PipelineDescription{"av1_intra_levels_10", shader_av1_intra_levels_10, in_step};
    return {{
        {"av1_predict_10", shader_av1_predict_10, nullptr},
        {"av1_predict_special_10", shader_av1_predict_special_10, nullptr},
        {"av1_predict_scaled_10", shader_av1_predict_scaled_10, nullptr},
        {"av1_predict_blend_10", shader_av1_predict_blend_10, nullptr},
        {"av1_residual_10", shader_av1_residual_10, nullptr},
        {"av1_residual_large_10", shader_av1_residual_large_10, nullptr},
        intra,
        {"av1_edges_10", shader_av1_edges_10, nullptr},
        {"av1_deblock_vertical_10", shader_av1_deblock_vertical_10, nullptr},
        {"av1_deblock_horizontal_10", shader_av1_deblock_horizontal_10, nullptr},
        {"av1_cdef_10", shader_av1_cdef_10, nullptr},
        {"av1_superres_10", shader_av1_superres_10, nullptr},
        {"av1_restoration_10", shader_av1_restoration_10, nullptr},
        {"av1_self_guided_10", shader_av1_self_guided_10, nullptr},
        {"av1_film_grain_10", shader_av1_film_grain_10, nullptr},
    }};
  }
  const PipelineDescription intra =
      tickets ? PipelineDescription{"av1_intra_tickets", shader_av1_intra_tickets, nullptr}
              : PipelineDescription{"av1_intra_levels", shader_av1_intra_levels, in_step};
  return {{
      {"av1_predict", shader_av1_predict, nullptr},
      {"av1_predict_special", shader_av1_predict_special, nullptr},
      {"av1_predict_scaled", shader_av1_predict_scaled, nullptr},
      {"av1_predict_blend", shader_av1_predict_blend, nullptr},
      {"av1_residual", shader_av1_residual, nullptr},
      {"av1_residual_large", shader_av1_residual_large, nullptr},
      intra,
      {"av1_edges", shader_av1_edges, nullptr},
      {"av1_deblock_vertical", shader_av1_deblock_vertical, nullptr},
      {"av1_deblock_horizontal", shader_av1_deblock_horizontal, nullptr},
      {"av1_cdef", shader_av1_cdef, nullptr},
      {"av1_superres", shader_av1_superres, nullptr},
      {"av1_restoration", shader_av1_restoration, unpacks_halves},
      {"av1_self_guided", shader_av1_self_guided, nullptr},
      {"av1_film_grain", shader_av1_film_grain, nullptr},
  }};
}

Result<void> Av1Pipelines::create(const Gpu& gpu, VkPipelineCache cache, DispatchStrategy strategy,
                                  uint32_t bit_depth) {
  strategy_ = resolve_strategy(strategy, gpu.physical().driver);
  limits_ = level_limits(gpu.physical().driver);
  auto set_layout = create_set_layout(gpu.device(), av1_binding_count);
  if (!set_layout) return tl::unexpected(set_layout.error());
  set_layout_ = std::move(*set_layout);
  auto layout = create_pipeline_layout(gpu.device(), set_layout_.get(), sizeof(Av1Levels));
  if (!layout) return tl::unexpected(layout.error());
  layout_ = std::move(*layout);
  const auto descriptions = av1_pipeline_descriptions(strategy_, gpu.physical().driver, bit_depth);
  for (std::size_t i = 0; i < av1_pipeline_count; ++i) {
    auto pipeline = create_compute_pipeline(gpu.device(), cache, layout_.get(), descriptions[i]);
    if (!pipeline) return tl::unexpected(pipeline.error());
    pipelines_[i] = std::move(*pipeline);
  }
  return {};
}

}  // namespace daedalus::vulkan
