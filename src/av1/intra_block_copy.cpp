// SPDX-License-Identifier: MIT
// Vectors of intra block copy (5.11.7, 5.11.26, 6.10.25).
#include "av1/inter_mode_info.h"

namespace daedalus::av1 {
namespace {

constexpr int32_t intrabc_delay_pixels = 256;
constexpr int32_t intrabc_delay_sb64 = 4;

// The area that a block copies, in luma samples.
struct Source {
  int32_t top, left, bottom, right;
};
Source source_of(const Block& block, Mv mv) {
  Source source;
  source.top = static_cast<int32_t>(block.mi_row * 4) + (mv.y >> 3);
  source.left = static_cast<int32_t>(block.mi_col * 4) + (mv.x >> 3);
  source.bottom = source.top + static_cast<int32_t>(block.height * 4);
  source.right = source.left + static_cast<int32_t>(block.width * 4);
  // Chroma of a 4xN block also covers the block to its left.
  if (block.info.has_chroma && block.width == 1) source.left -= 4;
  if (block.info.has_chroma && block.height == 1) source.top -= 4;
  return source;
}

bool is_in_tile(const TileContext& tile, const Source& source) {
  return source.top >= static_cast<int32_t>(tile.mi_row_start * 4) &&
         source.left >= static_cast<int32_t>(tile.mi_col_start * 4) &&
         source.bottom <= static_cast<int32_t>(tile.mi_row_end * 4) &&
         source.right <= static_cast<int32_t>(tile.mi_col_end * 4);
}

}  // namespace

bool is_intrabc_mv_valid(const TileContext& tile, const Block& block, Mv mv) {
  if ((mv.y & 7) != 0 || (mv.x & 7) != 0) return false;
  const Source source = source_of(block, mv);
  if (!is_in_tile(tile, source)) return false;

  const uint32_t sb_log2 = tile.frame->sb_units_log2 + 2;
  const auto active_row = static_cast<int32_t>(block.mi_row * 4 >> sb_log2);
  const auto active_column = static_cast<int32_t>(block.mi_col * 4 >> 6);
  const int32_t source_row = (source.bottom - 1) >> sb_log2;
  const int32_t source_column = (source.right - 1) >> 6;
  const auto per_row = static_cast<int32_t>(((tile.mi_col_end - tile.mi_col_start - 1) >> 4) + 1);
  const int32_t active = active_row * per_row + active_column;
  if (source_row * per_row + source_column >= active - intrabc_delay_sb64) return false;
  const int32_t gradient = 1 + intrabc_delay_sb64 + int32_t{tile.picture().use_128x128_superblock};
  return source_row <= active_row &&
         source_column < active_column - intrabc_delay_sb64 + gradient * (active_row - source_row);
}

// Used if the stack has no vector other than 0.
Mv InterModeInfo::default_intrabc_mv(const Block& block) const {
  const auto sb_units = int32_t{1} << tile_->frame->sb_units_log2;
  if (static_cast<int32_t>(block.mi_row) - sb_units < static_cast<int32_t>(tile_->mi_row_start))
    return {0, static_cast<int16_t>(-(sb_units * 4 + intrabc_delay_pixels) * 8)};
  return {static_cast<int16_t>(-sb_units * 4 * 8), 0};
}

void InterModeInfo::intrabc_block(Block& block) {
  BlockInfo& info = block.info;
  info.y_mode = info.uv_mode = dc_pred;
  info.ref_frame = {intra_frame, no_ref};
  info.motion_mode = simple_motion;
  info.interp_filter = {bilinear, bilinear};
  info.palette_size = {};
  block.compound_type = compound_average;

  find_mv_stack(*tile_, nullptr, block, stack_);
  constexpr Mv zero{};
  Mv predicted = stack_.mv(0, 0);
  if (predicted == zero) predicted = stack_.mv(1, 0);
  if (predicted == zero) predicted = default_intrabc_mv(block);
  info.mv = {read_mv(predicted, 1, true), zero};
  if (is_intrabc_mv_valid(*tile_, block, info.mv[0])) return;
  tile_->broken = true;
  info.use_intrabc = info.is_inter = false;
  info.mv = {};
}

}  // namespace daedalus::av1
