// SPDX-License-Identifier: MIT
#include "vp9/job_writer.h"

#include <numeric>

namespace daedalus::vp9 {

namespace {

template <typename T>
uint32_t copy_to(std::span<const T> records, std::span<T> to, uint32_t first) {
  std::copy(records.begin(), records.end(), to.begin() + first);
  return first + static_cast<uint32_t>(records.size());
}

void write_small_blocks(std::span<const TileRecords* const> tiles, PictureJob& job) {
  uint32_t next = 0;
  for (const auto* tile : tiles)
    next = copy_to(tile->small_blocks.records(), job.small_blocks, next);
  job.unscaled_small_blocks = next;
  for (const auto* tile : tiles)
    next = copy_to(tile->scaled_small_blocks.records(), job.small_blocks, next);
  job.scaled_small_blocks = next - job.unscaled_small_blocks;
}

void write_transforms(std::span<const TileRecords* const> tiles, PictureJob& job) {
  uint32_t luma = 0, chroma = 0;
  for (std::size_t size = 0; size < 4; ++size) {
    const uint32_t first_luma = luma, first_chroma = chroma;
    for (const auto* tile : tiles) {
      luma = copy_to(tile->luma_transforms[size].records(), job.luma_transforms, luma);
      chroma = copy_to(tile->chroma_transforms[size].records(), job.chroma_transforms, chroma);
    }
    job.luma_transform_counts[size] = luma - first_luma;
    job.chroma_transform_counts[size] = chroma - first_chroma;
  }
}

void count_classes(std::span<const TileRecords* const> tiles, PictureJob& job) {
  for (uint32_t block_class = 0; block_class < block_class_count; ++block_class) {
    auto& counts = job.block_classes[block_class];
    counts = {};
    for (const auto* tile : tiles) {
      const auto* turns = tile->turn_counts.data() + block_class * turns_per_class;
      counts.unscaled += std::accumulate(turns, turns + scaled_turn, 0u);
      counts.scaled += turns[scaled_turn];
      counts.intra += turns[intra_turn];
    }
  }
}

}  // namespace

TileRecords::Mark TileRecords::mark() const {
  Mark mark{.blocks = blocks.size(),
            .small_blocks = small_blocks.size(),
            .scaled_small_blocks = scaled_small_blocks.size(),
            .luma_intra = luma_intra.size(),
            .chroma_intra = chroma_intra.size(),
            .luma_transforms = {},
            .chroma_transforms = {},
            .next = next_};
  for (std::size_t size = 0; size < 4; ++size) {
    mark.luma_transforms[size] = luma_transforms[size].size();
    mark.chroma_transforms[size] = chroma_transforms[size].size();
  }
  return mark;
}

void TileRecords::return_to(const Mark& mark) {
  for (const uint8_t turn : turns.records().subspan(mark.blocks)) --turn_counts[turn];
  blocks.cut(mark.blocks);
  turns.cut(mark.blocks);
  small_blocks.cut(mark.small_blocks);
  scaled_small_blocks.cut(mark.scaled_small_blocks);
  luma_intra.cut(mark.luma_intra);
  chroma_intra.cut(mark.chroma_intra);
  for (std::size_t size = 0; size < 4; ++size) {
    luma_transforms[size].cut(mark.luma_transforms[size]);
    chroma_transforms[size].cut(mark.chroma_transforms[size]);
  }
  superblock_ = next_ = mark.next;
}

void JobAssembler::write(std::span<const TileRecords* const> tiles,
                         std::span<const SuperblockEdges> edges, PictureJob& job) {
  write_blocks(tiles, job);
  write_small_blocks(tiles, job);
  write_transforms(tiles, job);

  lists_.clear();
  for (const auto* tile : tiles) lists_.push_back(&tile->luma_intra);
  write_intra(lists_, job.luma_intra, job.luma_intra_levels);
  lists_.clear();
  for (const auto* tile : tiles) lists_.push_back(&tile->chroma_intra);
  write_intra(lists_, job.chroma_intra, job.chroma_intra_levels);

  job.filters = std::any_of(tiles.begin(), tiles.end(), [](auto* tile) { return tile->filters; });
  job.luma_strip_levels.clear();
  job.chroma_strip_levels.clear();
  if (!job.filters) return;
  write_strips(edges, &SuperblockEdges::luma, job, job.luma_strips, job.luma_strip_levels);
  write_strips(edges, &SuperblockEdges::chroma, job, job.chroma_strips, job.chroma_strip_levels);
}

// Sorted by counting in ordinary memory, then copied in order.
void JobAssembler::write_blocks(std::span<const TileRecords* const> tiles, PictureJob& job) {
  count_classes(tiles, job);
  next_.assign(block_turns, 0);
  for (const auto* tile : tiles)
    for (std::size_t turn = 0; turn < block_turns; ++turn) next_[turn] += tile->turn_counts[turn];
  std::exclusive_scan(next_.begin(), next_.end(), next_.begin(), 0u);
  std::size_t total = 0;
  for (const auto* tile : tiles) total += tile->blocks.size();
  if (sorted_blocks_.size() < total) sorted_blocks_.resize(total);
  for (const auto* tile : tiles) {
    const auto blocks = tile->blocks.records();
    const auto turns = tile->turns.records();
    for (std::size_t i = 0; i < blocks.size(); ++i) sorted_blocks_[next_[turns[i]]++] = blocks[i];
  }
  std::copy_n(sorted_blocks_.begin(), total, job.blocks.begin());
}

void JobAssembler::write_intra(std::span<const RecordList<LeveledIntra>* const> lists,
                               std::span<uint32_t> to, std::vector<uint32_t>& levels) {
  const auto place_of = [](const LeveledIntra& record) {
    return record.level * intra_class_count + intra_class(record.word);
  };
  next_.clear();
  uint32_t total = 0;
  for (const auto* list : lists)
    for (const auto& record : list->records()) {
      const uint32_t place = place_of(record);
      if (place >= next_.size()) next_.resize((record.level + 1) * intra_class_count);
      ++next_[place];
      ++total;
    }
  std::exclusive_scan(next_.begin(), next_.end(), next_.begin(), 0u);
  levels.assign(next_.begin(), next_.end());
  if (total == 0) return;
  levels.push_back(total);
  if (sorted_words_.size() < total) sorted_words_.resize(total);
  for (const auto* list : lists)
    for (const auto& record : list->records())
      sorted_words_[next_[place_of(record)]++] = record.word;
  std::copy_n(sorted_words_.begin(), total, to.begin());
}

void JobAssembler::write_strips(std::span<const SuperblockEdges> edges,
                                StripEdges SuperblockEdges::*plane, const PictureJob& job,
                                std::span<uint32_t> to, std::vector<uint32_t>& levels) {
  const uint32_t columns = in_superblocks(job.width), rows = in_superblocks(job.height);
  if (columns == 1) return;
  strip_levels_.resize(edges.size());
  next_.clear();
  for (uint32_t row = 0; row < rows; ++row)
    for (uint32_t column = 0; column < columns; ++column) {
      const uint32_t at = row * columns + column;
      uint32_t level = 0;
      if (column > 0 && (edges[at].*plane).open_rows) level = strip_levels_[at - 1] + 1u;
      if (row > 0 &&
          ((edges[at - columns].*plane).open_rows || (edges[at - columns].*plane).open_column))
        level = std::max(level, strip_levels_[at - columns] + 1u);
      strip_levels_[at] = static_cast<uint16_t>(level);
      if (column + 1 == columns) continue;
      if (level >= next_.size()) next_.resize(level + 1);
      ++next_[level];
    }
  std::exclusive_scan(next_.begin(), next_.end(), next_.begin(), 0u);
  levels.assign(next_.begin(), next_.end());
  levels.push_back((columns - 1) * rows);
  if (sorted_words_.size() < levels.back()) sorted_words_.resize(levels.back());
  for (uint32_t row = 0; row < rows; ++row)
    for (uint32_t column = 0; column + 1 < columns; ++column)
      sorted_words_[next_[strip_levels_[row * columns + column]]++] = column | row << 8;
  std::copy_n(sorted_words_.begin(), levels.back(), to.begin());
}

}  // namespace daedalus::vp9
