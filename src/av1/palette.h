// SPDX-License-Identifier: MIT
// Palettes of a tile: colours and their cache, and colour maps (5.11.46, 5.11.49, 5.11.50).
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "av1/block.h"
#include "av1/tile_context.h"

namespace daedalus::av1 {

class PaletteParser {
 public:
  // The tile's palettes go to `words`, a part of PictureJob::palettes that starts at index `first`.
  // If it is too small, the tile is marked as broken.
  void begin(std::span<uint32_t> words, uint32_t first);

  // palette_mode_info(). Sets palette_size in block.info.
  void read_modes(TileContext& tile, Block& block);
  // palette_tokens(). Also writes the palettes for the job.
  void read_tokens(TileContext& tile, Block& block);
  // Keeps the block's colours for the caches of later blocks to the right and below.
  void keep_colors(const Block& block);

  // The number of words used, and the way back to an earlier number.
  uint32_t word_count() const { return used_; }
  // The index of the end; 0 if there are no palettes.
  uint32_t end() const { return used_ == 0 ? 0 : first_ + used_; }
  void return_to(uint32_t word_count) { used_ = word_count; }

 private:
  using Colors = std::array<uint16_t, palette_colors>;

  void read_luma(TileContext& tile, Block& block);
  void read_chroma(TileContext& tile, Block& block);
  void read_v(TileContext& tile, uint32_t size);
  uint32_t merge_cache(const Block& block, uint32_t plane);
  uint32_t take_cached(TileContext& tile, const Block& block, uint32_t plane, uint32_t size);
  void read_ascending(TileContext& tile, uint32_t plane, uint32_t cached, uint32_t size);
  void read_map(TileContext& tile, uint32_t plane, uint32_t size);
  uint32_t write(TileContext& tile, const Block& block, uint32_t plane, uint32_t size);

  struct MapSize {
    uint32_t width, height, onscreen_width, onscreen_height;
  };
  static MapSize map_size(const TileContext& tile, const Block& block, uint32_t plane);

  std::array<Colors, 3> colors_;  // palette_colors_y, _u, _v of the block
  std::array<uint16_t, 16> cache_;
  // PaletteColors above and to the left, by column and row of a superblock, in units. They are not
  // used across rows of 64 samples.
  std::array<std::array<Colors, 32>, 2> above_{}, left_{};
  MapSize map_size_{};
  alignas(16) std::array<std::array<uint8_t, 64>, 64> map_;
  std::span<uint32_t> words_;
  uint32_t first_ = 0, used_ = 0;
};

}  // namespace daedalus::av1
