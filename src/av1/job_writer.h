// SPDX-License-Identifier: MIT
// A tile's part of a job. Records stay in ordinary memory until all tiles are parsed; coefficients
// are written directly into the job.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "av1/intra_slots.h"
#include "av1/prediction_writer.h"
#include "daedalus/av1/job.h"
#include "records/record_list.h"

namespace daedalus::av1 {

// An intra record and its level in the list.
struct LeveledIntra {
  IntraRecord record;
  uint32_t level;
};

class TileRecords {
 public:
  RecordList<BlockRecord> blocks;
  RecordList<TxSplit> tx_splits;  // `block` counts the tile's blocks
  TilePredictions predictions;
  std::array<RecordList<LeveledIntra>, 2> intra;                                     // luma, chroma
  std::array<std::array<RecordList<TransformRecord>, tx_size_count>, 2> transforms;  // luma, chroma

  // The tile may write `count` words of the job's coefficients, starting at `first`.
  void begin(const PictureJob& job, uint32_t first, uint32_t count);

  // Whether a superblock's coefficients fit.
  bool has_room(uint32_t superblock_log2) const {
    const uint32_t squares = superblock_log2 == 7 ? 4 : 1;
    return static_cast<uint32_t>(end_ - next_) >= squares * max_room_per_64.coefficients;
  }

  // Where the next transform block's coefficients go, and their index.
  uint32_t* coefficients() const { return next_; }
  uint32_t coefficient_index() const { return static_cast<uint32_t>(next_ - coefficients_); }
  void take_coefficients(uint32_t count) { next_ += count; }

  // A state that return_to() restores.
  struct Mark {
    uint32_t blocks, tx_splits;
    TilePredictions::Mark predictions;
    std::array<uint32_t, 2> intra;
    std::array<std::array<uint32_t, tx_size_count>, 2> transforms;
    uint32_t* next;
  };
  Mark mark() const;
  void return_to(const Mark& mark);

 private:
  uint32_t* coefficients_ = nullptr;
  uint32_t* next_ = nullptr;
  uint32_t* end_ = nullptr;
};

// Merges a picture's tiles. Keeps its memory for the next picture.
class JobAssembler {
 public:
  // Writes all lists of the job and their counts, except palettes, cdef_indices and
  // restoration_units. `global_warps` are the first of the job's warps.
  void write(std::span<const TileRecords* const> tiles,
             const std::array<WarpRecord, reference_count>& global_warps, PictureJob& job);

 private:
  void write_blocks(std::span<const TileRecords* const> tiles, PictureJob& job);
  void write_predictions(std::span<const TileRecords* const> tiles, uint32_t plane,
                         PictureJob& job);
  void write_overlaps(std::span<const TileRecords* const> tiles,
                      const std::array<WarpRecord, reference_count>& global_warps, PictureJob& job);
  void write_transforms(std::span<const TileRecords* const> tiles, PictureJob& job);
  void write_intra(std::span<const TileRecords* const> tiles, PictureJob& job);

  std::vector<uint16_t> prediction_orders_;
  std::vector<PredictionRecord> sorted_predictions_;
  std::vector<TransformRecord> sorted_transforms_;
  std::array<std::vector<const LeveledIntra*>, 2> intra_;
  std::vector<const LeveledIntra*> by_duration_;
  std::array<std::vector<IntraRecord>, 2> sorted_intra_;
  IntraSlotWriter intra_slots_;
};

}  // namespace daedalus::av1
