// SPDX-License-Identifier: MIT
// State shared by the parsers of one tile: modes (tile_parser.h), vectors (inter_mode_info.h) and
// residuals (residual_parser.h) read symbols from one decoder.
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

  // Indices in FrameContext::blocks: the tile's first block, and its next one.
  uint32_t first_block = 0, next_block = 0;
  // Whether a unit inside the tile is already decoded. The grid may still hold entries of an
  // earlier frame, so the entry must point to a block of this tile that covers the unit.
  bool is_decoded(uint32_t mi_row, uint32_t mi_col) const {
    const uint32_t index = frame->grid[std::size_t{mi_row} * frame->grid_stride + mi_col];
    if (index < first_block || index >= next_block) return false;
    const BlockInfo& block = frame->blocks[index];
    return mi_row - block.mi_row < units_high(block.size) &&
           mi_col - block.mi_col < units_wide(block.size);
  }

  // An invalid value was read: the tile is damaged starting with this superblock. The code that
  // sets this continues with any valid value.
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
