// SPDX-License-Identifier: MIT
// What follows a block's modes: its transform sizes (5.11.15 to 5.11.17), its residual (5.11.34 to
// 5.11.39), and its records in the job.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "av1/coefficient_parser.h"
#include "av1/context_bytes.h"
#include "av1/job_writer.h"
#include "av1/level_map.h"
#include "av1/tile_context.h"
#include "av1/transform_tables.h"

namespace daedalus::av1 {

// Reused for one tile after another; keeps its memory.
class ResidualParser {
 public:
  // Call once the tile's limits are known and the records are ready.
  void begin(TileContext& tile, TileRecords& records);
  void begin_superblock_row(uint32_t mi_row);
  void begin_superblock(uint32_t mi_row, uint32_t mi_col);

  // read_block_tx_size(). Sets block.tx_size and block.info.tx_size.
  void read_block_tx_size(Block& block);
  // Instead of it, for a block that is not parsed.
  void set_largest_tx_size(Block& block);

  // compute_prediction() and residual(): adds all records of the block, which must be in the grid.
  void residual(const Block& block);

 private:
  // BlockDecoded of a superblock in a plane, by units of 4x4 of its samples, starting at row and
  // column -1.
  struct DecodedFlags {
    std::array<uint64_t, 34> rows;

    bool at(int32_t row, int32_t column) const { return (rows[row + 1] >> (column + 1) & 1) != 0; }
    void set(uint32_t row, uint32_t column, uint32_t width, uint32_t height);
  };
  // The position of a transform block or block in a plane, in units of 4x4 samples.
  struct Area {
    uint32_t plane;
    uint32_t x, y, width, height;
  };
  // Which neighbouring samples it may read.
  struct Available {
    bool left, above, above_right, below_left;
  };

  void read_var_tx_size(Block& block, uint32_t row, uint32_t col, TxSize size, uint32_t depth);
  bool read_txfm_split(const Block& block, uint32_t row, uint32_t col, TxSize size);
  TxSize read_tx_depth(const Block& block);
  void keep_tx_size(uint32_t row, uint32_t col, TxSize size);
  void keep_block_tx_size(const Block& block, TxSize size);

  void add_block(const Block& block);
  uint32_t filter_levels(const Block& block) const;
  void set_dequantizers(const Block& block);
  void reset_contexts(const Block& block);

  void intra_residual(const Block& block);
  void intra_chroma(const Block& block, uint32_t row, uint32_t col);
  void kept_residual(const Block& block);
  void inter_residual(const Block& block);
  template <typename Visit>
  void for_each_chunk(const Block& block, Visit&& visit);
  template <typename Visit>
  void for_each_transform(const Block& block, uint32_t plane, uint32_t chunk_row,
                          uint32_t chunk_col, Visit&& visit);
  template <typename Visit>
  void walk_tree(uint32_t x, uint32_t y, uint32_t width_log2, uint32_t height_log2, Visit&& visit);

  // The results of coeffs() for a component.
  struct Coded {
    uint32_t first = 0, count = 0;  // in the job's coefficients
    TxType type = TxType::dct_dct;
  };
  Coded parse_transform(const Block& block, const Area& area, TxSize size);
  void add_transform(const Area& area, TxSize size, bool kept, const Coded& coded, const Coded& cr);
  void parse_chroma(const Block& block, uint32_t row, uint32_t col);
  // Coefficients::context of a transform block's neighbours.
  struct EdgeContexts {
    UnitBits above, left;
  };
  EdgeContexts edge_contexts(const Area& area) const;
  uint32_t all_zero_context(const Block& block, const Area& area, const EdgeContexts& edges) const;
  static uint32_t dc_sign_context(const EdgeContexts& edges);
  void set_contexts(const Area& area, uint8_t context);
  TxType read_tx_type(const Block& block, const Area& area, TxSize size);
  TxType chroma_tx_type(const Block& block, const Area& area, TxSize size) const;

  Available available(const Block& block, const Area& area, bool block_edge_left,
                      bool block_edge_above) const;
  void set_decoded(const Area& area);
  void set_block_decoded(const Block& block);
  void set_noted_decoded();
  void add_intra(const Block& block, const Area& area, TxSize size, const Available& available);
  uint32_t dependencies(const Area& area, const Available& available, IntraMode mode,
                        uint32_t angle) const;
  uint32_t copy_dependencies(const Block& block, const Area& area) const;
  bool has_smooth_neighbour(const Block& block, uint32_t plane) const;
  Area block_area(const Block& block, uint32_t plane) const;

  // Units relative to the tile, in the area's plane.
  uint32_t tile_x(const Area& area) const { return area.x - (tile_->mi_col_start >> shift(area)); }
  uint32_t tile_y(const Area& area) const { return area.y - (tile_->mi_row_start >> shift(area)); }
  static uint32_t shift(const Area& area) { return area.plane == 0 ? 0 : 1; }

  TileContext* tile_ = nullptr;
  TileRecords* records_ = nullptr;
  CoefficientParser coefficients_;

  // Widths and heights as get_above_tx_width() and get_left_tx_height() need them, by column of the
  // tile and by row of the superblock.
  std::vector<uint8_t> above_tx_width_;
  std::array<uint8_t, 32> left_tx_height_{};
  // InterTxSizes and TxTypes of the block's units, where transform blocks begin.
  std::array<std::array<uint8_t, 32>, 32> inter_tx_sizes_{}, tx_types_{};
  uint32_t tx_sizes_read_ = 0;  // a bit for each TxSize of the block

  // Coefficients::context by plane, by column of the tile and by row of the superblock.
  std::array<std::vector<uint8_t>, 3> above_contexts_;
  std::array<std::array<uint8_t, 32 + context_slack>, 3> left_contexts_{};

  std::array<DecodedFlags, 2> decoded_;  // luma, chroma
  // Blocks of the superblock that decoded_ lacks so far: in most superblocks it is never read.
  struct DecodedBlock {
    uint16_t mi_row, mi_col;
    uint8_t width, height;  // in units
    bool has_chroma;
  };
  std::array<DecodedBlock, 32 * 32> noted_decoded_;
  uint32_t noted_decoded_count_ = 0;
  std::array<LevelMap, 2> levels_;

  std::array<bool, max_segments> explicit_type_{};  // get_qindex(1, segment) is not 0
  uint32_t dequantizer_key_ = ~0u;                  // what dequantizers_ was computed for
  std::array<Dequantizer, 3> dequantizers_{};

  uint32_t max_luma_x_ = 0, max_luma_y_ = 0;  // MaxLumaW and MaxLumaH, in units
  // The transform blocks of a block whose residual is kept, or of a chunk's chroma.
  struct Parsed {
    Area area;
    TxSize size;
    Coded coded, cr;
    bool any() const { return coded.count + cr.count != 0; }
  };
  std::vector<Parsed> parsed_;
};

}  // namespace daedalus::av1
