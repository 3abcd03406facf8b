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
