// SPDX-License-Identifier: MIT
#include "null/av1_filter_work.h"

#include <algorithm>
#include <array>
#include <vector>

#include "null/counting.h"

namespace daedalus::null {
namespace {

using namespace av1;

// What edges.comp writes for a unit of 4x4 luma samples.
struct Unit {
  std::array<uint8_t, 2> block_log2{}, tx_log2{};  // widths, heights in luma samples
  std::array<uint8_t, 4> levels{};
  bool skip = false, skip_inter = false, small_chroma = false;
};

class UnitMap {
 public:
  explicit UnitMap(const PictureJob& job)
      : columns_(in_units(job.width)), rows_(in_units(job.height)), units_(columns_ * rows_) {
    for (const auto& block : job.blocks.first(job.block_count)) add(block);
    for (const auto& split : job.tx_splits.first(job.tx_split_count)) add(split);
  }

  uint32_t columns() const { return columns_; }
  uint32_t rows() const { return rows_; }
  const Unit& at(uint32_t column, uint32_t row) const {
    return units_[std::size_t{row} * columns_ + column];
  }

 private:
  template <typename Change>
  void change_units(uint32_t place, uint32_t width_log2, uint32_t height_log2, Change&& change) {
    const uint32_t x = bits(place, 0, 11), y = bits(place, 11, 11);
    for (uint32_t row = y; row < std::min(y + (1u << height_log2 >> 2), rows_); ++row)
      for (uint32_t column = x; column < std::min(x + (1u << width_log2 >> 2), columns_); ++column)
        change(units_[std::size_t{row} * columns_ + column]);
  }

  void add(const BlockRecord& block) {
    const uint32_t size = bits(block.place, block_place::size_shift, 5);
    const uint32_t tx_size = bits(block.filter, block_filter::tx_size_shift, 5);
    Unit unit;
    unit.block_log2 = {block_width_log2[size], block_height_log2[size]};
    if (tx_size < tx_size_count) unit.tx_log2 = {tx_width_log2[tx_size], tx_height_log2[tx_size]};
    for (std::size_t i = 0; i < 4; ++i)
      unit.levels[i] = static_cast<uint8_t>(bits(block.filter, block_filter::level_shift[i], 6));
    unit.skip = (block.place & block_place::skip) != 0;
    unit.skip_inter = unit.skip && (block.place & block_place::is_inter) != 0;
    unit.small_chroma = (block.filter & block_is_lossless) != 0;
    change_units(block.place, unit.block_log2[0], unit.block_log2[1],
                 [&](Unit& own) { own = unit; });
  }
  void add(const TxSplit& split) {
    const uint32_t size = bits(split.place, transform_place::size_shift, 5);
    change_units(split.place, tx_width_log2[size], tx_height_log2[size], [&](Unit& own) {
      own.tx_log2 = {tx_width_log2[size], tx_height_log2[size]};
    });
  }

  const uint32_t columns_, rows_;
  std::vector<Unit> units_;
};

// ---- Deblocking ----

// Edges of a plane in one direction (0: vertical), as deblock.comp filters them.
class Edges {
 public:
  Edges(const PictureJob& job, const UnitMap& units, uint32_t plane, std::size_t direction)
      : job_(job), units_(units), plane_(plane), direction_(direction) {}

  uint32_t columns() const { return units_.columns() >> plane_; }
  uint32_t rows() const { return units_.rows() >> plane_; }

  // log2 of the transform blocks' size at the left (upper) edge of a unit of the plane; 0: no edge.
  uint32_t size_at(uint32_t column, uint32_t row) const {
    const uint32_t position = (direction_ == 0 ? column : row) * 4;
    if (position == 0) return 0;
    const Unit &own = unit(column, row),
               &before = direction_ == 0 ? unit(column - 1, row) : unit(column, row - 1);
    const uint32_t transform = transform_log2(own);
    const bool block_edge = position % (1u << block_log2(own)) == 0;
    if (position % (1u << transform) != 0 || (!block_edge && own.skip_inter)) return 0;
    if (!has_level(own) && !has_level(before)) return 0;
    return std::min({transform, transform_log2(before), plane_ ? 3u : 4u});
  }

 private:
  const Unit& unit(uint32_t column, uint32_t row) const {
    return units_.at((column << plane_) + plane_, (row << plane_) + plane_);
  }
  uint32_t block_log2(const Unit& own) const {
    const uint32_t luma = own.block_log2[direction_];
    return plane_ ? std::max(luma - 1, 2u) : luma;
  }
  uint32_t transform_log2(const Unit& own) const {
    if (!plane_) return own.tx_log2[direction_];
    return own.small_chroma ? 2 : std::min(block_log2(own), 5u);
  }
  bool has_level(const Unit& own) const {
    if (!plane_) return own.levels[direction_] != 0;
    return (own.levels[2] != 0 && job_.filter_level[2] != 0) ||
           (own.levels[3] != 0 && job_.filter_level[3] != 0);
  }

  const PictureJob& job_;
  const UnitMap& units_;
  const uint32_t plane_;
  const std::size_t direction_;
};

struct EdgeCounts {
  Count edges, wide_edges;
};
constexpr EdgeCounts edge_counts[2][2] = {
    {{&JobWork::work_av1_luma_left_edges, &JobWork::work_av1_wide_left_edges},
     {&JobWork::work_av1_luma_top_edges, &JobWork::work_av1_wide_top_edges}},
    {{&JobWork::work_av1_chroma_left_edges, nullptr},
     {&JobWork::work_av1_chroma_top_edges, nullptr}}};

// A subgroup does what any of its lanes has to do: it filters the left edges of 16 rows, or the top
// edges of 16 words.
void count_edges(const Edges& edges, uint32_t plane, std::size_t direction, JobWork& work) {
  const uint32_t width = direction == 0 ? 1 : plane ? 8 : 16, height = direction == 0 ? 4 : 1;
  const EdgeCounts& counts = edge_counts[plane][direction];
  for (uint32_t y = 0; y < edges.rows(); y += height)
    for (uint32_t x = 0; x < edges.columns(); x += width) {
      uint32_t most = 0;
      for (uint32_t row = y; row < std::min(y + height, edges.rows()); ++row)
        for (uint32_t column = x; column < std::min(x + width, edges.columns()); ++column)
          most = std::max(most, edges.size_at(column, row));
      if (most == 0) continue;
      ++(work.*counts.edges);
      if (most == 4 && counts.wide_edges) ++(work.*counts.wide_edges);
    }
}

void count_deblocking(const PictureJob& job, const UnitMap& units, JobWork& work) {
  work.work_av1_deblocked_units = work.work_av1_units;
  for (uint32_t plane = 0; plane < (job.monochrome ? 1u : 2u); ++plane)
    for (const std::size_t direction : {0, 1})
      count_edges(Edges(job, units, plane, direction), plane, direction, work);
}

// ---- CDEF ----

// The strengths of an 8x8 block of a plane, primary and secondary; 0: not filtered.
struct Strengths {
  uint32_t primary = 0, secondary = 0;
};

class Strong {
 public:
  Strong(const PictureJob& job, const UnitMap& units) : job_(job), units_(units) {}

  Strengths at(uint32_t column, uint32_t row, uint32_t plane) const {
    if (!job_.cdef || is_skipped(column * 2, row * 2)) return {};
    const uint8_t index = job_.cdef_indices[row / 8 * in_64s(job_.width) + column / 8];
    if (index == no_cdef) return {};
    const CdefStrength& s = job_.cdef_strengths[index];
    return plane ? Strengths{s.uv_primary, s.uv_secondary} : Strengths{s.y_primary, s.y_secondary};
  }

 private:
  bool is_skipped(uint32_t column, uint32_t row) const {
    return units_.at(column, row).skip && units_.at(column + 1, row).skip &&
           units_.at(column, row + 1).skip && units_.at(column + 1, row + 1).skip;
  }

  const PictureJob& job_;
  const UnitMap& units_;
};

// A subgroup filters words of `own` adjacent blocks.
void count_taps(const Strong& strong, uint32_t columns, uint32_t rows, uint32_t plane, uint32_t own,
                Count taps, JobWork& work) {
  for (uint32_t row = 0; row < rows; ++row)
    for (uint32_t first = 0; first < columns; first += own) {
      Strengths all;
      for (uint32_t column = first; column < std::min(first + own, columns); ++column) {
        const Strengths s = strong.at(column, row, plane);
        all.primary |= s.primary;
        all.secondary |= s.secondary;
      }
      work.*taps += (all.primary ? 4 : 0) + (all.secondary ? 8 : 0);
    }
}

// Two rows of eight blocks search their directions together.
void count_directions(const Strong& strong, uint32_t columns, uint32_t rows, uint32_t plane,
                      JobWork& work) {
  for (uint32_t y = 0; y < rows; y += 2)
    for (uint32_t x = 0; x < columns; x += 8) {
      bool any = false;
      for (uint32_t row = y; row < std::min(y + 2, rows); ++row)
        for (uint32_t column = x; column < std::min(x + 8, columns); ++column)
          any |= strong.at(column, row, plane).primary != 0;
      work.work_av1_directions += any;
    }
}

void count_cdef(const PictureJob& job, const UnitMap& units, JobWork& work) {
  const Strong strong(job, units);
  const uint32_t columns = units.columns() / 2, rows = units.rows() / 2;
  work.work_av1_cdef_units = work.work_av1_units;
  count_taps(strong, columns, rows, 0, 1, &JobWork::work_av1_luma_taps, work);
  count_directions(strong, columns, rows, 0, work);
  if (job.monochrome) return;
  count_taps(strong, columns, rows, 1, 2, &JobWork::work_av1_chroma_taps, work);
  count_directions(strong, columns, rows, 1, work);
}

// ---- Superres, restoration, film grain ----

// Units of restoration in squares of 32x32 samples of the plane.
void count_restoration(const PictureJob& job, JobWork& work) {
  const auto is = [](const RestorationUnit& unit, Restoration type) {
    return unit.type == static_cast<uint32_t>(type);
  };
  work.work_av1_restored_units = work.work_av1_upscaled_units;
  for (std::size_t plane = 0; plane < (job.monochrome ? 1u : 3u); ++plane) {
    const Restoration type = job.restoration[plane];
    if (type == Restoration::none) continue;
    if (type != Restoration::wiener) work.work_av1_guided_units = work.work_av1_upscaled_units;
    const uint32_t log2 = job.restoration_size_log2[plane], shift = plane ? 1 : 0;
    const uint32_t units = restoration_unit_count((job.upscaled_width + shift) >> shift, log2) *
                           restoration_unit_count((job.height + shift) >> shift, log2);
    const uint64_t squares = uint64_t{1} << 2 * (log2 - 5);
    for (const auto& unit : job.restoration_units[plane].first(units)) {
      if (is(unit, Restoration::wiener))
        work.*(plane ? &JobWork::work_av1_chroma_wiener : &JobWork::work_av1_luma_wiener) +=
            squares;
      if (is(unit, Restoration::self_guided))
        work.*(plane ? &JobWork::work_av1_chroma_guided : &JobWork::work_av1_luma_guided) +=
            squares;
    }
  }
}

}  // namespace

void count_filters(const PictureJob& job, JobWork& work) {
  const UnitMap units(job);
  const Filters filters(job);
  if (filters.deblock) count_deblocking(job, units, work);
  if (filters.cdef) count_cdef(job, units, work);
  const uint64_t upscaled_units =
      uint64_t{divide_up(job.upscaled_width, 8)} * divide_up(job.height, 8);
  work.work_av1_upscaled_units = upscaled_units;
  if (filters.superres) work.work_av1_superres_units = upscaled_units;
  if (filters.restoration) count_restoration(job, work);
  if (job.film_grain.apply) work.work_av1_grain_units = upscaled_units;
}

}  // namespace daedalus::null
