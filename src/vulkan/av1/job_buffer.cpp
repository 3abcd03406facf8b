// SPDX-License-Identifier: MIT
#include "vulkan/av1/job_buffer.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>
#include <utility>

#include "vulkan/av1/film_grain_buffer.h"
#include "vulkan/av1/tables.h"
#include "vulkan/job_memory.h"

namespace daedalus::vulkan {

using namespace av1;

namespace {

constexpr uint32_t prediction_lanes = 256, residual_lanes = 64;  // per workgroup

// Words per row times groups of 16 rows (shaders/av1/prediction.glsl).
uint32_t prediction_log2_lanes(uint32_t plane, uint32_t area, uint32_t bit_depth) {
  const uint32_t log2_lanes = area + plane + (bit_depth == 8 ? 0 : 1);
  return log2_lanes == 0 ? 0 : log2_lanes - 1;
}

void write_prediction_tables(JobHeader& header, const PictureJob& job, Av1Workgroups& groups) {
  std::array<uint32_t, 2> first{};
  for (uint32_t kind = 0; kind < prediction_kind_count; ++kind) {
    WorkTableWriter table(header.predictions[kind], prediction_lanes);
    for (uint32_t plane = 0; plane < 2; ++plane) {
      for (uint32_t area = 0; area < area_class_count; ++area) {
        const uint32_t count = job.prediction_counts[plane][kind][area];
        table.add(first[plane], count, prediction_log2_lanes(plane, area, job.bit_depth));
        first[plane] += count;
      }
    }
    groups.predictions[kind] = table.groups();
  }
}

bool is_large(uint32_t tx_size) {
  return tx_width_log2[tx_size] > 4 || tx_height_log2[tx_size] > 4;
}

// An invocation transforms one row, then one column, of a component.
uint32_t residual_log2_lanes(uint32_t tx_size, bool of_chroma) {
  return std::max<uint32_t>(tx_width_log2[tx_size], tx_height_log2[tx_size]) + (of_chroma ? 1 : 0);
}

// Classes in the order of the list. Large sizes have a dispatch of their own; in the table their
// workgroups follow the others.
void write_transform_table(JobHeader& header, const PictureJob& job, Av1Workgroups& groups) {
  uint32_t next = 0;
  for (const bool large : {false, true}) {
    uint32_t first = 0;
    for (uint32_t c = 0; c < transform_class_count; ++c) {
      const uint32_t size = c % tx_size_count,
                     count = job.transform_counts[c / tx_size_count][size];
      const uint32_t begin = std::exchange(first, first + count);
      if (is_large(size) != large) continue;
      header.transforms.first[c] = begin;
      header.transforms.end[c] = begin + count;
      header.transforms.groups[c] = next;
      next += divide_up(uint64_t{count} << residual_log2_lanes(size, c >= tx_size_count),
                        residual_lanes);
    }
    (large ? groups.large_transforms : groups.transforms) = next;
  }
  groups.large_transforms -= groups.transforms;
  header.transforms.groups[transform_class_count] = next;
}

void write_layout(JobHeader& header, const Av1JobLayout& layout) {
  header.blocks_word = word_of(layout.blocks_quad);
  header.tx_splits_word = word_of(layout.tx_splits_quad);
  header.overlaps_quad = static_cast<uint32_t>(layout.overlaps_quad);
  header.warps_quad = static_cast<uint32_t>(layout.warps_quad);
  header.transforms_quad = static_cast<uint32_t>(layout.transforms_quad);
  header.coefficients_word = word_of(layout.coefficients_quad);
  header.palettes_word = word_of(layout.palettes_quad);
  header.cdef_indices_word = word_of(layout.cdef_indices_quad);
  header.film_grain_word = word_of(layout.film_grain_quad);
  header.intra_turns_word = word_of(layout.intra_turns_quad);
  header.intra_slots_quad = static_cast<uint32_t>(layout.intra_slots_quad);
  for (std::size_t plane = 0; plane < 2; ++plane) {
    header.predictions_quads[plane] = static_cast<uint32_t>(layout.predictions_quads[plane]);
    header.intra_quads[plane] = static_cast<uint32_t>(layout.intra_quads[plane]);
    header.intra_levels_words[plane] = word_of(layout.intra_levels_quads[plane]);
  }
  for (std::size_t plane = 0; plane < 3; ++plane)
    header.restoration_quads[plane] = static_cast<uint32_t>(layout.restoration_quads[plane]);
}

void write_facts(JobHeader& header, const PictureJob& job) {
  header.width = job.width;
  header.height = job.height;
  header.padded_width = in_units(job.width) * 4;
  header.padded_height = in_units(job.height) * 4;
  header.room_width = in_64s(job.width) * 64;
  header.room_height = in_64s(job.height) * 64;
  header.upscaled_width = job.upscaled_width;
  header.superres_denominator = job.superres_denominator;
  header.monochrome = job.monochrome;
  header.enable_intra_edge_filter = job.enable_intra_edge_filter;
  header.filter_levels = 0;
  for (uint32_t i = 0; i < 4; ++i) header.filter_levels |= uint32_t{job.filter_level[i]} << 8 * i;
  header.sharpness = job.sharpness;
  header.cdef_damping = job.cdef_damping;
  header.zero = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    // With CDEF off, its shader copies.
    const CdefStrength s = job.cdef ? job.cdef_strengths[i] : CdefStrength{0, 0, 0, 0};
    header.cdef_strengths[i] = uint32_t{s.y_primary} | uint32_t{s.y_secondary} << 8 |
                               uint32_t{s.uv_primary} << 16 | uint32_t{s.uv_secondary} << 24;
  }
  for (std::size_t plane = 0; plane < 3; ++plane)
    header.restoration[plane] = static_cast<uint32_t>(job.restoration[plane]) |
                                uint32_t{job.restoration_size_log2[plane]} << 8;
  header.block_count = job.block_count;
  header.tx_split_count = job.tx_split_count;
}

// Both lists have the same number of levels.
void write_levels(std::span<std::byte> memory, const Av1JobLayout& layout, const PictureJob& job) {
  const auto words = layout.intra_level_words;
  for (std::size_t plane = 0; plane < 2; ++plane)
    std::copy(job.intra_levels[plane].begin(), job.intra_levels[plane].end(),
              list_at<uint32_t>(memory, layout.intra_levels_quads[plane], words).begin());
  const auto turns = list_at<uint32_t>(memory, layout.intra_turns_quad, words);
  if (layout.has_slots)
    std::copy(job.intra_slot_levels.begin(), job.intra_slot_levels.end(), turns.begin());
  else
    std::transform(job.intra_levels[0].begin(), job.intra_levels[0].end(),
                   job.intra_levels[1].begin(), turns.begin(), std::plus<>());
}

bool are_levels(std::span<const uint32_t> levels, std::size_t words, uint32_t most) {
  if (levels.empty()) return true;
  return levels.size() <= words && levels.front() == 0 && levels.back() <= most &&
         std::is_sorted(levels.begin(), levels.end());
}

uint64_t predictions(const PictureJob& job, std::size_t plane) {
  uint64_t sum = 0;
  for (const AreaCounts& counts : job.prediction_counts[plane])
    sum = std::accumulate(counts.begin(), counts.end(), sum);
  return sum;
}

}  // namespace

Av1JobLayout::Av1JobLayout(const FrameSize& size_in, const JobRoom& room_in, bool has_slots_in)
    : size(size_in), room(room_in), has_slots(has_slots_in) {
  squares = in_64s(size.width) * in_64s(size.height);
  intra_level_words =
      std::min(room.intra[0] + room.intra[1], max_intra_levels(size.width, size.height)) + 1;
  const uint32_t units = divide_up(size.upscaled_width, 64) * divide_up(size.height, 64);
  restoration_units = {units, units, units};
  uint64_t end = quads(sizeof(JobHeader));
  const auto take = [&](uint64_t bytes) {
    const uint64_t first = end;
    end += quads(bytes);
    return first;
  };
  blocks_quad = take(uint64_t{room.blocks} * sizeof(BlockRecord));
  tx_splits_quad = take(uint64_t{room.tx_splits} * sizeof(TxSplit));
  overlaps_quad = take(uint64_t{room.overlaps} * sizeof(OverlapRecord));
  warps_quad = take(uint64_t{room.warps} * sizeof(WarpRecord));
  transforms_quad = take(uint64_t{room.transforms} * sizeof(TransformRecord));
  palettes_quad = take(uint64_t{room.palette_words} * 4);
  cdef_indices_quad = take(squares);
  film_grain_quad = take(uint64_t{film_grain_words(size.upscaled_width, size.height)} * 4);
  intra_turns_quad = take(uint64_t{intra_level_words} * 4);
  intra_slots_quad = take(uint64_t{slots()} * sizeof(IntraRecord));
  for (std::size_t plane = 0; plane < 2; ++plane) {
    predictions_quads[plane] = take(uint64_t{room.predictions[plane]} * sizeof(PredictionRecord));
    intra_quads[plane] = take(uint64_t{room.intra[plane]} * sizeof(IntraRecord));
    intra_levels_quads[plane] = take(uint64_t{intra_level_words} * 4);
  }
  for (std::size_t plane = 0; plane < 3; ++plane)
    restoration_quads[plane] = take(uint64_t{restoration_units[plane]} * sizeof(RestorationUnit));
  coefficients_quad = take(uint64_t{room.coefficients} * 4);
  end_quad = end;
}

uint32_t Av1JobLayout::slots() const {
  return has_slots ? room.intra[0] + room.intra[1] : 0;
}

uint32_t intra_level_count(const PictureJob& job) {
  return job.intra_levels[0].empty() ? 0 : static_cast<uint32_t>(job.intra_levels[0].size() - 1);
}

// One bit for each 4x4 of a plane.
uint32_t av1_ticket_words(const PictureJob& job) {
  constexpr uint32_t first_pending_word = 16;
  const uint32_t columns = in_units(job.width), rows = in_units(job.height);
  return first_pending_word + divide_up(columns, 32) * rows + divide_up(columns / 2, 32) * rows / 2;
}

void open_av1_job(std::span<std::byte> memory, const Av1JobLayout& layout, PictureJob& job) {
  const JobRoom& room = layout.room;
  job.reset();
  job.width = layout.size.width;
  job.height = layout.size.height;
  job.upscaled_width = layout.size.upscaled_width;
  job.blocks = list_at<BlockRecord>(memory, layout.blocks_quad, room.blocks);
  job.tx_splits = list_at<TxSplit>(memory, layout.tx_splits_quad, room.tx_splits);
  job.overlaps = list_at<OverlapRecord>(memory, layout.overlaps_quad, room.overlaps);
  job.warps = list_at<WarpRecord>(memory, layout.warps_quad, room.warps);
  job.transforms = list_at<TransformRecord>(memory, layout.transforms_quad, room.transforms);
  job.palettes = list_at<uint32_t>(memory, layout.palettes_quad, room.palette_words);
  job.coefficients = list_at<uint32_t>(memory, layout.coefficients_quad, room.coefficients);
  job.cdef_indices = list_at<uint8_t>(memory, layout.cdef_indices_quad, layout.squares);
  for (std::size_t plane = 0; plane < 2; ++plane) {
    job.predictions[plane] =
        list_at<PredictionRecord>(memory, layout.predictions_quads[plane], room.predictions[plane]);
    job.intra[plane] = list_at<IntraRecord>(memory, layout.intra_quads[plane], room.intra[plane]);
  }
  job.intra_slots = list_at<IntraRecord>(memory, layout.intra_slots_quad, layout.slots());
  for (std::size_t plane = 0; plane < 3; ++plane)
    job.restoration_units[plane] = list_at<RestorationUnit>(memory, layout.restoration_quads[plane],
                                                            layout.restoration_units[plane]);
}

bool is_consistent(const PictureJob& job, const Av1JobLayout& layout) {
  const JobRoom& room = layout.room;
  uint64_t transforms = 0;
  for (const auto& counts : job.transform_counts)
    transforms = std::accumulate(counts.begin(), counts.end(), transforms);
  return job.width == layout.size.width && job.height == layout.size.height &&
         job.upscaled_width == layout.size.upscaled_width &&
         (job.bit_depth == 8 || job.bit_depth == 10) && job.block_count <= room.blocks &&
         job.tx_split_count <= room.tx_splits && job.overlap_count <= room.overlaps &&
         job.warp_count <= room.warps && transforms <= room.transforms &&
         predictions(job, 0) <= room.predictions[0] && predictions(job, 1) <= room.predictions[1] &&
         job.intra_levels[0].size() == job.intra_levels[1].size() &&
         are_levels(job.intra_levels[0], layout.intra_level_words, room.intra[0]) &&
         are_levels(job.intra_levels[1], layout.intra_level_words, room.intra[1]) &&
         job.intra_slot_levels.size() == (layout.has_slots ? job.intra_levels[0].size() : 0) &&
         are_levels(job.intra_slot_levels, layout.intra_level_words, layout.slots());
}

Av1Workgroups write_av1_job(std::span<std::byte> memory, const Av1JobLayout& layout,
                            const PictureJob& job) {
  JobHeader& header = list_at<JobHeader>(memory, 0, 1)[0];
  write_facts(header, job);
  write_layout(header, layout);
  memcpy(&header.tables, &av1_tables, sizeof header.tables);
  Av1Workgroups groups;
  write_prediction_tables(header, job, groups);
  write_transform_table(header, job, groups);
  write_levels(memory, layout, job);
  if (job.film_grain.apply) {
    const uint32_t words = film_grain_words(job.upscaled_width, job.height);
    write_film_grain(list_at<uint32_t>(memory, layout.film_grain_quad, words), job.film_grain,
                     job.upscaled_width, job.height);
  }
  return groups;
}

}  // namespace daedalus::vulkan
