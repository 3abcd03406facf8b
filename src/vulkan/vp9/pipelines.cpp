// SPDX-License-Identifier: MIT
#include "vulkan/vp9/pipelines.h"

#include "vp9_filter_horizontal.spv.h"
#include "vp9_filter_horizontal_10.spv.h"
#include "vp9_filter_strip.spv.h"
#include "vp9_filter_strip_10.spv.h"
#include "vp9_filter_strip_columns.spv.h"
#include "vp9_filter_strip_columns_10.spv.h"
#include "vp9_filter_strip_rows.spv.h"
#include "vp9_filter_strip_rows_10.spv.h"
#include "vp9_filter_vertical.spv.h"
#include "vp9_filter_vertical_10.spv.h"
#include "vp9_inter.spv.h"
#include "vp9_inter_10.spv.h"
#include "vp9_inter_scaled.spv.h"
#include "vp9_inter_scaled_10.spv.h"
#include "vp9_intra_levels.spv.h"
#include "vp9_intra_levels_10.spv.h"
#include "vp9_intra_tickets.spv.h"
#include "vp9_intra_tickets_10.spv.h"
#include "vp9_residual.spv.h"
#include "vp9_residual_10.spv.h"
#include "vp9_residual_32.spv.h"
#include "vp9_residual_32_10.spv.h"
#include "vulkan/dispatch_strategy.h"

namespace daedalus::vulkan {
namespace {

using Descriptions = std::array<PipelineDescription, vp9_pipeline_count>;

Descriptions without_unused(Descriptions descriptions, bool tickets) {
  if (!tickets) return descriptions;
  for (const auto unused : {Vp9Pipeline::filter_strip_rows, Vp9Pipeline::filter_strip_columns})
    descriptions[static_cast<std::size_t>(unused)].code = {};
  return descriptions;
}

}  // namespace

std::array<PipelineDescription, vp9_pipeline_count> vp9_pipeline_descriptions(
    DispatchStrategy strategy, uint32_t bit_depth) {
  const bool tickets = strategy == DispatchStrategy::tickets;
  if (bit_depth == 10) {
    const PipelineDescription intra =
        tickets ? PipelineDescription{"vp9_intra_tickets_10", shader_vp9_intra_tickets_10, nullptr}
                : PipelineDescription{"vp9_intra_levels_10", shader_vp9_intra_levels_10, nullptr};
    const Descriptions descriptions = {{
        {"vp9_inter_10", shader_vp9_inter_10, nullptr},
        {"vp9_inter_scaled_10", shader_vp9_inter_scaled_10, nullptr},
        {"vp9_residual_10", shader_vp9_residual_10, nullptr},
        {"vp9_residual_32_10", shader_vp9_residual_32_10, nullptr},
        intra,
        {"vp9_filter_strip_10", shader_vp9_filter_strip_10, nullptr},
        {"vp9_filter_vertical_10", shader_vp9_filter_vertical_10, nullptr},
        {"vp9_filter_horizontal_10", shader_vp9_filter_horizontal_10, nullptr},
        {"vp9_filter_strip_rows_10", shader_vp9_filter_strip_rows_10, nullptr},
        {"vp9_filter_strip_columns_10", shader_vp9_filter_strip_columns_10, nullptr},
    }};
    return without_unused(descriptions, tickets);
  }
  const PipelineDescription intra =
      tickets ? PipelineDescription{"vp9_intra_tickets", shader_vp9_intra_tickets, nullptr}
              : PipelineDescription{"vp9_intra_levels", shader_vp9_intra_levels, nullptr};
  const Descriptions descriptions = {{
      {"vp9_inter", shader_vp9_inter, nullptr},
      {"vp9_inter_scaled", shader_vp9_inter_scaled, nullptr},
      {"vp9_residual", shader_vp9_residual, nullptr},
      {"vp9_residual_32", shader_vp9_residual_32, nullptr},
      intra,
      {"vp9_filter_strip", shader_vp9_filter_strip, nullptr},
      {"vp9_filter_vertical", shader_vp9_filter_vertical, nullptr},
      {"vp9_filter_horizontal", shader_vp9_filter_horizontal, nullptr},
      {"vp9_filter_strip_rows", shader_vp9_filter_strip_rows, nullptr},
      {"vp9_filter_strip_columns", shader_vp9_filter_strip_columns, nullptr},
  }};
  return without_unused(descriptions, tickets);
}

Vp9Pipelines::Limits Vp9Pipelines::level_limits(VkDriverId driver) {
  constexpr uint32_t unlimited = 1u << 30;
  // An inter picture with tickets has ten dispatches. Other stages take five (six with scaled
  // references), and intra prediction one.
  constexpr uint32_t most = 3;
  // On V3D a dispatch costs as much as a level of intra prediction, but less than two consecutive
  // strips.
  if (driver == VK_DRIVER_ID_MESA_V3DV)
    return {{unlimited, max_intra_turns_on_v3d, most}, {2, unlimited, 0}};
  // llvmpipe ends all loops of an invocation after 65,535 iterations in total; a turn takes up to a
  // hundred of them.
  if (driver == VK_DRIVER_ID_MESA_LLVMPIPE) return {{1, 256, most}, {1, 256, most}};
  return {{1, unlimited, most}, {1, unlimited, most}};
}

Result<void> Vp9Pipelines::create(const Gpu& gpu, VkPipelineCache cache, DispatchStrategy strategy,
                                  uint32_t bit_depth) {
  strategy_ = resolve_strategy(strategy, gpu.physical().driver);
  limits_ = level_limits(gpu.physical().driver);
  auto set_layout = create_set_layout(gpu.device(), vp9_binding_count);
  if (!set_layout) return tl::unexpected(set_layout.error());
  set_layout_ = std::move(*set_layout);
  auto layout = create_pipeline_layout(gpu.device(), set_layout_.get(), sizeof(Vp9Levels));
  if (!layout) return tl::unexpected(layout.error());
  layout_ = std::move(*layout);
  const auto descriptions = vp9_pipeline_descriptions(strategy_, bit_depth);
  for (std::size_t i = 0; i < vp9_pipeline_count; ++i) {
    if (descriptions[i].code.empty()) continue;
    auto pipeline = create_compute_pipeline(gpu.device(), cache, layout_.get(), descriptions[i]);
    if (!pipeline) return tl::unexpected(pipeline.error());
    pipelines_[i] = std::move(*pipeline);
  }
  return {};
}

}  // namespace daedalus::vulkan
