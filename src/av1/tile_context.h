// SPDX-License-Identifier: MIT
// What the parsers of one tile share: modes (tile_parser.h), vectors (inter_mode_info.h) and
// residuals (residual_parser.h) take their symbols from one decoder.
#pragma once

#include <array>
#include <cstdint>

#include "av1/block.h"
#include "av1/cdf.h"
#include "av1/frame_context.h"
#include "av1/symbol_decoder.h"

namespace daedalus::av1 {

struct TileContext {
  FrameContext* frame = nullptr;
  SymbolDecoder decoder;
  CdfContext cdfs;  // Tile...Cdf
  uint32_t mi_row_start = 0, mi_row_end = 0, mi_col_start = 0, mi_col_end = 0;

  // In FrameContext::blocks: the tile's first block, and where its next one goes.
  uint32_t first_block = 0, next_block = 0;
  // Whether a unit inside of the tile is decoded already. The grid may still hold what an earlier
  // frame left: a block that was parsed since then must cover the unit.
  bool is_decoded(uint32_t mi_row, uint32_t mi_col) const {
    const uint32_t index = frame->grid[std::size_t{mi_row} * frame->grid_stride + mi_col];
    if (index < first_block || index >= next_block) return false;
    const BlockInfo& block = frame->blocks[index];
    return mi_row - block.mi_row < units_high(block.size) &&
           mi_col - block.mi_col < units_wide(block.size);
  }

  // A value that no valid stream has: the tile is damaged from this superblock on. Whoever sets it
  // goes on with any valid value.
  bool broken = false;

  const PictureParameters& picture() const { return *frame->picture; }
  // is_inside()
  bool is_inside(int32_t mi_row, int32_t mi_col) const {
    return mi_col >= static_cast<int32_t>(mi_col_start) &&
           mi_col < static_cast<int32_t>(mi_col_end) &&
           mi_row >= static_cast<int32_t>(mi_row_start) &&
           mi_row < static_cast<int32_t>(mi_row_end);
  }
};

}  // namespace daedalus::av1
