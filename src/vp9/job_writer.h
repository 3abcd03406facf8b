// SPDX-License-Identifier: MIT
// A tile column's part of a job: its records, in ordinary memory until all tiles are parsed, and
// its coefficients, which are written directly into the job.
//
// Adding a record does not check whether the job has room. Blocks do not overlap, so max_room()
// bounds their number; the room for coefficients is checked before each superblock (has_room).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "daedalus/vp9/job.h"
#include "records/record_list.h"

namespace daedalus::vp9 {

// An intra record and its level in the list.
struct LeveledIntra {
  uint32_t word;
  uint32_t level;
};

// Blocks of a class in the job's order: by kind of motion, scaled, intra.
inline constexpr uint32_t scaled_turn = 8;
inline constexpr uint32_t intra_turn = 9;
inline constexpr uint32_t turns_per_class = 10;
inline constexpr uint32_t block_turns = block_class_count * turns_per_class;

class TileRecords {
 public:
  RecordList<BlockRecord> blocks;
  RecordList<uint8_t> turns;  // one for each block
  std::array<uint32_t, block_turns> turn_counts{};
  RecordList<SmallBlockRecord> small_blocks, scaled_small_blocks;
  std::array<RecordList<LumaTransform>, 4> luma_transforms;
  std::array<RecordList<ChromaTransform>, 4> chroma_transforms;
  RecordList<LeveledIntra> luma_intra, chroma_intra;
  bool filters = false;  // whether any block's filter level is not 0

  // The tile column may write `coefficients` words of the job, from `first` on.
  void begin(const PictureJob& job, uint32_t first, uint32_t count) {
    blocks.clear();
    turns.clear();
    turn_counts = {};
    small_blocks.clear();
    scaled_small_blocks.clear();
    for (auto& list : luma_transforms) list.clear();
    for (auto& list : chroma_transforms) list.clear();
    luma_intra.clear();
    chroma_intra.clear();
    filters = false;
    coefficients_ = job.coefficients.data();
    superblock_ = next_ = coefficients_ + first;
    end_ = next_ + count;
  }

  bool has_room() const {
    return static_cast<uint32_t>(end_ - next_) >= max_room_per_superblock.coefficients;
  }
  void begin_superblock() { superblock_ = next_; }
  bool superblock_has_coefficients() const { return next_ != superblock_; }
  uint32_t superblock_base() const { return static_cast<uint32_t>(superblock_ - coefficients_); }

  // The place of the next transform block's coefficients.
  uint32_t* coefficients() const { return next_; }
  // Accepts the coefficients written up to `end`; returns the word for their transform record.
  uint32_t add_coefficients(uint32_t* end) {
    const uint32_t* const first = next_;
    next_ = end;
    const auto count = static_cast<uint32_t>(end - first);
    return count == 0 ? 0 : coefficients_of(static_cast<uint32_t>(first - superblock_), count);
  }

  // A state that return_to() restores.
  struct Mark {
    uint32_t blocks, small_blocks, scaled_small_blocks, luma_intra, chroma_intra;
    std::array<uint32_t, 4> luma_transforms, chroma_transforms;
    uint32_t* next;
  };
  Mark mark() const;
  void return_to(const Mark& mark);

  void add_block(const BlockRecord& block, uint32_t turn) {
    const uint32_t turn_of_class = block_class(block.place) * turns_per_class + turn;
    blocks.add(block);
    turns.add(static_cast<uint8_t>(turn_of_class));
    ++turn_counts[turn_of_class];
  }

 private:
  uint32_t* coefficients_ = nullptr;
  uint32_t* superblock_ = nullptr;
  uint32_t* next_ = nullptr;
  uint32_t* end_ = nullptr;
};

// open_rows(s) and open_column(s) of job.h's strip levels.
struct StripEdges {
  bool open_rows = false;
  bool open_column = false;
};
struct SuperblockEdges {
  StripEdges luma, chroma;
};

// Merges a picture's tile columns. Keeps its memory for the next picture.
class JobAssembler {
 public:
  void write(std::span<const TileRecords* const> tiles, std::span<const SuperblockEdges> edges,
             PictureJob& job);

 private:
  void write_blocks(std::span<const TileRecords* const> tiles, PictureJob& job);
  void write_intra(std::span<const RecordList<LeveledIntra>* const> lists, std::span<uint32_t> to,
                   std::vector<uint32_t>& levels);
  void write_strips(std::span<const SuperblockEdges> edges, StripEdges SuperblockEdges::*plane,
                    const PictureJob& job, std::span<uint32_t> to, std::vector<uint32_t>& levels);

  std::vector<BlockRecord> sorted_blocks_;
  std::vector<uint32_t> sorted_words_;
  std::vector<uint32_t> next_;
  std::vector<uint16_t> strip_levels_;
  std::vector<const RecordList<LeveledIntra>*> lists_;
};

}  // namespace daedalus::vp9
