// SPDX-License-Identifier: MIT
#include "vulkan/h264/recorder.h"

#include <algorithm>

namespace daedalus::vulkan {
namespace {

// How many workgroups each shader divides among its parts; see its head comment.
struct WorkgroupCounts {
  WorkgroupCounts(const H264Commands& picture, const H264Pipelines& pipelines)
      : inter(divide_up(picture.mb_count(), 32) + divide_up(picture.mb_count(), 64) +
              divide_up(picture.mb_count(), 256)),
        residual(divide_up(picture.mb_count(), 2) + divide_up(picture.mb_count(), 8)),
        deblock_strip(divide_up(picture.width_in_mbs, 4) * divide_up(picture.height_in_mbs, 4)),
        deblock_vertical(divide_up(picture.mb_count(), 16) + divide_up(picture.mb_count(), 32)),
        deblock_horizontal(2 * divide_up(picture.width_in_mbs * divide_up(picture.height_in_mbs,
                                                                          pipelines.stacked_mbs()),
                                         64)) {
    if (pipelines.kind() != H264PictureKind::mbaff) return;
    const uint32_t pairs = picture.mb_count() / 2;
    deblock_strip = 2 * divide_up(pairs, 64);
    deblock_vertical = divide_up(pairs, 2) + divide_up(pairs, 4);
    deblock_horizontal = 2 * divide_up(pairs * 4, 64);
  }

  uint32_t inter, residual, deblock_strip, deblock_vertical, deblock_horizontal;
};
constexpr uint32_t intra_mbs_per_workgroup = 24;  // level strategy
// Five of the eight dispatches of a P or B picture belong to other stages.
constexpr uint32_t max_inter_picture_intra_dispatches = 3;

// Two workgroups for each intra macroblock; tickets assign the macroblocks.
void record_intra_tickets(Recorder& recorder, const H264Pipelines& pipelines,
                          const H264Commands& picture) {
  const uint32_t count = 2 * picture.intra_levels.back();
  const uint32_t x = std::min(count, picture.max_workgroups_per_axis);
  recorder.bind(pipelines[H264Pipeline::intra]);
  recorder.push(IntraLevels{0, static_cast<uint32_t>(picture.intra_levels.size() - 1)});
  recorder.dispatch(x, divide_up(count, x));
}

// The levels of a dispatch: [first, end).
struct LevelRun {
  uint32_t first, end;
};

// The number of units of work in a level.
uint32_t turns(uint32_t level_size) {
  return std::max(divide_up(level_size, intra_mbs_per_workgroup), 1u);
}

// The end of the dispatch that begins with level `first`: consecutive levels of up to `small`
// macroblocks share one; a larger level has its own.
LevelRun level_run(std::span<const uint32_t> levels, uint32_t first, uint32_t small,
                   uint32_t most_turns) {
  const auto count = static_cast<uint32_t>(levels.size() - 1);
  const auto size = [&](uint32_t level) { return levels[level + 1] - levels[level]; };
  uint32_t end = first, all_turns = 0;
  while (end < count && size(end) <= small && (all_turns += turns(size(end))) <= most_turns) ++end;
  return {first, std::max(end, first + 1)};
}

uint32_t count_runs(std::span<const uint32_t> levels, uint32_t small, uint32_t most_turns) {
  uint32_t runs = 0;
  for (uint32_t first = 0; first + 1 < levels.size(); ++runs) {
    first = level_run(levels, first, small, most_turns).end;
  }
  return runs;
}

// The size up to which levels share a dispatch. P and B pictures have few intra macroblocks: their
// levels must fit into what the picture's budget has left.
uint32_t small_level_size(const H264Commands& picture, uint32_t smallest, uint32_t most_turns) {
  uint32_t small = smallest;
  while (picture.has_inter && small < picture.mb_count() &&
         count_runs(picture.intra_levels, small, most_turns) > max_inter_picture_intra_dispatches) {
    small *= 2;
  }
  return small;
}

// One dispatch for each large level, and one for each run of small ones. Two workgroups, for luma
// and for chroma, share macroblocks.
void record_intra_levels(Recorder& recorder, const H264Pipelines& pipelines,
                         const H264Commands& picture) {
  const IntraLevelLimits& limits = pipelines.intra_level_limits();
  const auto& levels = picture.intra_levels;
  const uint32_t small = small_level_size(picture, limits.small_level, limits.turns);
  recorder.bind(pipelines[H264Pipeline::intra]);
  for (uint32_t first = 0; first + 1 < levels.size();) {
    const uint32_t end = level_run(levels, first, small, limits.turns).end;
    const bool alone = end == first + 1 && levels[end] - levels[first] > small;
    if (first != 0) recorder.barrier();
    recorder.push(IntraLevels{first, end - first});
    recorder.dispatch(2 * (alone ? turns(levels[end] - levels[first]) : 1));
    first = end;
  }
}

void record_deblocking(Recorder& recorder, const H264Pipelines& pipelines,
                       const WorkgroupCounts& workgroups) {
  recorder.bind(pipelines[H264Pipeline::deblock_strip]);
  recorder.dispatch(workgroups.deblock_strip);
  recorder.mark(H264TimedStage::deblock_strip);
  recorder.barrier();
  recorder.bind(pipelines[H264Pipeline::deblock_vertical]);
  recorder.dispatch(workgroups.deblock_vertical);
  recorder.mark(H264TimedStage::deblock_vertical);
  recorder.barrier();
  recorder.bind(pipelines[H264Pipeline::deblock_horizontal]);
  recorder.dispatch(workgroups.deblock_horizontal);
  recorder.mark(H264TimedStage::deblock_horizontal);
}

}  // namespace

void record_h264_picture(Recorder& recorder, const H264Pipelines& pipelines,
                         const H264Commands& picture) {
  const WorkgroupCounts workgroups(picture, pipelines);
  recorder.begin();
  // Also without inter macroblocks: it writes the boundary strengths and resets the tickets.
  recorder.bind(pipelines[H264Pipeline::inter]);
  recorder.dispatch(workgroups.inter);
  recorder.mark(H264TimedStage::inter);
  recorder.barrier();
  recorder.bind(pipelines[H264Pipeline::residual]);
  recorder.dispatch(workgroups.residual);
  recorder.mark(H264TimedStage::residual);

  if (!picture.intra_levels.empty() && picture.intra_levels.back() != 0) {
    recorder.barrier();
    if (pipelines.strategy() == DispatchStrategy::tickets) {
      record_intra_tickets(recorder, pipelines, picture);
    } else {
      record_intra_levels(recorder, pipelines, picture);
    }
    recorder.mark(H264TimedStage::intra);
  }
  if (picture.deblocks) {
    recorder.barrier();
    record_deblocking(recorder, pipelines, workgroups);
  }
  if (picture.copies) recorder.copy(*picture.copies, H264TimedStage::copy);
  recorder.end(picture.target_is_mapped);
}

}  // namespace daedalus::vulkan
