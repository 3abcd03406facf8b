// SPDX-License-Identifier: MIT
// Mode info of a tile's blocks (5.11.6 to 5.11.22), except inter blocks' own part.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "av1/block.h"
#include "av1/palette.h"
#include "av1/tile_context.h"

namespace daedalus::av1 {

class ModeParser {
 public:
  // Call at the start of a tile, of a superblock row, of a superblock.
  void begin_tile(const TileContext& tile);
  void begin_row();
  void begin_superblock(TileContext& tile, uint32_t mi_row, uint32_t mi_col);

  // intra_frame_mode_info(), except the vector if block.info.use_intrabc.
  void read_intra_frame(TileContext& tile, Block& block, PaletteParser& palette);
  // inter_frame_mode_info(), except inter_block_mode_info() for inter blocks.
  void read_inter_frame(TileContext& tile, Block& block, PaletteParser& palette);

  // Derives values from the segment and the current deltas. Also for a block that is not parsed.
  void set_quantizer(const TileContext& tile, Block& block) const;

 private:
  void read_intra_segment_id(TileContext& tile, Block& block);
  void read_inter_segment_id(TileContext& tile, Block& block, bool pre_skip);
  void read_segment_id(TileContext& tile, Block& block);
  void set_segment_predicted(const Block& block, bool predicted);
  uint32_t predicted_segment_id(const TileContext& tile, const Block& block) const;
  void read_skip_mode(TileContext& tile, Block& block);
  void read_skip(TileContext& tile, Block& block);
  void read_cdef(TileContext& tile, const Block& block);
  void read_deltas(TileContext& tile, Block& block);
  void read_delta_q(TileContext& tile);
  void read_delta_lf(TileContext& tile);
  void read_is_inter(TileContext& tile, Block& block);
  void read_intra_modes(TileContext& tile, Block& block, uint8_t y_mode, PaletteParser& palette);
  void read_uv_mode(TileContext& tile, Block& block);
  void read_cfl_alphas(TileContext& tile, Block& block);
  void read_filter_intra(TileContext& tile, Block& block);

  bool read_deltas_ = false;          // ReadDeltas
  uint32_t current_q_index_ = 0;      // CurrentQIndex
  std::array<int8_t, 4> delta_lf_{};  // DeltaLF
  // AboveSegPredContext, starting with the tile's first column; LeftSegPredContext of a superblock.
  uint32_t mi_col_start_ = 0;
  std::vector<uint8_t> above_predicted_;
  std::array<uint8_t, 32> left_predicted_{};
};

}  // namespace daedalus::av1
