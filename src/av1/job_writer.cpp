// SPDX-License-Identifier: MIT
#include "av1/job_writer.h"

#include <algorithm>
#include <numeric>

namespace daedalus::av1 {

namespace {

using Tiles = std::span<const TileRecords* const>;

// Writes `to` sequentially: it is write-combined memory.
template <typename T>
uint32_t append(std::span<const T> from, std::span<T> to, uint32_t at) {
  std::copy(from.begin(), from.end(), to.begin() + at);
  return at + static_cast<uint32_t>(from.size());
}

// Sorts the elements of `from` by key; keys are below ends.size().
template <typename From, typename Key, typename Put>
void sort_by(const From& from, std::span<uint32_t> ends, Key key, Put put) {
  std::fill(ends.begin(), ends.end(), 0);
  for (const auto& element : from) ++ends[key(element)];
  std::exclusive_scan(ends.begin(), ends.end(), ends.begin(), 0u);
  for (const auto& element : from) put(ends[key(element)]++, element);
}

}  // namespace

void TileRecords::begin(const PictureJob& job, uint32_t first, uint32_t count) {
  blocks.clear();
  tx_splits.clear();
  predictions.clear();
  for (auto& list : intra) list.clear();
  for (auto& lists : transforms)
    for (auto& list : lists) list.clear();
  coefficients_ = job.coefficients.data();
  next_ = coefficients_ + first;
  end_ = next_ + count;
}

TileRecords::Mark TileRecords::mark() const {
  Mark mark = {blocks.size(), tx_splits.size(), predictions.mark(), {}, {}, next_};
  for (std::size_t i = 0; i < intra.size(); ++i) mark.intra[i] = intra[i].size();
  for (std::size_t plane = 0; plane < transforms.size(); ++plane)
    for (std::size_t i = 0; i < tx_size_count; ++i)
      mark.transforms[plane][i] = transforms[plane][i].size();
  return mark;
}

void TileRecords::return_to(const Mark& mark) {
  blocks.cut(mark.blocks);
  tx_splits.cut(mark.tx_splits);
  predictions.return_to(mark.predictions);
  for (std::size_t i = 0; i < intra.size(); ++i) intra[i].cut(mark.intra[i]);
  for (std::size_t plane = 0; plane < transforms.size(); ++plane)
    for (std::size_t i = 0; i < tx_size_count; ++i)
      transforms[plane][i].cut(mark.transforms[plane][i]);
  next_ = mark.next;
}

void JobAssembler::write(Tiles tiles, const std::array<WarpRecord, reference_count>& global_warps,
                         PictureJob& job) {
  write_blocks(tiles, job);
  for (uint32_t plane = 0; plane < 2; ++plane) write_predictions(tiles, plane, job);
  write_overlaps(tiles, global_warps, job);
  write_transforms(tiles, job);
  write_intra(tiles, job);
}

void JobAssembler::write_blocks(Tiles tiles, PictureJob& job) {
  job.block_count = job.tx_split_count = 0;
  for (const TileRecords* tile : tiles) {
    const uint32_t first = job.block_count;
    job.block_count = append(tile->blocks.records(), job.blocks, job.block_count);
    for (TxSplit split : tile->tx_splits.records()) {
      split.block += first;
      job.tx_splits[job.tx_split_count++] = split;
    }
  }
}

// Sorted by kind, area and motion, then in decoding order.
void JobAssembler::write_predictions(Tiles tiles, uint32_t plane, PictureJob& job) {
  const auto order = [&](const PredictionRecord& record) {
    return static_cast<uint16_t>(area_class(record.place) * motion_kind_count +
                                 motion_kind(record, plane == 1));
  };
  std::array<uint32_t, area_class_count * motion_kind_count> next;
  uint32_t at = 0;
  for (uint32_t kind = 0; kind < prediction_kind_count; ++kind) {
    AreaCounts& counts = job.prediction_counts[plane][kind];
    counts = {};
    uint32_t all = 0;
    for (const TileRecords* tile : tiles) all += tile->predictions.records[plane][kind].size();
    if (all == 0) continue;
    next = {};
    if (prediction_orders_.size() < all) prediction_orders_.resize(all);
    uint16_t* record_order = prediction_orders_.data();
    for (const TileRecords* tile : tiles)
      for (const PredictionRecord& record : tile->predictions.records[plane][kind].records()) {
        *record_order = order(record);
        ++next[*record_order++];
      }
    for (uint32_t i = 0; i < next.size(); ++i) counts[i / motion_kind_count] += next[i];
    record_order = prediction_orders_.data();
    std::exclusive_scan(next.begin(), next.end(), next.begin(), 0u);
    if (sorted_predictions_.size() < all) sorted_predictions_.resize(all);
    uint32_t overlaps = 0, warps = 0;
    for (const TileRecords* tile : tiles) {
      for (PredictionRecord record : tile->predictions.records[plane][kind].records()) {
        if ((record.head & prediction_head::has_overlaps) != 0) record.overlaps += overlaps;
        if (record.warp >= reference_count) record.warp += warps;
        sorted_predictions_[next[*record_order++]++] = record;
      }
      overlaps += tile->predictions.overlaps.size();
      warps += tile->predictions.warps.size();
    }
    at = append(std::span<const PredictionRecord>(sorted_predictions_).first(all),
                job.predictions[plane], at);
  }
}

void JobAssembler::write_overlaps(Tiles tiles,
                                  const std::array<WarpRecord, reference_count>& global_warps,
                                  PictureJob& job) {
  job.overlap_count = 0;
  job.warp_count = append(std::span<const WarpRecord>(global_warps), job.warps, 0);
  for (const TileRecords* tile : tiles) {
    job.overlap_count =
        append(tile->predictions.overlaps.records(), job.overlaps, job.overlap_count);
    job.warp_count = append(tile->predictions.warps.records(), job.warps, job.warp_count);
  }
}

// Sorts a tile's blocks of one size by type, so that most subgroups of the GPU have a single type.
void JobAssembler::write_transforms(Tiles tiles, PictureJob& job) {
  uint32_t at = 0;
  for (uint32_t plane = 0; plane < 2; ++plane) {
    for (uint32_t size = 0; size < tx_size_count; ++size) {
      const uint32_t first = at;
      for (const TileRecords* tile : tiles) {
        const auto unsorted = tile->transforms[plane][size].records();
        if (sorted_transforms_.size() < unsorted.size()) sorted_transforms_.resize(unsorted.size());
        std::array<uint32_t, tx_type_count> ends;
        sort_by(
            unsorted, ends, [](const TransformRecord& record) { return record.shape >> 22; },
            [&](uint32_t i, const TransformRecord& record) { sorted_transforms_[i] = record; });
        at = append(std::span<const TransformRecord>(sorted_transforms_).first(unsorted.size()),
                    job.transforms, at);
      }
      job.transform_counts[plane][size] = at - first;
    }
  }
}

// Sorted by level, then by duration. Both lists get the same number of levels.
void JobAssembler::write_intra(Tiles tiles, PictureJob& job) {
  uint32_t level_count = 0;
  const auto of_plane = [&](uint32_t plane) {
    return std::span<const IntraRecord>(sorted_intra_[plane]).first(intra_[plane].size());
  };
  for (uint32_t plane = 0; plane < 2; ++plane) {
    intra_[plane].clear();
    for (const TileRecords* tile : tiles)
      for (const LeveledIntra& intra : tile->intra[plane].records()) {
        level_count = std::max(level_count, intra.level + 1);
        intra_[plane].push_back(&intra);
      }
  }
  for (uint32_t plane = 0; plane < 2; ++plane) {
    auto& levels = job.intra_levels[plane];
    levels.clear();
    if (level_count == 0) continue;
    const auto& unsorted = intra_[plane];
    by_duration_.resize(unsorted.size());
    std::array<uint32_t, intra_duration_count> ends;
    sort_by(
        unsorted, ends,
        [plane](const LeveledIntra* intra) {
          const uint32_t duration = intra_duration(intra->record, plane != 0);
          return plane == 0 ? intra_duration_count - 1 - duration : duration;
        },
        [&](uint32_t at, const LeveledIntra* intra) { by_duration_[at] = intra; });
    if (sorted_intra_[plane].size() < unsorted.size()) sorted_intra_[plane].resize(unsorted.size());
    levels.resize(level_count + 1, 0);
    // Each level ends where the next one begins.
    sort_by(
        by_duration_, std::span(levels).subspan(1),
        [](const LeveledIntra* intra) { return intra->level; },
        [&](uint32_t at, const LeveledIntra* intra) { sorted_intra_[plane][at] = intra->record; });
    append(of_plane(plane), job.intra[plane], 0);
  }
  intra_slots_.write({of_plane(0), of_plane(1)}, job);
}

}  // namespace daedalus::av1
