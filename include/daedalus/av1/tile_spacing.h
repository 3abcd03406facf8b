// SPDX-License-Identifier: MIT
// Where tiles begin, from what VA-API and V4L2 clients pass.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "daedalus/av1/picture.h"

namespace daedalus::av1 {

// 5.9.15, in superblocks: where uniformly spaced tiles begin. False if the count is impossible.
inline bool space_uniformly(uint32_t superblocks, uint32_t tiles, std::span<uint16_t> starts) {
  uint32_t log2 = 0;
  while ((1u << log2) < tiles) ++log2;
  // The bitstream has a logarithm that determines the count; several may give the same count.
  for (; log2 <= 6; ++log2) {
    const uint32_t size = (superblocks + (1u << log2) - 1) >> log2;
    if ((superblocks + size - 1) / size != tiles) continue;
    for (uint32_t i = 0; i < tiles; ++i) starts[i] = static_cast<uint16_t>(i * size);
    starts[tiles] = static_cast<uint16_t>(superblocks);
    return true;
  }
  return false;
}

// Tiles of the sizes that the client passed; the last one takes the rest.
template <typename Size>
bool space_as_told(uint32_t superblocks, uint32_t tiles, std::span<const Size> sizes_minus_1,
                   std::span<uint16_t> starts) {
  uint32_t next = 0;
  for (uint32_t i = 0; i < tiles; ++i) {
    if (next >= superblocks) return false;
    starts[i] = static_cast<uint16_t>(next);
    if (i + 1 < tiles) next += (uint32_t{sizes_minus_1[i]} & 0xffff) + 1;
  }
  starts[tiles] = static_cast<uint16_t>(superblocks);
  return true;
}

// Sets where a picture's tiles begin, from its counts and sizes; false if they do not cover the
// frame, or if there are too many.
template <typename Size>
bool set_tile_spacing(bool uniform, std::span<const Size> widths_minus_1,
                      std::span<const Size> heights_minus_1, PictureParameters& picture) {
  if (picture.tile_columns == 0 || picture.tile_columns > max_tile_columns ||
      picture.tile_rows == 0 || picture.tile_rows > max_tile_rows ||
      picture.context_update_tile_id >= picture.tile_columns * picture.tile_rows)
    return false;
  const uint32_t log2 = picture.superblock_log2();
  const uint32_t columns = (((picture.width() + 7) / 8 * 8 - 1) >> log2) + 1;
  const uint32_t rows = (((picture.height + 7) / 8 * 8 - 1) >> log2) + 1;
  if (uniform)
    return space_uniformly(columns, picture.tile_columns, picture.tile_column_starts) &&
           space_uniformly(rows, picture.tile_rows, picture.tile_row_starts);
  return space_as_told(columns, picture.tile_columns, widths_minus_1, picture.tile_column_starts) &&
         space_as_told(rows, picture.tile_rows, heights_minus_1, picture.tile_row_starts);
}

}  // namespace daedalus::av1
