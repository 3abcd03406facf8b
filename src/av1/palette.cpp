// SPDX-License-Identifier: MIT
#include "av1/palette.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace daedalus::av1 {

namespace {

// CeilLog2(x)
uint32_t ceil_log2(uint32_t x) {
  return x < 2 ? 0 : static_cast<uint32_t>(std::bit_width(x - 1));
}

// The start of ColorOrder, and Palette_Color_Context[ColorContextHash], for a sample of the map, as
// in get_palette_color_context(). The available neighbours come first, ordered by score. All other
// colours follow in ascending order.
struct ColorContext {
  static constexpr uint8_t none = 0xff;

  uint32_t context = 0;
  uint32_t count = 0;  // of `order`
  std::array<uint8_t, 3> order = {none, none, none};

  uint8_t color(uint32_t index) const {
    if (index < count) return order[index];
    // Colour number index - count among the colours that are not in `order`.
    std::array<uint8_t, 3> sorted = order;
    if (sorted[0] > sorted[1]) std::swap(sorted[0], sorted[1]);
    if (sorted[1] > sorted[2]) std::swap(sorted[1], sorted[2]);
    if (sorted[0] > sorted[1]) std::swap(sorted[0], sorted[1]);
    uint32_t color = index - count;
    for (const uint8_t neighbour : sorted) color += neighbour <= color;
    return static_cast<uint8_t>(color);
  }
};

ColorContext edge_context(uint8_t neighbour) {
  return {.context = 0, .count = 1, .order = {neighbour, ColorContext::none, ColorContext::none}};
}

ColorContext inner_context(uint8_t left, uint8_t above_left, uint8_t above) {
  constexpr uint8_t none = ColorContext::none;
  if (left == above) {
    if (left == above_left) return {.context = 4, .count = 1, .order = {left, none, none}};
    return {.context = 3, .count = 2, .order = {left, above_left, none}};
  }
  if (left == above_left) return {.context = 2, .count = 2, .order = {left, above, none}};
  if (above == above_left) return {.context = 2, .count = 2, .order = {above, left, none}};
  return {.context = 1,
          .count = 3,
          .order = {std::min(left, above), std::max(left, above), above_left}};
}

template <uint32_t N>
uint32_t read_color_index(TileContext& tile, Cdf<N> (&cdfs)[5], uint32_t context) {
  return tile.decoder.symbol(cdfs[context]);
}

uint32_t read_color_index(TileContext& tile, uint32_t plane, uint32_t size, uint32_t context) {
  PaletteColorCdfs& cdfs = tile.cdfs.modes.palette_color[plane];
  switch (size) {
    case 2:
      return read_color_index(tile, cdfs.size_2, context);
    case 3:
      return read_color_index(tile, cdfs.size_3, context);
    case 4:
      return read_color_index(tile, cdfs.size_4, context);
    case 5:
      return read_color_index(tile, cdfs.size_5, context);
    case 6:
      return read_color_index(tile, cdfs.size_6, context);
    case 7:
      return read_color_index(tile, cdfs.size_7, context);
    default:
      return read_color_index(tile, cdfs.size_8, context);
  }
}

}  // namespace

void PaletteParser::begin(std::span<uint32_t> words, uint32_t first) {
  words_ = words;
  first_ = first;
  used_ = 0;
}

void PaletteParser::read_modes(TileContext& tile, Block& block) {
  if (block.info.y_mode == dc_pred) read_luma(tile, block);
  if (block.info.has_chroma && block.info.uv_mode == dc_pred) read_chroma(tile, block);
}

void PaletteParser::read_luma(TileContext& tile, Block& block) {
  ModeCdfs& cdfs = tile.cdfs.modes;
  const uint8_t block_size = block.info.size;
  const uint32_t size_context = block_width_log2[block_size] + block_height_log2[block_size] - 6u;
  const uint32_t context = (block.above && block.above->palette_size[0] > 0) +
                           (block.left && block.left->palette_size[0] > 0);
  if (!tile.decoder.boolean(cdfs.palette_y_mode[size_context][context])) return;
  const uint32_t size = tile.decoder.symbol(cdfs.palette_y_size[size_context]) + 2;
  block.info.palette_size[0] = static_cast<uint8_t>(size);
  const uint32_t cached = take_cached(tile, block, 0, size);
  read_ascending(tile, 0, cached, size);
}

void PaletteParser::read_chroma(TileContext& tile, Block& block) {
  ModeCdfs& cdfs = tile.cdfs.modes;
  const uint8_t block_size = block.info.size;
  const uint32_t size_context = block_width_log2[block_size] + block_height_log2[block_size] - 6u;
  if (!tile.decoder.boolean(cdfs.palette_uv_mode[block.info.palette_size[0] > 0])) return;
  const uint32_t size = tile.decoder.symbol(cdfs.palette_uv_size[size_context]) + 2;
  block.info.palette_size[1] = static_cast<uint8_t>(size);
  const uint32_t cached = take_cached(tile, block, 1, size);
  read_ascending(tile, 1, cached, size);
  read_v(tile, size);
}

// Reads which colours are taken from the cache. Returns their number.
uint32_t PaletteParser::take_cached(TileContext& tile, const Block& block, uint32_t plane,
                                    uint32_t size) {
  const uint32_t cache_size = merge_cache(block, plane);
  uint32_t taken = 0;
  for (uint32_t i = 0; i < cache_size && taken < size; ++i)
    if (tile.decoder.bit()) colors_[plane][taken++] = cache_[i];
  return taken;
}

// Reads the other colours in ascending order: the first, then differences. Sorts the merged
// palette.
void PaletteParser::read_ascending(TileContext& tile, uint32_t plane, uint32_t cached,
                                   uint32_t size) {
  Colors& colors = colors_[plane];
  SymbolDecoder& decoder = tile.decoder;
  const uint32_t bit_depth = tile.picture().bit_depth;
  const uint32_t maximum = (1u << bit_depth) - 1;
  const uint32_t least_difference = plane == 0 ? 1 : 0;
  uint32_t i = cached;
  if (i < size) colors[i++] = static_cast<uint16_t>(decoder.literal(bit_depth));
  uint32_t bits = i < size ? bit_depth - 3 + decoder.literal(2) : 0;
  for (; i < size; ++i) {
    const uint32_t difference = decoder.literal(bits) + least_difference;
    colors[i] = static_cast<uint16_t>(std::min(colors[i - 1] + difference, maximum));
    bits = std::min(bits, ceil_log2(maximum + 1 - colors[i] - least_difference));
  }
  std::sort(colors.begin(), colors.begin() + size);
}

void PaletteParser::read_v(TileContext& tile, uint32_t size) {
  Colors& colors = colors_[2];
  SymbolDecoder& decoder = tile.decoder;
  const uint32_t bit_depth = tile.picture().bit_depth;
  if (!decoder.bit()) {
    for (uint32_t i = 0; i < size; ++i)
      colors[i] = static_cast<uint16_t>(decoder.literal(bit_depth));
    return;
  }
  const uint32_t bits = bit_depth - 4 + decoder.literal(2);
  const uint32_t mask = (1u << bit_depth) - 1;
  colors[0] = static_cast<uint16_t>(decoder.literal(bit_depth));
  for (uint32_t i = 1; i < size; ++i) {
    uint32_t difference = decoder.literal(bits);
    if (difference != 0 && decoder.bit()) difference = 0 - difference;
    // Wraps at most once: a difference has fewer bits than a sample.
    colors[i] = static_cast<uint16_t>((colors[i - 1] + difference) & mask);
  }
}

// get_palette_cache(): the colours above and to the left without repetitions, in ascending order.
uint32_t PaletteParser::merge_cache(const Block& block, uint32_t plane) {
  const bool in_row_of_64 = block.mi_row % 16 != 0;
  const uint32_t above_size = in_row_of_64 && block.above ? block.above->palette_size[plane] : 0;
  const uint32_t left_size = block.left ? block.left->palette_size[plane] : 0;
  const Colors& above = above_[plane][block.mi_col % 32];
  const Colors& left = left_[plane][block.mi_row % 32];
  const auto end = std::merge(above.begin(), above.begin() + above_size, left.begin(),
                              left.begin() + left_size, cache_.begin());
  return static_cast<uint32_t>(std::unique(cache_.begin(), end) - cache_.begin());
}

void PaletteParser::keep_colors(const Block& block) {
  for (uint32_t plane = 0; plane < 2; ++plane) {
    if (block.info.palette_size[plane] == 0) continue;
    for (uint32_t x = 0; x < block.width; ++x)
      above_[plane][(block.mi_col + x) % 32] = colors_[plane];
    for (uint32_t y = 0; y < block.height; ++y)
      left_[plane][(block.mi_row + y) % 32] = colors_[plane];
  }
}

void PaletteParser::read_tokens(TileContext& tile, Block& block) {
  for (uint32_t plane = 0; plane < 2; ++plane) {
    const uint32_t size = block.info.palette_size[plane];
    if (size == 0) continue;
    map_size_ = map_size(tile, block, plane);
    read_map(tile, plane, size);
    (plane == 0 ? block.palette : block.palette_uv) = write(tile, block, plane, size);
  }
}

PaletteParser::MapSize PaletteParser::map_size(const TileContext& tile, const Block& block,
                                               uint32_t plane) {
  MapSize size{4 * block.width, 4 * block.height, 4 * (tile.frame->mi_cols - block.mi_col),
               4 * (tile.frame->mi_rows - block.mi_row)};
  size.onscreen_width = std::min(size.onscreen_width, size.width);
  size.onscreen_height = std::min(size.onscreen_height, size.height);
  if (plane == 0) return size;
  size = {size.width / 2, size.height / 2, size.onscreen_width / 2, size.onscreen_height / 2};
  // Chroma of 4x16 and 16x4 blocks covers two blocks.
  if (size.width < 4) size.width += 2, size.onscreen_width += 2;
  if (size.height < 4) size.height += 2, size.onscreen_height += 2;
  return size;
}

// Reads the map's onscreen part, in diagonals.
void PaletteParser::read_map(TileContext& tile, uint32_t plane, uint32_t size) {
  const uint32_t width = map_size_.onscreen_width, height = map_size_.onscreen_height;
  map_[0][0] = static_cast<uint8_t>(tile.decoder.non_symmetric(size));
  for (uint32_t i = 1; i < height + width - 1; ++i) {
    const uint32_t first = std::min(i, width - 1), last = i < height ? 0 : i - height + 1;
    for (uint32_t x = first + 1; x-- > last;) {
      const uint32_t y = i - x;
      const ColorContext context =
          y == 0   ? edge_context(map_[0][x - 1])
          : x == 0 ? edge_context(map_[y - 1][0])
                   : inner_context(map_[y][x - 1], map_[y - 1][x - 1], map_[y - 1][x]);
      map_[y][x] = context.color(read_color_index(tile, plane, size, context.context));
    }
  }
}

// Writes the palette and its map in the form of PictureJob::palettes, repeating the last onscreen
// column and row. Returns the index of its first word.
uint32_t PaletteParser::write(TileContext& tile, const Block& block, uint32_t plane,
                              uint32_t size) {
  const uint32_t row_words = std::max(map_size_.width / 8, 1u);
  const uint32_t count = palette_header_words + palette_colors + row_words * map_size_.height;
  if (words_.size() - used_ < count) {
    tile.broken = true;
    return first_;
  }
  const uint32_t index = first_ + used_;
  uint32_t* word = words_.data() + used_;
  used_ += count;
  const uint32_t shift = plane == 0 ? 0 : 1;
  *word++ = (block.mi_col >> shift) << transform_place::x_shift | (block.mi_row >> shift)
                                                                      << transform_place::y_shift;
  *word++ = row_words;
  for (uint32_t i = 0; i < palette_colors; ++i) {
    const uint32_t color =
        plane == 0 ? colors_[0][i] : colors_[1][i] | uint32_t{colors_[2][i]} << 16;
    *word++ = i < size ? color : 0;
  }
  for (uint32_t y = 0; y < map_size_.height; ++y) {
    const auto& row = map_[std::min(y, map_size_.onscreen_height - 1)];
    for (uint32_t x = 0; x < map_size_.width; x += 8) {
      uint32_t eight = 0;
      for (uint32_t i = 0; i < std::min(map_size_.width, 8u); ++i)
        eight |= uint32_t{row[std::min(x + i, map_size_.onscreen_width - 1)]} << (4 * i);
      *word++ = eight;
    }
  }
  return index;
}

}  // namespace daedalus::av1
