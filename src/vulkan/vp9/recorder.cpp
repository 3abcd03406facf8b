// SPDX-License-Identifier: MIT
#include "vulkan/vp9/recorder.h"

#include <algorithm>
#include <span>

namespace daedalus::vulkan {

using namespace vp9;

namespace {

// A workgroup of intra_tickets.comp takes at most this many turns.
constexpr uint32_t turns_of_a_ticket_group = 16;

// The levels of a list. A workgroup takes elements of `lanes` invocations at a time; a level has
// `classes` classes, and an element of class c takes 2^log2_lanes[c] invocations.
struct ListLevels {
  std::span<const uint32_t> first;
  uint32_t classes = 1, lanes = 1;
  std::array<uint32_t, intra_class_count> log2_lanes = {};

  uint32_t count() const {
    return first.empty() ? 0 : static_cast<uint32_t>(first.size() - 1) / classes;
  }
  // The turns of a workgroup that runs the whole level.
  uint32_t turns(uint32_t level) const {
    if (level >= count()) return 0;
    uint32_t all = 0;
    for (uint32_t c = 0; c < classes; ++c) {
      const auto* own = &first[level * classes + c];
      all += (own[1] - own[0]) << log2_lanes[c];
    }
    return divide_up(all, lanes);
  }
};

// Levels of luma and chroma, which share dispatches.
struct Levels {
  ListLevels luma, chroma;

  uint32_t count() const { return std::max(luma.count(), chroma.count()); }
  uint32_t turns(uint32_t level) const { return std::max(luma.turns(level), chroma.turns(level)); }
};

// In the units of intra_levels.comp: one word to an invocation.
Levels intra_levels(const PictureJob& job) {
  const auto of_plane = [&](std::span<const uint32_t> first, uint32_t chroma) {
    const uint32_t smallest = 2 + chroma + (job.bit_depth == 8 ? 0 : 1);
    return ListLevels{first,
                      intra_class_count,
                      intra_level_lanes,
                      {smallest + 6, smallest + 4, smallest + 2, smallest}};
  };
  return {of_plane(job.luma_intra_levels, 0), of_plane(job.chroma_intra_levels, 1)};
}

Levels strip_levels(const PictureJob& job) {
  return {{.first = job.luma_strip_levels}, {.first = job.chroma_strip_levels}};
}

// The end of the dispatch that begins with level `first`: consecutive levels of up to `small` turns
// share one; a larger level has its own.
uint32_t end_of_run(const Levels& levels, uint32_t first, uint32_t small, uint32_t most_turns) {
  uint32_t end = first, turns = 0;
  while (end < levels.count() && levels.turns(end) <= small &&
         (turns += std::max(levels.turns(end), 1u)) <= most_turns) {
    ++end;
  }
  return std::max(end, first + 1);
}

uint32_t count_runs(const Levels& levels, uint32_t small, uint32_t most_turns) {
  uint32_t runs = 0;
  for (uint32_t first = 0; first < levels.count(); ++runs) {
    first = end_of_run(levels, first, small, most_turns);
  }
  return runs;
}

// The size up to which levels share a dispatch.
uint32_t small_turns(const Levels& levels, const Vp9LevelLimits& limits) {
  uint32_t small = limits.small_turns;
  while (limits.dispatches != 0 && small < limits.turns &&
         count_runs(levels, small, limits.turns) > limits.dispatches) {
    small *= 2;
  }
  return small;
}

// Records levels starting at `first`. For a large level each workgroup takes more than one turn if
// the device has too few workgroups.
void record_levels(Recorder& recorder, const Levels& levels, const Vp9LevelLimits& limits,
                   uint32_t most_groups, uint32_t first = 0) {
  const uint32_t small = small_turns(levels, limits);
  while (first < levels.count()) {
    const uint32_t end = end_of_run(levels, first, small, limits.turns);
    const bool alone = end == first + 1;
    if (first != 0) recorder.barrier();
    recorder.push(Vp9Levels{first, end - first});
    const uint32_t turns = alone ? std::max(levels.turns(first), 1u) : 1;
    recorder.dispatch(2 * std::min(turns, most_groups / 2));
    first = end;
  }
}

uint32_t all_turns(const ListLevels& levels) {
  uint32_t turns = 0;
  for (uint32_t level = 0; level < levels.count(); ++level) turns += levels.turns(level);
  return turns;
}

// In a row, even workgroups take luma, odd ones chroma: both have the same number.
void record_tickets(Recorder& recorder, const PictureJob& job, uint32_t most_groups) {
  const ListLevels luma{job.luma_intra_levels, intra_class_count, intra_ticket_teams};
  const ListLevels chroma{job.chroma_intra_levels, intra_class_count, intra_ticket_teams};
  const uint32_t turns = std::max(all_turns(luma), all_turns(chroma));
  recorder.push(Vp9Levels{luma.count(), chroma.count()});
  const uint32_t groups = divide_up(turns, turns_of_a_ticket_group);
  const uint32_t in_row = std::min(groups, most_groups / 2);
  recorder.dispatch(2 * in_row, divide_up(groups, in_row));
}

bool has_inter(const PictureJob& job) {
  return job.unscaled_small_blocks + job.scaled_small_blocks != 0 ||
         std::any_of(job.block_classes.begin(), job.block_classes.end(),
                     [](const BlockClass& c) { return c.unscaled + c.scaled != 0; });
}

// Not 0 even without inter blocks: the shader also writes the edges and resets the turns.
uint32_t inter_groups(const PictureJob& job, const Vp9Workgroups& groups) {
  return std::max(2 * groups.unscaled + (job.filters ? groups.edges : 0), 1u);
}

void record_prediction(Recorder& recorder, const Vp9Pipelines& pipelines, const PictureJob& job,
                       const Vp9Workgroups& groups) {
  recorder.bind(pipelines[Vp9Pipeline::inter]);
  recorder.dispatch(inter_groups(job, groups));
  if (groups.scaled != 0) {
    recorder.barrier();
    recorder.bind(pipelines[Vp9Pipeline::inter_scaled]);
    recorder.dispatch(2 * groups.scaled);
  }
  recorder.mark(Vp9TimedStage::inter);
}

void record_residuals(Recorder& recorder, const Vp9Pipelines& pipelines,
                      const Vp9Commands& picture) {
  const auto record = [&](Vp9Pipeline pipeline, uint32_t groups) {
    if (groups == 0) return;
    const uint32_t x = std::min(groups, picture.max_workgroups_per_axis);
    recorder.barrier();
    recorder.bind(pipelines[pipeline]);
    recorder.dispatch(x, divide_up(groups, x));
  };
  record(Vp9Pipeline::residual, picture.workgroups.transforms);
  record(Vp9Pipeline::residual_32, picture.workgroups.transforms_32);
  recorder.mark(Vp9TimedStage::residual);
}

void record_intra(Recorder& recorder, const Vp9Pipelines& pipelines, const PictureJob& job,
                  uint32_t most_groups) {
  const Levels levels = intra_levels(job);
  if (levels.count() == 0) return;
  recorder.barrier();
  recorder.bind(pipelines[Vp9Pipeline::intra]);
  if (pipelines.strategy() == DispatchStrategy::tickets) {
    record_tickets(recorder, job, most_groups);
  } else {
    auto limits = pipelines.intra_limits();
    if (!has_inter(job)) limits.dispatches = 0;
    record_levels(recorder, levels, limits, most_groups);
  }
  recorder.mark(Vp9TimedStage::intra);
}

// Four passes filter the strips that depend on no other strip, then strips of higher levels follow.
// For the workgroups see the shaders' head comments.
void record_strip_passes(Recorder& recorder, const Vp9Pipelines& pipelines, const PictureJob& job) {
  const uint32_t columns = in_superblocks(job.width) - 1, rows = in_superblocks(job.height);
  const uint32_t words = job.bit_depth == 8 ? 4 : 8;  // of a row of chroma's strip, luma's has half
  const auto record = [&](Vp9Pipeline pipeline, uint32_t later, uint32_t x, uint32_t y) {
    recorder.bind(pipelines[pipeline]);
    recorder.push(Vp9Levels{later, 0});
    recorder.dispatch(divide_up(x, 64), y);
  };
  record(Vp9Pipeline::filter_strip_rows, 0, divide_up(job.height, 8) * 8, 2 * columns);
  recorder.barrier();
  record(Vp9Pipeline::filter_strip_columns, 0, columns * words * 4, 2 * rows);
  recorder.barrier();
  if (rows > 1) {
    record(Vp9Pipeline::filter_strip_rows, 1, (rows - 1) * 8, 2 * columns);
    recorder.barrier();
  }
  record(Vp9Pipeline::filter_strip_columns, 1, columns * words, 2 * rows);
}

void record_strips(Recorder& recorder, const Vp9Pipelines& pipelines, const PictureJob& job,
                   uint32_t most_groups) {
  const Levels levels = strip_levels(job);
  const bool passes = pipelines.strategy() == DispatchStrategy::levels;
  if (passes) record_strip_passes(recorder, pipelines, job);
  if (!passes || levels.count() > 1) {
    recorder.bind(pipelines[Vp9Pipeline::filter_strip]);
    record_levels(recorder, levels, pipelines.strip_limits(), most_groups, passes ? 1 : 0);
  }
  recorder.mark(Vp9TimedStage::filter_strip);
  recorder.barrier();
}

// For the workgroups see the shaders' head comments.
void record_filter(Recorder& recorder, const Vp9Pipelines& pipelines, const PictureJob& job,
                   uint32_t most_groups) {
  const uint32_t columns = in_superblocks(job.width);
  const uint32_t unit_columns = divide_up(job.width, 8), unit_rows = divide_up(job.height, 8);
  const uint32_t row_words = unit_columns * (job.bit_depth == 8 ? 2 : 4);
  recorder.barrier();
  if (columns > 1) record_strips(recorder, pipelines, job, most_groups);
  recorder.bind(pipelines[Vp9Pipeline::filter_vertical]);
  recorder.dispatch(divide_up(unit_rows * 8, 64), 2 * columns);
  recorder.mark(Vp9TimedStage::filter_vertical);
  recorder.barrier();
  recorder.bind(pipelines[Vp9Pipeline::filter_horizontal]);
  recorder.dispatch(divide_up(row_words, 128), unit_rows + divide_up(unit_rows, 2));
  recorder.mark(Vp9TimedStage::filter_horizontal);
}

}  // namespace

bool is_recordable(const PictureJob& job, const Vp9Commands& picture) {
  return std::max(inter_groups(job, picture.workgroups), 2 * picture.workgroups.scaled) <=
         picture.max_workgroups_per_axis;
}

void record_vp9_picture(Recorder& recorder, const Vp9Pipelines& pipelines, const PictureJob& job,
                        const Vp9Commands& picture) {
  recorder.begin();
  record_prediction(recorder, pipelines, job, picture.workgroups);
  record_residuals(recorder, pipelines, picture);
  record_intra(recorder, pipelines, job, picture.max_workgroups_per_axis);
  if (job.filters) record_filter(recorder, pipelines, job, picture.max_workgroups_per_axis);
  if (picture.copies) recorder.copy(*picture.copies, Vp9TimedStage::copy);
  recorder.end(picture.target_is_mapped);
}

}  // namespace daedalus::vulkan
