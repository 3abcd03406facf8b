// SPDX-License-Identifier: MIT
#include "vulkan/av1/recorder.h"

#include <algorithm>

namespace daedalus::vulkan {

using namespace av1;

namespace {

// Of an inter picture, which has at most eleven others without superres, scaled references and film
// grain.
constexpr uint32_t max_intra_dispatches = 3;

// The number of turns that one workgroup of intra_levels.comp takes for the level.
uint32_t intra_turns(const PictureJob& job, uint32_t level) {
  return divide_up(job.intra_slot_levels[level + 1] - job.intra_slot_levels[level], intra_teams);
}

// The end of the dispatch that begins with level `first`: consecutive levels of up to `small` turns
// share one; a larger level has its own.
uint32_t end_of_run(const PictureJob& job, uint32_t first, uint32_t small, uint32_t most_turns) {
  uint32_t end = first, sum = 0;
  while (end < intra_level_count(job) && intra_turns(job, end) <= small &&
         (sum += intra_turns(job, end)) <= most_turns) {
    ++end;
  }
  return std::max(end, first + 1);
}

uint32_t count_runs(const PictureJob& job, uint32_t small, uint32_t most_turns) {
  uint32_t runs = 0;
  for (uint32_t first = 0; first < intra_level_count(job); ++runs)
    first = end_of_run(job, first, small, most_turns);
  return runs;
}

// The size up to which levels share a dispatch. A non-zero `most_runs` limits the number of
// dispatches, as far as the device's limit of turns allows.
uint32_t small_turns(const PictureJob& job, const Av1LevelLimits& limits, uint32_t most_runs) {
  uint32_t small = limits.small_turns;
  while (most_runs != 0 && small < limits.turns &&
         count_runs(job, small, limits.turns) > most_runs) {
    small *= 2;
  }
  return small;
}

// One workgroup runs all levels of a shared dispatch. For a large level each workgroup takes more
// than one turn if the device has too few workgroups.
void record_levels(Recorder& recorder, const PictureJob& job, const Av1Pipelines& pipelines,
                   uint32_t most_runs, uint32_t most_groups) {
  const Av1LevelLimits& limits = pipelines.limits();
  const uint32_t small = small_turns(job, limits, most_runs);
  for (uint32_t first = 0; first < intra_level_count(job);) {
    const uint32_t end = end_of_run(job, first, small, limits.turns);
    if (first != 0) recorder.barrier();
    recorder.push(Av1Levels{first, end - first});
    const uint32_t groups = end == first + 1 ? std::max(intra_turns(job, first), 1u) : 1;
    recorder.dispatch(std::min(groups, most_groups));
    first = end;
  }
}

// Uses two dimensions if one has too few workgroups.
void dispatch_wide(Recorder& recorder, uint32_t groups, uint32_t max_per_axis) {
  const uint32_t x = std::min(groups, max_per_axis);
  recorder.dispatch(x, divide_up(groups, x));
}

uint32_t intra_record_count(const PictureJob& job) {
  return intra_level_count(job) == 0 ? 0 : job.intra_levels[0].back() + job.intra_levels[1].back();
}

bool has_tickets(const Av1Pipelines& pipelines, const PictureJob& job) {
  return pipelines.strategy() == DispatchStrategy::tickets && intra_record_count(job) != 0;
}

// Each workgroup takes one record.
void record_tickets(Recorder& recorder, const PictureJob& job, const Av1Commands& picture) {
  recorder.push(Av1Levels{0, intra_level_count(job)});
  dispatch_wide(recorder, intra_record_count(job), picture.max_workgroups_per_axis);
}

void record_prediction(Recorder& recorder, const Av1Pipelines& pipelines,
                       const Av1Commands& picture) {
  const auto& groups = picture.workgroups.predictions;
  const auto dispatch = [&](Av1Pipeline pipeline, uint32_t kind) {
    if (groups[kind] == 0) return;
    recorder.bind(pipelines[pipeline]);
    dispatch_wide(recorder, groups[kind], picture.max_workgroups_per_axis);
  };
  constexpr std::array kinds = {Av1Pipeline::predict, Av1Pipeline::predict_special,
                                Av1Pipeline::predict_scaled};
  for (uint32_t kind = 0; kind < kinds.size(); ++kind)
    dispatch(kinds[kind], kind);  // they write disjoint samples
  if (groups[1] + groups[2] != 0) recorder.barrier();
  for (uint32_t kind = 1; kind < kinds.size(); ++kind) {
    recorder.push(Av1Blend{kind, 0});
    dispatch(Av1Pipeline::predict_blend, kind);
  }
  recorder.mark(Av1TimedStage::predict);
}

void record_residuals(Recorder& recorder, const Av1Pipelines& pipelines,
                      const Av1Commands& picture) {
  if (picture.workgroups.transforms + picture.workgroups.large_transforms == 0) return;
  recorder.barrier();
  const auto record = [&](Av1Pipeline pipeline, uint32_t groups) {
    if (groups == 0) return;
    recorder.bind(pipelines[pipeline]);
    dispatch_wide(recorder, groups, picture.max_workgroups_per_axis);
  };
  record(Av1Pipeline::residual, picture.workgroups.transforms);
  record(Av1Pipeline::residual_large, picture.workgroups.large_transforms);
  recorder.mark(Av1TimedStage::residual);
}

void record_intra(Recorder& recorder, const Av1Pipelines& pipelines, const PictureJob& job,
                  const Av1Commands& picture, bool has_inter) {
  if (intra_record_count(job) == 0) return;
  recorder.barrier();
  recorder.bind(pipelines[Av1Pipeline::intra]);
  if (has_tickets(pipelines, job)) {
    record_tickets(recorder, job, picture);
  } else {
    record_levels(recorder, job, pipelines, has_inter ? max_intra_dispatches : 0,
                  picture.max_workgroups_per_axis);
  }
  recorder.mark(Av1TimedStage::intra);
}

bool has_self_guided(Restoration type) {
  return type == Restoration::self_guided || type == Restoration::switchable;
}

// For the workgroups see the shaders' head comments.
void record_filters(Recorder& recorder, const Av1Pipelines& pipelines, const PictureJob& job,
                    const Filters& filters) {
  const uint32_t unit_columns = in_units(job.width), unit_rows = in_units(job.height);
  const uint32_t planes = job.monochrome ? 1 : 2;
  if (filters.deblock) {
    recorder.barrier();
    recorder.bind(pipelines[Av1Pipeline::deblock_vertical]);
    recorder.dispatch(divide_up(unit_columns, 16), divide_up(unit_rows, 16) * planes);
    recorder.mark(Av1TimedStage::deblock_vertical);
    recorder.barrier();
    recorder.bind(pipelines[Av1Pipeline::deblock_horizontal]);
    recorder.dispatch(divide_up(unit_columns, 16), divide_up(unit_rows, 16) * planes);
    recorder.mark(Av1TimedStage::deblock_horizontal);
  }
  if (filters.cdef) {
    recorder.barrier();
    recorder.bind(pipelines[Av1Pipeline::cdef]);
    recorder.dispatch(in_64s(job.width), in_64s(job.height) * planes);
    recorder.mark(Av1TimedStage::cdef);
  }
  if (filters.superres) {
    recorder.barrier();
    recorder.bind(pipelines[Av1Pipeline::superres]);
    recorder.dispatch(in_64s(job.upscaled_width), in_64s(job.height) * planes);
    recorder.mark(Av1TimedStage::superres);
  }
  if (filters.restoration) {
    recorder.barrier();
    const uint32_t columns = in_64s(job.upscaled_width), stripes = divide_up(job.height + 8, 64);
    recorder.bind(pipelines[Av1Pipeline::restoration]);
    recorder.dispatch(columns, stripes * planes);
    if (std::any_of(job.restoration.begin(), job.restoration.end(), has_self_guided)) {
      recorder.barrier();  // a word of chroma may hold a component of each type
      recorder.bind(pipelines[Av1Pipeline::self_guided]);
      recorder.dispatch(columns, stripes * planes);
    }
    recorder.mark(Av1TimedStage::restoration);
  }
  if (job.film_grain.apply) {
    recorder.barrier();
    recorder.bind(pipelines[Av1Pipeline::film_grain]);
    recorder.dispatch(divide_up(job.upscaled_width, 32), divide_up(job.height, 32));
    recorder.mark(Av1TimedStage::film_grain);
  }
}

// A workgroup takes 64 records and, in monochrome pictures, fills one row of chroma. For tickets
// more workgroups follow, with one intra record to an invocation.
void record_edges(Recorder& recorder, const Av1Pipelines& pipelines, const PictureJob& job,
                  const Av1Commands& picture) {
  const uint32_t records = Filters(job).needs_edges() ? job.block_count + job.tx_split_count : 0;
  const uint32_t rows = job.monochrome ? divide_up(job.height, 2) : 1;
  const uint32_t groups = std::max(divide_up(records, 64), rows);
  const bool marks = has_tickets(pipelines, job);
  recorder.bind(pipelines[Av1Pipeline::edges]);
  recorder.push(Av1Marks{marks ? groups : ~0u, intra_level_count(job)});
  dispatch_wide(recorder, groups + (marks ? divide_up(intra_record_count(job), 64) : 0),
                picture.max_workgroups_per_axis);
}

}  // namespace

void record_av1_picture(Recorder& recorder, const Av1Pipelines& pipelines, const PictureJob& job,
                        const Av1Commands& picture) {
  const Filters filters(job);
  const auto& groups = picture.workgroups.predictions;
  const bool has_inter =
      std::any_of(groups.begin(), groups.end(), [](uint32_t n) { return n != 0; });
  if (has_tickets(pipelines, job)) recorder.clear(picture.scratch, 4 * av1_ticket_words(job));
  recorder.begin();
  record_edges(recorder, pipelines, job, picture);
  record_prediction(recorder, pipelines, picture);
  record_residuals(recorder, pipelines, picture);
  record_intra(recorder, pipelines, job, picture, has_inter);
  record_filters(recorder, pipelines, job, filters);
  if (picture.copies) recorder.copy(*picture.copies, Av1TimedStage::copy);
  if (picture.display_copies) recorder.copy(*picture.display_copies, Av1TimedStage::copy);
  recorder.end(picture.target_is_mapped);
}

}  // namespace daedalus::vulkan
