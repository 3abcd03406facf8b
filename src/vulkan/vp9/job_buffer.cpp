// SPDX-License-Identifier: MIT
#include "vulkan/vp9/job_buffer.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "vulkan/job_memory.h"
#include "vulkan/vp9/kernels.h"

namespace daedalus::vulkan {

using namespace vp9;

namespace {

constexpr uint32_t prediction_lanes = 256, residual_lanes = 64;  // per workgroup

// The maximum number of levels of a plane's intra records. A record reads samples of its own
// superblock and of those to the left, above, and above left. So a chain of records goes right and
// down through superblocks, and passes through at most all records of each.
uint32_t max_intra_levels(uint32_t columns, uint32_t rows) {
  return (columns + rows - 1) * max_room_per_superblock.luma_intra;
}

// Words per row times groups of rows (shaders/vp9/blocks.glsl).
uint32_t prediction_log2_lanes(uint32_t block_class, uint32_t bit_depth) {
  const uint32_t width = block_class & 3, height = block_class >> 2;
  return width + (bit_depth == 8 ? 1 : 2) + std::max(height, 1u) - 1;
}

void write_block_tables(JobHeader& header, const PictureJob& job, Vp9Workgroups& groups) {
  WorkTableWriter unscaled(header.unscaled, prediction_lanes),
      scaled(header.scaled, prediction_lanes);
  WorkTableWriter edges(header.edges, prediction_lanes);
  uint32_t first = 0;
  for (uint32_t c = 0; c < block_class_count; ++c) {
    const BlockClass& blocks = job.block_classes[c];
    const uint32_t log2_lanes = prediction_log2_lanes(c, job.bit_depth);
    const uint32_t all = blocks.unscaled + blocks.scaled + blocks.intra;
    unscaled.add(first, blocks.unscaled, log2_lanes);
    scaled.add(first + blocks.unscaled, blocks.scaled, log2_lanes);
    edges.add(first, all, (c & 3) + (c >> 2));
    first += all;
  }
  const uint32_t log2_small = job.bit_depth == 8 ? 2 : 3;
  unscaled.add(0, job.unscaled_small_blocks, log2_small);
  scaled.add(job.unscaled_small_blocks, job.scaled_small_blocks, log2_small);
  edges.add(0, job.unscaled_small_blocks + job.scaled_small_blocks, 0);
  groups.unscaled = unscaled.groups();
  groups.scaled = scaled.groups();
  groups.edges = edges.groups();
}

// Sizes 4 to 16 of luma and of chroma, then 32 of both (shaders/vp9/residual.comp). An invocation
// transforms a whole 4x4 block, or a line of a larger one.
void write_transform_table(JobHeader& header, const PictureJob& job, Vp9Workgroups& groups) {
  WorkTableWriter transforms(header.transforms, residual_lanes);
  const auto add = [&](bool chroma, uint32_t size) {
    const auto& counts = chroma ? job.chroma_transform_counts : job.luma_transform_counts;
    const uint32_t first = std::accumulate(counts.begin(), counts.begin() + size, 0u);
    transforms.add(first, counts[size], (size == 0 ? 0 : 2 + size) + (chroma ? 1 : 0));
  };
  for (const bool chroma : {false, true})
    for (uint32_t size = 0; size < 3; ++size) add(chroma, size);
  groups.transforms = transforms.groups();
  for (const bool chroma : {false, true}) add(chroma, 3);
  groups.transforms_32 = transforms.groups() - groups.transforms;
}

void write_layout(JobHeader& header, const Vp9JobLayout& layout) {
  header.blocks_quad = static_cast<uint32_t>(layout.blocks_quad);
  header.small_blocks_quad = static_cast<uint32_t>(layout.small_blocks_quad);
  header.luma_transforms_word = word_of(layout.luma_transforms_quad);
  header.chroma_transforms_quad = static_cast<uint32_t>(layout.chroma_transforms_quad);
  header.coefficient_bases_word = word_of(layout.coefficient_bases_quad);
  header.coefficients_word = word_of(layout.coefficients_quad);
  for (std::size_t plane = 0; plane < 2; ++plane) {
    header.intra_words[plane] = word_of(layout.intra_quads[plane]);
    header.intra_levels_words[plane] = word_of(layout.intra_levels_quads[plane]);
    header.intra_turns_words[plane] = word_of(layout.intra_turns_quads[plane]);
    header.strips_words[plane] = word_of(layout.strips_quads[plane]);
    header.strip_levels_words[plane] = word_of(layout.strip_levels_quads[plane]);
  }
}

void write_header(JobHeader& header, const PictureJob& job, const Vp9JobLayout& layout) {
  header.width = job.width;
  header.height = job.height;
  header.aligned_width = (job.width + 7) / 8 * 8;
  header.aligned_height = (job.height + 7) / 8 * 8;
  header.lossless = job.lossless;
  header.sharpness = job.sharpness;
  header.zero = 0;
  write_layout(header, layout);
  memcpy(header.kernels, packed_kernels.data(), sizeof header.kernels);
}

// Writes the first elements of the levels, then the list's end, which is repeated up to `count`
// words for levels that only the other plane has.
void write_levels(std::span<uint32_t> words, std::span<const uint32_t> levels, std::size_t count) {
  std::copy(levels.begin(), levels.end(), words.begin());
  const uint32_t end = levels.empty() ? 0 : levels.back();
  for (std::size_t i = levels.size(); i < count; ++i) words[i] = end;
}

void write_turns(std::span<uint32_t> words, std::span<const uint32_t> levels) {
  uint32_t turns = 0;
  words[0] = 0;
  for (uint32_t level = 0; level < intra_level_count(levels); ++level) {
    const uint32_t first = level * intra_class_count;
    turns += divide_up(levels[first + intra_class_count] - levels[first], intra_ticket_teams);
    words[level + 1] = turns;
  }
}

void write_all_levels(std::span<std::byte> memory, const Vp9JobLayout& layout,
                      const PictureJob& job) {
  const std::array intra = {std::span<const uint32_t>(job.luma_intra_levels),
                            std::span<const uint32_t>(job.chroma_intra_levels)};
  const std::array strips = {std::span<const uint32_t>(job.luma_strip_levels),
                             std::span<const uint32_t>(job.chroma_strip_levels)};
  // Empty lists store an end, too.
  const auto intra_count = std::max({intra[0].size(), intra[1].size(), std::size_t{1}});
  const auto strip_count = std::max({strips[0].size(), strips[1].size(), std::size_t{1}});
  for (std::size_t plane = 0; plane < 2; ++plane) {
    write_levels(
        list_at<uint32_t>(memory, layout.intra_levels_quads[plane], layout.intra_level_words),
        intra[plane], intra_count);
    write_turns(list_at<uint32_t>(memory, layout.intra_turns_quads[plane],
                                  layout.intra_level_words / intra_class_count + 1),
                intra[plane]);
    if (!job.filters) continue;
    write_levels(
        list_at<uint32_t>(memory, layout.strip_levels_quads[plane], layout.strip_level_words),
        strips[plane], strip_count);
  }
}

bool are_levels(std::span<const uint32_t> levels, std::size_t words, uint32_t most) {
  if (levels.empty()) return true;
  return levels.size() <= words && levels.front() == 0 && levels.back() <= most &&
         std::is_sorted(levels.begin(), levels.end());
}

bool are_intra_levels(std::span<const uint32_t> levels, std::size_t words, uint32_t most) {
  return are_levels(levels, words, most) &&
         (levels.empty() || levels.size() % intra_class_count == 1);
}

uint64_t total(std::span<const uint32_t> counts) {
  return std::accumulate(counts.begin(), counts.end(), uint64_t{0});
}

}  // namespace

Vp9JobLayout::Vp9JobLayout(uint32_t width_in, uint32_t height_in, const JobRoom& room_in)
    : width(width_in), height(height_in), room(room_in) {
  const uint32_t columns = in_superblocks(width), rows = in_superblocks(height);
  superblocks = columns * rows;
  intra_level_words = max_intra_levels(columns, rows) * intra_class_count + 1;
  strip_level_words = columns + rows + 1;
  uint64_t end = quads(sizeof(JobHeader));
  const auto take = [&](uint64_t bytes) {
    const uint64_t first = end;
    end += quads(bytes);
    return first;
  };
  blocks_quad = take(uint64_t{room.blocks} * sizeof(BlockRecord));
  small_blocks_quad = take(uint64_t{room.small_blocks} * sizeof(SmallBlockRecord));
  luma_transforms_quad = take(uint64_t{room.luma_transforms} * sizeof(LumaTransform));
  chroma_transforms_quad = take(uint64_t{room.chroma_transforms} * sizeof(ChromaTransform));
  for (std::size_t plane = 0; plane < 2; ++plane) {
    intra_quads[plane] = take(uint64_t{plane == 0 ? room.luma_intra : room.chroma_intra} * 4);
    intra_levels_quads[plane] = take(uint64_t{intra_level_words} * 4);
    intra_turns_quads[plane] = take(uint64_t{intra_level_words / intra_class_count + 1} * 4);
    strips_quads[plane] = take(uint64_t{superblocks} * 4);
    strip_levels_quads[plane] = take(uint64_t{strip_level_words} * 4);
  }
  coefficient_bases_quad = take(uint64_t{superblocks} * 4);
  coefficients_quad = take(uint64_t{room.coefficients} * 4);
  end_quad = end;
}

void open_vp9_job(std::span<std::byte> memory, const Vp9JobLayout& layout, PictureJob& job) {
  const JobRoom& room = layout.room;
  // The vectors keep their memory.
  auto luma_intra_levels = std::move(job.luma_intra_levels);
  auto chroma_intra_levels = std::move(job.chroma_intra_levels);
  auto luma_strip_levels = std::move(job.luma_strip_levels);
  auto chroma_strip_levels = std::move(job.chroma_strip_levels);
  job = {};
  for (auto* levels :
       {&luma_intra_levels, &chroma_intra_levels, &luma_strip_levels, &chroma_strip_levels}) {
    levels->clear();
  }
  job.luma_intra_levels = std::move(luma_intra_levels);
  job.chroma_intra_levels = std::move(chroma_intra_levels);
  job.luma_strip_levels = std::move(luma_strip_levels);
  job.chroma_strip_levels = std::move(chroma_strip_levels);
  job.width = layout.width;
  job.height = layout.height;
  job.blocks = list_at<BlockRecord>(memory, layout.blocks_quad, room.blocks);
  job.small_blocks = list_at<SmallBlockRecord>(memory, layout.small_blocks_quad, room.small_blocks);
  job.luma_transforms =
      list_at<LumaTransform>(memory, layout.luma_transforms_quad, room.luma_transforms);
  job.chroma_transforms =
      list_at<ChromaTransform>(memory, layout.chroma_transforms_quad, room.chroma_transforms);
  job.luma_intra = list_at<uint32_t>(memory, layout.intra_quads[0], room.luma_intra);
  job.chroma_intra = list_at<uint32_t>(memory, layout.intra_quads[1], room.chroma_intra);
  job.coefficient_bases =
      list_at<uint32_t>(memory, layout.coefficient_bases_quad, layout.superblocks);
  job.coefficients = list_at<uint32_t>(memory, layout.coefficients_quad, room.coefficients);
  job.luma_strips = list_at<uint32_t>(memory, layout.strips_quads[0], layout.superblocks);
  job.chroma_strips = list_at<uint32_t>(memory, layout.strips_quads[1], layout.superblocks);
}

bool is_consistent(const PictureJob& job, const Vp9JobLayout& layout) {
  uint64_t blocks = 0;
  for (const BlockClass& c : job.block_classes) blocks += uint64_t{c.unscaled} + c.scaled + c.intra;
  const JobRoom& room = layout.room;
  return job.width == layout.width && job.height == layout.height &&
         (job.bit_depth == 8 || job.bit_depth == 10) && blocks <= room.blocks &&
         uint64_t{job.unscaled_small_blocks} + job.scaled_small_blocks <= room.small_blocks &&
         total(job.luma_transform_counts) <= room.luma_transforms &&
         total(job.chroma_transform_counts) <= room.chroma_transforms &&
         are_intra_levels(job.luma_intra_levels, layout.intra_level_words, room.luma_intra) &&
         are_intra_levels(job.chroma_intra_levels, layout.intra_level_words, room.chroma_intra) &&
         are_levels(job.luma_strip_levels, layout.strip_level_words, layout.superblocks) &&
         are_levels(job.chroma_strip_levels, layout.strip_level_words, layout.superblocks);
}

Vp9Workgroups write_vp9_job(std::span<std::byte> memory, const Vp9JobLayout& layout,
                            const PictureJob& job) {
  JobHeader& header = list_at<JobHeader>(memory, 0, 1)[0];
  write_header(header, job, layout);
  Vp9Workgroups groups;
  write_block_tables(header, job, groups);
  write_transform_table(header, job, groups);
  write_all_levels(memory, layout, job);
  return groups;
}

}  // namespace daedalus::vulkan
