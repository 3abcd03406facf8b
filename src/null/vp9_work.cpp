// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "null/counting.h"
#include "null/job_work.h"

namespace daedalus::null {
namespace {

using namespace vp9;

// ---- Prediction, as inter.comp divides it: a lane has a word's columns and 16, 8 or 4 rows ----

struct PlaneCounts {
  Count rows, horizontal_rows, vertical_rows;
};
constexpr PlaneCounts luma_counts = {&JobWork::work_vp9_luma_rows,
                                     &JobWork::work_vp9_luma_horizontal_rows,
                                     &JobWork::work_vp9_luma_vertical_rows};
constexpr PlaneCounts chroma_counts = {&JobWork::work_vp9_chroma_rows,
                                       &JobWork::work_vp9_chroma_horizontal_rows,
                                       &JobWork::work_vp9_chroma_vertical_rows};

// What a subgroup predicts from one list: all lanes do what any one of them has to do.
struct Turn {
  bool predicts = false, horizontal = false, vertical = false;

  void add(const MotionVector& mv, int fraction_mask) {
    predicts = true;
    horizontal |= (mv[0] & fraction_mask) != 0;
    vertical |= (mv[1] & fraction_mask) != 0;
  }
  void count(uint32_t rows, uint64_t times, const PlaneCounts& counts, JobWork& work) const {
    if (!predicts) return;
    if (vertical) work.*counts.vertical_rows += rows * times;
    work.*(horizontal ? counts.horizontal_rows : counts.rows) +=
        (rows + (vertical ? 7 : 0)) * times;
  }
};

uint32_t reference(const BlockRecord& block, uint32_t list) {
  return bits(block.head, list ? block_head::reference_1_shift : block_head::reference_0_shift, 2);
}

// The blocks of a class that share a subgroup, in one plane and from one list.
void count_turn(std::span<const BlockRecord> blocks, uint32_t list, bool chroma, uint32_t rows,
                uint32_t times, JobWork& work) {
  Turn turn;
  for (const auto& block : blocks)
    if (reference(block, list) != no_reference)
      turn.add(list ? block.mv_1 : block.mv_0, chroma ? 15 : 7);
  turn.count(rows, times, chroma ? chroma_counts : luma_counts, work);
}

void count_class(std::span<const BlockRecord> blocks, uint32_t width, uint32_t height,
                 JobWork& work) {
  const uint32_t block_lanes = (2u << width) * std::max(1u << height >> 1, 1u);
  const uint32_t in_turn = std::max(lanes / block_lanes, 1u),
                 times = std::max(block_lanes / lanes, 1u), rows = height == 0 ? 8 : 16;
  for (std::size_t first = 0; first < blocks.size(); first += in_turn) {
    const auto own = blocks.subspan(first, std::min<std::size_t>(in_turn, blocks.size() - first));
    for (uint32_t list = 0; list < 2; ++list) {
      count_turn(own, list, false, rows, times, work);
      count_turn(own, list, true, rows / 2, times, work);
    }
  }
}

void count_small_blocks(std::span<const SmallBlockRecord> blocks, JobWork& work) {
  constexpr std::size_t in_turn = 4;
  for (std::size_t first = 0; first < blocks.size(); first += in_turn) {
    const auto own = blocks.subspan(first, std::min(in_turn, blocks.size() - first));
    for (uint32_t list = 0; list < 2; ++list) {
      Turn luma;
      for (const auto& small : own)
        for (const auto& part : small.parts)
          if (reference(small.block, list) != no_reference)
            luma.add(list ? part.mv_1 : part.mv_0, 7);
      luma.count(4, 1, luma_counts, work);
      luma.count(2, 1, chroma_counts, work);
    }
  }
}

void count_prediction(const PictureJob& job, JobWork& work) {
  std::size_t first = 0;
  for (uint32_t c = 0; c < block_class_count; ++c) {
    const auto& counts = job.block_classes[c];
    count_class(job.blocks.subspan(first, counts.unscaled), c & 3, c >> 2, work);
    work.work_vp9_scaled_units += uint64_t{counts.scaled} << (c & 3) << (c >> 2);
    first += counts.unscaled + counts.scaled + counts.intra;
  }
  count_small_blocks(job.small_blocks.first(job.unscaled_small_blocks), work);
  work.work_vp9_scaled_units += job.scaled_small_blocks;
}

// ---- Residuals: workgroups of 64 lanes; a lane has a row of a block, or a whole 4x4 block ----

constexpr std::array<Count, 4> transform_groups = {
    &JobWork::work_vp9_groups_4x4, &JobWork::work_vp9_groups_8x8, &JobWork::work_vp9_groups_16x16,
    &JobWork::work_vp9_groups_32x32};

// How often a block's lanes, one per line, search its coefficients: four at a time.
uint32_t rounds(uint32_t coefficients, uint32_t lines) {
  return divide_up(coefficients >> 13, 4 * lines);
}

// `most_rounds`: the maximum for a block.
template <typename Transform, typename Rounds>
void count_transforms(std::span<const Transform> blocks, uint32_t log2_size, uint32_t in_group,
                      Rounds most_rounds, JobWork& work) {
  for (std::size_t first = 0; first < blocks.size(); first += in_group) {
    uint32_t most = 0;
    for (const auto& block :
         blocks.subspan(first, std::min<std::size_t>(in_group, blocks.size() - first)))
      most = std::max(most, most_rounds(block));
    ++(work.*transform_groups[log2_size - 2]);
    if (log2_size == 5)
      work.work_vp9_rounds_32x32 += most;
    else
      work.work_vp9_rounds += most;
  }
}

void count_residuals(const PictureJob& job, JobWork& work) {
  std::size_t luma = 0, chroma = 0;
  for (uint32_t log2_size = 2; log2_size <= 5; ++log2_size) {
    const uint32_t lines = log2_size == 2 ? 1 : 1u << log2_size, group_lanes = 64;
    const uint32_t luma_count = job.luma_transform_counts[log2_size - 2],
                   chroma_count = job.chroma_transform_counts[log2_size - 2];
    count_transforms<LumaTransform>(
        job.luma_transforms.subspan(luma, luma_count), log2_size, group_lanes / lines,
        [&](const auto& block) { return rounds(block.coefficients, lines); }, work);
    count_transforms<ChromaTransform>(
        job.chroma_transforms.subspan(chroma, chroma_count), log2_size, group_lanes / lines / 2,
        [&](const auto& block) {
          return std::max(rounds(block.cb, lines), rounds(block.cr, lines));
        },
        work);
    luma += luma_count;
    chroma += chroma_count;
  }
}

// ---- Intra prediction: an invocation has a word, a turn of a level has 192 of them ----

struct IntraPlane {
  uint64_t turns = 0, levels = 0, subgroups = 0;
};

IntraPlane count_intra(std::span<const uint32_t> levels, uint32_t log2_smallest) {
  constexpr uint32_t turn_lanes = 192;
  IntraPlane plane;
  plane.levels = intra_level_count(levels);
  for (std::size_t level = 0; level < plane.levels; ++level) {
    uint32_t words = 0;
    for (uint32_t c = 0; c < intra_class_count; ++c) {
      const std::size_t own = level * intra_class_count + c;
      words += (levels[own + 1] - levels[own]) << (log2_smallest + 6 - 2 * c);
    }
    plane.turns += divide_up(words, turn_lanes);
    plane.subgroups += divide_up(words, lanes);
  }
  return plane;
}

// Luma and chroma run side by side.
void count_all_intra(const PictureJob& job, JobWork& work) {
  const uint32_t log2_smallest = job.bit_depth == 8 ? 2 : 3;
  const IntraPlane luma = count_intra(job.luma_intra_levels, log2_smallest);
  const IntraPlane chroma = count_intra(job.chroma_intra_levels, log2_smallest + 1);
  const IntraPlane& longer = luma.turns < chroma.turns ? chroma : luma;
  work.work_vp9_luma_intra_turns = luma.turns;
  work.work_vp9_chroma_intra_turns = chroma.turns;
  work.work_vp9_longer_intra_turns = longer.turns;
  work.work_vp9_longer_intra_levels = longer.levels;
  work.work_vp9_luma_intra_subgroups = luma.subgroups;
  work.work_vp9_chroma_intra_subgroups = chroma.subgroups;
  work.work_vp9_intra_levels = std::max(luma.levels, chroma.levels);
}

// ---- The loop filter ----

// The edges of a unit of 8x8 samples of a plane, as make_edges.glsl derives them.
struct Edges {
  bool left = false, top = false, inner_left = false, inner_top = false;
};

class EdgeMap {
 public:
  // The units of luma (shift 0) or of chroma (1).
  EdgeMap(const PictureJob& job, uint32_t shift)
      : shift_(shift),
        luma_columns_(divide_up(job.width, 8)),
        luma_rows_(divide_up(job.height, 8)),
        columns_((luma_columns_ + shift) >> shift),
        rows_((luma_rows_ + shift) >> shift),
        edges_(std::size_t{columns_} * rows_) {}

  void add(const BlockRecord& block, uint32_t log2_size) {
    namespace p = block_place;
    if (bits(block.place, p::filter_level_shift, 6) == 0) return;
    const uint32_t x = bits(block.place, p::x_shift, 10), y = bits(block.place, p::y_shift, 10);
    const uint32_t width = 1u << bits(block.place, p::width_shift, 2),
                   height = 1u << bits(block.place, p::height_shift, 2);
    uint32_t tx_size = bits(block.place, p::tx_size_shift, 2);
    if (shift_) tx_size = std::min(tx_size, log2_size);
    const bool inner = (block.head & block_head::no_inner_edges) == 0;
    const uint32_t step = 1u << shift_;
    for (uint32_t row = y; row < std::min(y + height, luma_rows_); ++row)
      for (uint32_t column = x; column < std::min(x + width, luma_columns_); ++column)
        if (column % step == 0 && row % step == 0)
          set(column >> shift_, row >> shift_, tx_size, inner, column == x, row == y);
  }

  const Edges& at(uint32_t column, uint32_t row) const {
    return edges_[std::size_t{row} * columns_ + column];
  }
  uint32_t columns() const { return columns_; }
  uint32_t rows() const { return rows_; }

 private:
  void set(uint32_t column, uint32_t row, uint32_t tx_size, bool inner, bool first_column,
           bool first_row) {
    const uint32_t units = tx_size == 3 ? 4 : tx_size == 2 ? 2 : 1;
    Edges& own = edges_[std::size_t{row} * columns_ + column];
    own.left = (inner || first_column) && column != 0 && column % units == 0;
    own.top = (inner || first_row) && row != 0 && row % units == 0;
    own.inner_left = own.inner_top = inner && tx_size == 0;
  }

  const uint32_t shift_, luma_columns_, luma_rows_, columns_, rows_;
  std::vector<Edges> edges_;
};

struct EdgeCounts {
  Count left, inner_left, top, inner_top;
};
constexpr EdgeCounts luma_edge_counts = {
    &JobWork::work_vp9_luma_left_edges, &JobWork::work_vp9_luma_inner_left_edges,
    &JobWork::work_vp9_luma_top_edges, &JobWork::work_vp9_luma_inner_top_edges};
constexpr EdgeCounts chroma_edge_counts = {
    &JobWork::work_vp9_chroma_left_edges, &JobWork::work_vp9_chroma_inner_left_edges,
    &JobWork::work_vp9_chroma_top_edges, &JobWork::work_vp9_chroma_inner_top_edges};

// A subgroup does what any of its lanes has to do: it filters 16 rows of a unit, or 16 words of a
// row of units.
void count_edges(const EdgeMap& edges, uint32_t units_in_row, const EdgeCounts& counts,
                 JobWork& work) {
  for (uint32_t row = 0; row < edges.rows(); row += 2)
    for (uint32_t column = 0; column < edges.columns(); ++column) {
      const Edges upper = edges.at(column, row);
      const Edges lower = row + 1 < edges.rows() ? edges.at(column, row + 1) : Edges();
      work.*counts.left += upper.left || lower.left;
      work.*counts.inner_left += upper.inner_left || lower.inner_left;
    }
  for (uint32_t row = 0; row < edges.rows(); ++row)
    for (uint32_t first = 0; first < edges.columns(); first += units_in_row) {
      Edges all;
      for (uint32_t i = first; i < std::min(first + units_in_row, edges.columns()); ++i) {
        all.top |= edges.at(i, row).top;
        all.inner_top |= edges.at(i, row).inner_top;
      }
      work.*counts.top += all.top;
      work.*counts.inner_top += all.inner_top;
    }
}

void count_all_edges(const PictureJob& job, JobWork& work) {
  EdgeMap luma(job, 0), chroma(job, 1);
  const auto add = [&](const BlockRecord& block, uint32_t log2_size) {
    luma.add(block, log2_size);
    chroma.add(block, log2_size);
  };
  std::size_t first = 0;
  for (uint32_t c = 0; c < block_class_count; ++c) {
    const auto& counts = job.block_classes[c];
    const std::size_t end = first + counts.unscaled + counts.scaled + counts.intra;
    for (; first < end; ++first) add(job.blocks[first], std::min(c & 3, c >> 2));
  }
  for (const auto& small :
       job.small_blocks.first(job.unscaled_small_blocks + job.scaled_small_blocks))
    add(small.block, 0);
  count_edges(luma, 8, luma_edge_counts, work);
  count_edges(chroma, 4, chroma_edge_counts, work);
}

uint32_t level_size(std::span<const uint32_t> levels, std::size_t level) {
  return level + 1 < levels.size() ? levels[level + 1] - levels[level] : 0;
}

// Strips of levels above the first. Consecutive levels of at most two strips a plane share a
// dispatch (V3D's limit in vulkan/vp9/pipelines.cpp).
void count_later_strips(const PictureJob& job, JobWork& work) {
  const auto &luma = job.luma_strip_levels, &chroma = job.chroma_strip_levels;
  bool shares = false;
  for (std::size_t level = 1; level + 1 < std::max(luma.size(), chroma.size()); ++level) {
    const uint32_t of_luma = level_size(luma, level), of_chroma = level_size(chroma, level);
    const uint32_t turns = std::max(of_luma, of_chroma);
    const bool small = turns <= 2;
    work.work_vp9_strip_dispatches += !(small && shares);
    if (small)
      work.work_vp9_strip_turns += turns;
    else
      work.work_vp9_alone_strips += of_luma + of_chroma;
    work.work_vp9_later_strips += of_luma + of_chroma;
    shares = small;
  }
}

void count_filter(const PictureJob& job, JobWork& work) {
  work.work_vp9_filtered_units = work.work_vp9_units;
  count_all_edges(job, work);
  if (job.width <= 64) return;
  work.work_vp9_strips = uint64_t{in_superblocks(job.width) - 1} * in_superblocks(job.height);
  count_later_strips(job, work);
}

}  // namespace

void count_work(const PictureJob& job, JobWork& work) {
  work.work_codec = static_cast<uint64_t>(WorkCodec::vp9);
  work.work_vp9_units = uint64_t{divide_up(job.width, 8)} * divide_up(job.height, 8);
  count_prediction(job, work);
  count_residuals(job, work);
  count_all_intra(job, work);
  if (job.filters) count_filter(job, work);
}

}  // namespace daedalus::null
