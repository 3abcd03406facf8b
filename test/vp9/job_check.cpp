// SPDX-License-Identifier: MIT
#include "vp9/job_check.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace daedalus::vp9 {

namespace {

uint32_t bits(uint32_t word, uint32_t shift, uint32_t count) {
  return word >> shift & ((1u << count) - 1);
}

class Check {
 public:
  explicit Check(const PictureJob& job)
      : job_(job),
        mi_cols_((job.width + 7) / 8),
        mi_rows_((job.height + 7) / 8),
        sb_cols_(in_superblocks(job.width)),
        covered_(std::size_t{mi_cols_} * mi_rows_) {}

  const char* fault();

 private:
  const char* blocks();
  const char* small_blocks();
  const char* block(const BlockRecord& block, bool intra, bool scaled);
  const char* cover(uint32_t place);
  const char* coefficients(uint32_t word, uint32_t x4, uint32_t y4, uint32_t plane_shift,
                           uint32_t size);
  const char* luma_transforms();
  const char* chroma_transforms();
  const char* intra(std::span<const uint32_t> words, const std::vector<uint32_t>& levels,
                    uint32_t columns, uint32_t rows);
  const char* strips(std::span<const uint32_t> words, const std::vector<uint32_t>& levels);
  bool is_scaled(uint32_t reference) const {
    const auto& size = job_.references[reference];
    return size.width != job_.width || size.height != job_.height;
  }

  const PictureJob& job_;
  uint32_t mi_cols_, mi_rows_, sb_cols_;
  std::vector<bool> covered_;
};

const char* Check::fault() {
  if (job_.width == 0 || job_.width > max_width || job_.height == 0 || job_.height > max_height)
    return "size";
  if (const char* fault = blocks()) return fault;
  if (const char* fault = small_blocks()) return fault;
  if (std::find(covered_.begin(), covered_.end(), false) != covered_.end()) return "uncovered";
  if (const char* fault = luma_transforms()) return fault;
  if (const char* fault = chroma_transforms()) return fault;
  if (const char* fault =
          intra(job_.luma_intra, job_.luma_intra_levels, 2 * mi_cols_, 2 * mi_rows_))
    return fault;
  if (const char* fault = intra(job_.chroma_intra, job_.chroma_intra_levels, mi_cols_, mi_rows_))
    return fault;
  if (!job_.filters) return nullptr;
  if (const char* fault = strips(job_.luma_strips, job_.luma_strip_levels)) return fault;
  return strips(job_.chroma_strips, job_.chroma_strip_levels);
}

const char* Check::blocks() {
  std::size_t next = 0;
  for (uint32_t block_class = 0; block_class < block_class_count; ++block_class) {
    const auto& counts = job_.block_classes[block_class];
    const uint32_t total = counts.unscaled + counts.scaled + counts.intra;
    if (next + total > job_.blocks.size()) return "too many blocks";
    for (uint32_t i = 0; i < total; ++i) {
      const BlockRecord& record = job_.blocks[next++];
      if (vp9::block_class(record.place) != block_class) return "block of another class";
      if (record.head & block_head::is_small) return "small block among others";
      const bool is_intra = i >= counts.unscaled + counts.scaled;
      if (const char* fault = block(record, is_intra, !is_intra && i >= counts.unscaled))
        return fault;
    }
  }
  return nullptr;
}

const char* Check::small_blocks() {
  const std::size_t total = std::size_t{job_.unscaled_small_blocks} + job_.scaled_small_blocks;
  if (total > job_.small_blocks.size()) return "too many small blocks";
  for (std::size_t i = 0; i < total; ++i) {
    const BlockRecord& record = job_.small_blocks[i].block;
    if (vp9::block_class(record.place) != 0) return "small block that is none";
    if (!(record.head & block_head::is_small)) return "small block without its flag";
    if (const char* fault = block(record, false, i >= job_.unscaled_small_blocks)) return fault;
    for (const auto& part : job_.small_blocks[i].parts)
      for (const int16_t component : {part.mv_0[0], part.mv_0[1], part.mv_1[0], part.mv_1[1]})
        if (std::abs(component) > 1 << 14) return "vector";
  }
  return nullptr;
}

const char* Check::block(const BlockRecord& block, bool intra, bool scaled) {
  if (const char* fault = cover(block.place)) return fault;
  const bool is_inter = (block.head & block_head::is_inter) != 0;
  if (is_inter == intra) return "intra or inter";
  if (!is_inter)
    return (block.head & block_head::no_inner_edges) ? "intra without inner edges" : nullptr;
  const uint32_t ref_0 = bits(block.head, block_head::reference_0_shift, 2);
  const uint32_t ref_1 = bits(block.head, block_head::reference_1_shift, 2);
  bool any_scaled = false;
  for (const uint32_t reference : {ref_0, ref_1}) {
    if (reference == no_reference) continue;
    const auto& size = job_.references[reference];
    if (size.width == 0) return "reference that is none";
    if (2 * job_.width < size.width || 2 * job_.height < size.height ||
        job_.width > 16 * size.width || job_.height > 16 * size.height)
      return "reference of an unusable size";
    any_scaled |= is_scaled(reference);
  }
  if (ref_0 == no_reference) return "no reference";
  if (any_scaled != scaled) return "scaled or not";
  for (const int16_t component : {block.mv_0[0], block.mv_0[1], block.mv_1[0], block.mv_1[1]})
    if (std::abs(component) > 1 << 14) return "vector";
  return nullptr;
}

const char* Check::cover(uint32_t place) {
  const uint32_t x = bits(place, block_place::x_shift, 10);
  const uint32_t y = bits(place, block_place::y_shift, 10);
  const uint32_t width = 1u << bits(place, block_place::width_shift, 2);
  const uint32_t height = 1u << bits(place, block_place::height_shift, 2);
  if (x >= mi_cols_ || y >= mi_rows_) return "block outside";
  if (x % 8 + width > 8 || y % 8 + height > 8) return "block across superblocks";
  for (uint32_t v = y; v < std::min(y + height, mi_rows_); ++v)
    for (uint32_t u = x; u < std::min(x + width, mi_cols_); ++u) {
      if (covered_[v * mi_cols_ + u]) return "covered twice";
      covered_[v * mi_cols_ + u] = true;
    }
  return nullptr;
}

const char* Check::coefficients(uint32_t word, uint32_t x4, uint32_t y4, uint32_t plane_shift,
                                uint32_t size) {
  const uint32_t samples = 16u << 2 * size;
  const uint32_t superblock = (y4 >> plane_shift) * sb_cols_ + (x4 >> plane_shift);
  const uint32_t offset = word & 0x1fff, count = word >> 13;
  if (count == 0 || count > samples) return "number of coefficients";
  if (offset + count > max_room_per_superblock.coefficients) return "coefficients' offset";
  const std::size_t first = std::size_t{job_.coefficient_bases[superblock]} + offset;
  if (first + count > job_.coefficients.size()) return "coefficients outside";
  std::vector<bool> named(samples);
  for (const uint32_t coefficient : job_.coefficients.subspan(first, count)) {
    const uint32_t position = coefficient & 1023;
    if (position >= samples) return "coefficient's position";
    if (named[position]) return "position named twice";
    named[position] = true;
  }
  return nullptr;
}

const char* Check::luma_transforms() {
  std::size_t next = 0;
  for (uint32_t size = 0; size < 4; ++size)
    for (uint32_t i = 0; i < job_.luma_transform_counts[size]; ++i) {
      if (next >= job_.luma_transforms.size()) return "too many luma transforms";
      const auto& transform = job_.luma_transforms[next++];
      const uint32_t x = bits(transform.place, transform_place::x_shift, 11);
      const uint32_t y = bits(transform.place, transform_place::y_shift, 11);
      if (x >= 2 * mi_cols_ || y >= 2 * mi_rows_) return "luma transform outside";
      if (bits(transform.place, transform_place::tx_size_shift, 2) != size) return "luma size";
      if (x % (1u << size) != 0 || y % (1u << size) != 0) return "luma transform's place";
      if (const char* fault = coefficients(transform.coefficients, x, y, 4, size)) return fault;
    }
  return nullptr;
}

const char* Check::chroma_transforms() {
  std::size_t next = 0;
  for (uint32_t size = 0; size < 4; ++size)
    for (uint32_t i = 0; i < job_.chroma_transform_counts[size]; ++i) {
      if (next >= job_.chroma_transforms.size()) return "too many chroma transforms";
      const auto& transform = job_.chroma_transforms[next++];
      const uint32_t x = bits(transform.place, transform_place::x_shift, 11);
      const uint32_t y = bits(transform.place, transform_place::y_shift, 11);
      if (x >= mi_cols_ || y >= mi_rows_) return "chroma transform outside";
      if (bits(transform.place, transform_place::tx_size_shift, 2) != size) return "chroma size";
      if (x % (1u << size) != 0 || y % (1u << size) != 0) return "chroma transform's place";
      if ((transform.cb | transform.cr) == 0) return "chroma transform without coefficients";
      for (const uint32_t word : {transform.cb, transform.cr})
        if (word != 0)
          if (const char* fault = coefficients(word, x, y, 3, size)) return fault;
    }
  return nullptr;
}

// Recomputes each record's level from what its mode reads.
const char* Check::intra(std::span<const uint32_t> words, const std::vector<uint32_t>& levels,
                         uint32_t columns, uint32_t rows) {
  if (levels.empty()) return nullptr;
  if (levels.back() > words.size()) return "too many intra records";
  if (levels.size() % intra_class_count != 1) return "intra levels without all classes";
  // Blocks may extend beyond the edge.
  const uint32_t pitch = columns + 8;
  std::vector<uint32_t> level_of(std::size_t{pitch} * (rows + 8));  // plus 1; 0: none
  for (uint32_t level = 0; level < intra_level_count(levels); ++level) {
    const uint32_t* const classes = &levels[level * intra_class_count];
    if (classes[0] >= classes[intra_class_count]) return "empty intra level";
    for (uint32_t i = classes[0]; i < classes[intra_class_count]; ++i) {
      const uint32_t own_class = intra_class(words[i]);
      if (i < classes[own_class] || i >= classes[own_class + 1]) return "intra class";
      const uint32_t x = bits(words[i], transform_place::x_shift, 11);
      const uint32_t y = bits(words[i], transform_place::y_shift, 11);
      const uint32_t size = 1u << bits(words[i], transform_place::tx_size_shift, 2);
      if (x >= columns || y >= rows) return "intra record outside";
      if (x % size != 0 || y % size != 0) return "intra record's place";
      if (bits(words[i], transform_place::mode_shift, 4) > 9) return "intra mode";
      for (uint32_t v = y; v < y + size; ++v)
        for (uint32_t u = x; u < x + size; ++u) {
          if (level_of[v * pitch + u] != 0) return "predicted twice";
          level_of[v * pitch + u] = level + 1;
        }
    }
  }
  for (uint32_t level = 0; level < intra_level_count(levels); ++level)
    for (uint32_t i = levels[level * intra_class_count];
         i < levels[(level + 1) * intra_class_count]; ++i) {
      const uint32_t x = bits(words[i], transform_place::x_shift, 11);
      const uint32_t y = bits(words[i], transform_place::y_shift, 11);
      const uint32_t size = 1u << bits(words[i], transform_place::tx_size_shift, 2);
      const auto mode = static_cast<IntraMode>(bits(words[i], transform_place::mode_shift, 4));
      const bool has_left = (words[i] & transform_place::left_available) != 0;
      const bool corner = mode == IntraMode::d135 || mode == IntraMode::d117 ||
                          mode == IntraMode::d153 || mode == IntraMode::tm;
      const bool left =
          corner || mode == IntraMode::dc || mode == IntraMode::h || mode == IntraMode::d207;
      const bool above = corner || mode == IntraMode::dc || mode == IntraMode::v ||
                         mode == IntraMode::d45 || mode == IntraMode::d63;
      const bool right = (mode == IntraMode::d45 || mode == IntraMode::d63) && size == 1 &&
                         (words[i] & transform_place::right_available) != 0;
      uint32_t largest = 0;
      if (has_left && x == 0) return "left of the picture";
      if (left && has_left)
        for (uint32_t v = y; v < y + size; ++v)
          largest = std::max(largest, level_of[v * pitch + x - 1]);
      if (above && y > 0)
        for (uint32_t u = x; u < x + size + right; ++u)
          largest = std::max(largest, level_of[(y - 1) * pitch + u]);
      if (corner && has_left && y > 0)
        largest = std::max(largest, level_of[(y - 1) * pitch + x - 1]);
      if (largest > level) return "intra level";
    }
  return nullptr;
}

const char* Check::strips(std::span<const uint32_t> words, const std::vector<uint32_t>& levels) {
  const uint32_t rows = in_superblocks(job_.height);
  const uint32_t total = (sb_cols_ - 1) * rows;
  if (total == 0) return nullptr;
  if (levels.empty() || levels.back() != total) return "number of strips";
  std::vector<bool> named(std::size_t{sb_cols_} * rows);
  for (const uint32_t word : words.first(total)) {
    const uint32_t column = word & 0xff, row = word >> 8;
    if (column + 1 >= sb_cols_ || row >= rows) return "strip outside";
    if (named[row * sb_cols_ + column]) return "strip named twice";
    named[row * sb_cols_ + column] = true;
  }
  return std::is_sorted(levels.begin(), levels.end()) ? nullptr : "strip levels";
}

}  // namespace

const char* first_fault(const PictureJob& job) {
  return Check(job).fault();
}

}  // namespace daedalus::vp9
