// SPDX-License-Identifier: MIT
// decode_tile() (5.11.2 to 5.11.5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "av1/inter_mode_info.h"
#include "av1/mode_parser.h"
#include "av1/palette.h"
#include "av1/residual_parser.h"
#include "av1/restoration_parser.h"
#include "av1/tile_context.h"

namespace daedalus::av1 {

// Reused for one tile after another; keeps its memory.
class TileParser {
 public:
  // A tile's position, in units.
  struct Place {
    uint32_t mi_row_start, mi_row_end, mi_col_start, mi_col_end;
  };

  // Call before parse() or conceal(). `first_block` is an index in FrameContext::blocks. Palettes
  // go to `palettes`, whose first word has index `first_palette` in the job. All other records go
  // to `records`, which must be ready.
  void begin(FrameContext& frame, const CdfContext& cdfs, const Place& place, uint32_t first_block,
             TileRecords& records, std::span<uint32_t> palettes, uint32_t first_palette);

  // Returns mi_row_end, or the first row of the first damaged superblock row: nothing of the tile
  // is kept from there on. Frames that refer to this one see the finished rows.
  uint32_t parse(std::span<const std::byte> bytes);

  // Fills rows that could not be parsed with blocks that copy `reference`, or with DC prediction if
  // it is intra_frame.
  void conceal(uint32_t mi_row, RefFrame reference);

  // After parse(): the final CDFs.
  const CdfContext& cdfs() const { return tile_.cdfs; }
  // The index after the tile's last word in the job's palettes; 0: none.
  uint32_t palette_end() const { return palette_.end(); }

 private:
  struct Mark {
    TileRecords::Mark records;
    uint32_t next_block, palette_words;
  };
  Mark mark() const;
  void return_to(const Mark& mark);

  void begin_superblock_row(uint32_t mi_row);
  void end_superblock_row(uint32_t mi_row);
  bool parse_superblock_row(uint32_t mi_row);
  void copy_segment_ids(uint32_t mi_row, uint32_t end);
  uint32_t superblock_units() const { return 1u << tile_.frame->sb_units_log2; }

  void partition(uint32_t mi_row, uint32_t mi_col, uint32_t size_log2);
  uint32_t read_partition(uint32_t mi_row, uint32_t mi_col, uint32_t size_log2);
  uint32_t partition_context(uint32_t mi_row, uint32_t mi_col, uint32_t size_log2) const;
  void parse_block(uint32_t mi_row, uint32_t mi_col, uint8_t size);
  void conceal_partition(uint32_t mi_row, uint32_t mi_col, uint32_t size_log2, RefFrame reference);
  void conceal_block(uint32_t mi_row, uint32_t mi_col, uint8_t size, RefFrame reference);
  Block block_at(uint32_t mi_row, uint32_t mi_col, uint8_t size) const;
  void place(const Block& block);
  void keep_segment_id(const Block& block);

  TileContext tile_;
  TileRecords* records_ = nullptr;
  ModeParser modes_;
  PaletteParser palette_;
  RestorationParser restoration_;
  InterModeInfo inter_;
  ResidualParser residual_;
};

}  // namespace daedalus::av1
