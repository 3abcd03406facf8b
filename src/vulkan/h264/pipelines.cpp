// SPDX-License-Identifier: MIT
#include "vulkan/h264/pipelines.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "daedalus/h264/job.h"
#include "h264_deblock_horizontal.spv.h"
#include "h264_deblock_horizontal_field.spv.h"
#include "h264_deblock_horizontal_mbaff.spv.h"
#include "h264_deblock_strip.spv.h"
#include "h264_deblock_strip_mbaff.spv.h"
#include "h264_deblock_vertical.spv.h"
#include "h264_deblock_vertical_mbaff.spv.h"
#include "h264_inter.spv.h"
#include "h264_inter_field.spv.h"
#include "h264_inter_mbaff.spv.h"
#include "h264_intra_levels.spv.h"
#include "h264_intra_levels_field.spv.h"
#include "h264_intra_levels_mbaff.spv.h"
#include "h264_intra_tickets.spv.h"
#include "h264_intra_tickets_field.spv.h"
#include "h264_intra_tickets_mbaff.spv.h"
#include "h264_residual.spv.h"
#include "h264_residual_field.spv.h"
#include "h264_residual_mbaff.spv.h"
#include "vulkan/dispatch_strategy.h"

namespace daedalus::vulkan {
namespace {

// The specialisation constants of all shaders, by number. If subgroups run in lockstep, the least
// total work is fastest; otherwise the most parallelism is.
struct Constants {
  uint32_t lockstep;              // 0: shaders/h264/lockstep.glsl
  uint32_t strip_workgroup_size;  // 1: shaders/h264/deblock_strip.comp
  uint32_t stacked_mbs;           // 2: shaders/h264/deblock_horizontal.comp
};
constexpr Constants constants[] = {{0, 256, 1}, {1, 16, 8}};
constexpr VkSpecializationMapEntry constant_entries[] = {
    {0, offsetof(Constants, lockstep), sizeof(uint32_t)},
    {1, offsetof(Constants, strip_workgroup_size), sizeof(uint32_t)},
    {2, offsetof(Constants, stacked_mbs), sizeof(uint32_t)},
};
constexpr VkSpecializationInfo constant_infos[] = {
    {std::size(constant_entries), constant_entries, sizeof(Constants), &constants[0]},
    {std::size(constant_entries), constant_entries, sizeof(Constants), &constants[1]},
};

IntraLevelLimits level_limits(VkDriverId driver) {
  constexpr uint32_t unlimited = h264::max_width_in_mbs * h264::max_height_in_mbs;
  // Two workgroups fill all of V3D, and each dispatch costs as much as a level there.
  if (driver == VK_DRIVER_ID_MESA_V3DV) return {unlimited, unlimited};
  // A turn takes about 200 of llvmpipe's loop iterations.
  if (driver == VK_DRIVER_ID_MESA_LLVMPIPE) return {16, 256};
  return {16, unlimited};
}

}  // namespace

// For field pictures only the shaders that know the positions of a picture's rows differ from those
// of frames.
std::array<PipelineDescription, h264_pipeline_count> h264_pipeline_descriptions(
    DispatchStrategy strategy, bool lockstep, H264PictureKind kind) {
  const VkSpecializationInfo* info = &constant_infos[lockstep];
  // Ticket shaders use more invocations for a macroblock than a subgroup may have.
  const VkSpecializationInfo* tickets_info = &constant_infos[false];
  const bool tickets = strategy == DispatchStrategy::tickets;
#define DESCRIPTION(shader, specialization)  \
  PipelineDescription {                      \
#shader, shader_##shader, specialization \
  }
  switch (kind) {
    case H264PictureKind::field:
      return {{
          DESCRIPTION(h264_inter_field, info),
          DESCRIPTION(h264_residual_field, info),
          tickets ? DESCRIPTION(h264_intra_tickets_field, tickets_info)
                  : DESCRIPTION(h264_intra_levels_field, info),
          DESCRIPTION(h264_deblock_strip, info),
          DESCRIPTION(h264_deblock_vertical, info),
          DESCRIPTION(h264_deblock_horizontal_field, info),
      }};
    case H264PictureKind::mbaff:
      return {{
          DESCRIPTION(h264_inter_mbaff, info),
          DESCRIPTION(h264_residual_mbaff, info),
          tickets ? DESCRIPTION(h264_intra_tickets_mbaff, tickets_info)
                  : DESCRIPTION(h264_intra_levels_mbaff, info),
          DESCRIPTION(h264_deblock_strip_mbaff, nullptr),
          DESCRIPTION(h264_deblock_vertical_mbaff, nullptr),
          DESCRIPTION(h264_deblock_horizontal_mbaff, nullptr),
      }};
    case H264PictureKind::frame:
      break;
  }
  return {{
      DESCRIPTION(h264_inter, info),
      DESCRIPTION(h264_residual, info),
      tickets ? DESCRIPTION(h264_intra_tickets, tickets_info)
              : DESCRIPTION(h264_intra_levels, info),
      DESCRIPTION(h264_deblock_strip, info),
      DESCRIPTION(h264_deblock_vertical, info),
      DESCRIPTION(h264_deblock_horizontal, info),
  }};
#undef DESCRIPTION
}

Result<std::unique_ptr<H264Pipelines>> H264Pipelines::create(const Gpu& gpu, VkPipelineCache cache,
                                                             DispatchStrategy strategy) {
  std::unique_ptr<H264Pipelines> pipelines(new H264Pipelines);
  auto made = pipelines->make(gpu, cache, strategy, H264PictureKind::frame);
  if (!made) return tl::unexpected(made.error());
  return pipelines;
}

template <H264PictureKind which>
Result<std::unique_ptr<H264PipelinesOf<which>>> H264PipelinesOf<which>::create(
    const Gpu& gpu, VkPipelineCache cache, DispatchStrategy strategy) {
  auto pipelines = std::make_unique<H264PipelinesOf>();
  auto made = pipelines->make(gpu, cache, strategy, which);
  if (!made) return tl::unexpected(made.error());
  return pipelines;
}

template class H264PipelinesOf<H264PictureKind::field>;
template class H264PipelinesOf<H264PictureKind::mbaff>;

Result<void> H264Pipelines::make(const Gpu& gpu, VkPipelineCache cache, DispatchStrategy strategy,
                                 H264PictureKind kind) {
  kind_ = kind;
  strategy_ = resolve_strategy(strategy, gpu.physical().driver);
  intra_level_limits_ = level_limits(gpu.physical().driver);
  auto set_layout = create_set_layout(gpu.device(), h264_binding_count);
  if (!set_layout) return tl::unexpected(set_layout.error());
  set_layout_ = std::move(*set_layout);
  auto layout = create_pipeline_layout(gpu.device(), this->set_layout(), h264_push_constant_bytes);
  if (!layout) return tl::unexpected(layout.error());
  layout_ = std::move(*layout);
  return create_pipelines(gpu, cache, kind);
}

Result<void> H264Pipelines::create_pipelines(const Gpu& gpu, VkPipelineCache cache,
                                             H264PictureKind kind) {
  const VkDevice device = gpu.device();
  const bool lockstep =
      gpu.physical().subgroup_size >= 8 && runs_in_lockstep(gpu.physical().driver);
  const auto descriptions = h264_pipeline_descriptions(strategy_, lockstep, kind);
  stacked_mbs_ = constants[lockstep].stacked_mbs;
  for (std::size_t i = 0; i < h264_pipeline_count; ++i) {
    auto pipeline = create_compute_pipeline(device, cache, layout(), descriptions[i]);
    if (!pipeline) return tl::unexpected(pipeline.error());
    pipelines_[i] = std::move(*pipeline);
  }
  return {};
}

}  // namespace daedalus::vulkan
