// SPDX-License-Identifier: MIT
#include "av1/tile_parser.h"

#include <algorithm>
#include <array>

namespace daedalus::av1 {

namespace {

enum Partition : uint8_t {
  partition_none,
  partition_horz,
  partition_vert,
  partition_split,
  partition_horz_a,
  partition_horz_b,
  partition_vert_a,
  partition_vert_b,
  partition_horz_4,
  partition_vert_4
};

// Partition_Subsize[partition][size] for square sizes from 8x8 to 128x128. block_invalid marks
// combinations that the bitstream cannot code.
constexpr std::array<std::array<uint8_t, 5>, 10> partition_subsize = {{
    {block_8x8, block_16x16, block_32x32, block_64x64, block_128x128},
    {block_8x4, block_16x8, block_32x16, block_64x32, block_128x64},
    {block_4x8, block_8x16, block_16x32, block_32x64, block_64x128},
    {block_4x4, block_8x8, block_16x16, block_32x32, block_64x64},
    {block_invalid, block_16x8, block_32x16, block_64x32, block_128x64},
    {block_invalid, block_16x8, block_32x16, block_64x32, block_128x64},
    {block_invalid, block_8x16, block_16x32, block_32x64, block_64x128},
    {block_invalid, block_8x16, block_16x32, block_32x64, block_64x128},
    {block_invalid, block_16x4, block_32x8, block_64x16, block_invalid},
    {block_invalid, block_4x16, block_8x32, block_16x64, block_invalid},
}};

template <uint32_t N>
uint32_t probability(const Cdf<N>& cdf, uint32_t value) {
  return cdf.cumulative(value) - (value == 0 ? 0 : cdf.cumulative(value - 1));
}

// split_or_horz, split_or_vert: the probability of a split, out of 1 << 15.
template <uint32_t N>
uint32_t split_probability(const Cdf<N>& cdf, bool has_rows) {
  uint32_t sum = probability(cdf, partition_split) + probability(cdf, partition_horz_a) +
                 probability(cdf, partition_vert_a);
  sum += has_rows ? probability(cdf, partition_horz) + probability(cdf, partition_horz_b)
                  : probability(cdf, partition_vert) + probability(cdf, partition_vert_b);
  if constexpr (N > partition_vert_4)
    sum += probability(cdf, has_rows ? partition_horz_4 : partition_vert_4);
  return sum;
}

template <uint32_t width>
void fill_rows(uint32_t* row, uint32_t stride, uint32_t height, uint32_t index) {
  for (; height > 0; --height, row += stride)
    for (uint32_t i = 0; i < width; ++i) row[i] = index;
}

// Sets all of the block's units, including those beyond the frame: the grid has room for them.
void fill_grid(FrameContext& frame, const Block& block, uint32_t index) {
  const uint32_t stride = frame.grid_stride, height = block.height;
  uint32_t* const first = frame.grid.data() + std::size_t{block.mi_row} * stride + block.mi_col;
  switch (block.width) {
    case 1:
      return fill_rows<1>(first, stride, height, index);
    case 2:
      return fill_rows<2>(first, stride, height, index);
    case 4:
      return fill_rows<4>(first, stride, height, index);
    case 8:
      return fill_rows<8>(first, stride, height, index);
    case 16:
      return fill_rows<16>(first, stride, height, index);
    default:
      return fill_rows<32>(first, stride, height, index);
  }
}

}  // namespace

void TileParser::begin(FrameContext& frame, const CdfContext& cdfs, const Place& place,
                       uint32_t first_block, TileRecords& records, std::span<uint32_t> palettes,
                       uint32_t first_palette) {
  tile_.frame = &frame;
  tile_.cdfs = cdfs;
  tile_.mi_row_start = place.mi_row_start;
  tile_.mi_row_end = place.mi_row_end;
  tile_.mi_col_start = place.mi_col_start;
  tile_.mi_col_end = place.mi_col_end;
  tile_.first_block = first_block;
  tile_.next_block = first_block;
  tile_.broken = false;
  modes_.begin_tile(tile_);
  palette_.begin(palettes, first_palette);
  restoration_.begin();
  inter_.begin(tile_);
  records_ = &records;
  residual_.begin(tile_, records);
}

uint32_t TileParser::parse(std::span<const std::byte> bytes) {
  if (bytes.empty()) return tile_.mi_row_start;
  tile_.decoder = SymbolDecoder(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(),
                                !tile_.picture().disable_cdf_update);
  for (uint32_t row = tile_.mi_row_start; row < tile_.mi_row_end; row += superblock_units()) {
    const Mark before = mark();
    if (!parse_superblock_row(row)) {
      return_to(before);
      return row;
    }
  }
  return tile_.mi_row_end;
}

TileParser::Mark TileParser::mark() const {
  return {records_->mark(), tile_.next_block, palette_.word_count()};
}

void TileParser::return_to(const Mark& mark) {
  records_->return_to(mark.records);
  tile_.next_block = mark.next_block;
  palette_.return_to(mark.palette_words);
}

void TileParser::begin_superblock_row(uint32_t mi_row) {
  modes_.begin_row();
  inter_.begin_superblock_row(mi_row);
  residual_.begin_superblock_row(mi_row);
  const uint32_t end = std::min(mi_row + superblock_units(), tile_.mi_row_end);
  for (uint32_t row = mi_row; row < end; row += 16)
    for (uint32_t col = tile_.mi_col_start; col < tile_.mi_col_end; col += 16)
      tile_.frame->saved->clear_motion(row / 16, col / 16);
  if (!tile_.frame->previous_segment_ids) return;
  for (uint32_t row = mi_row; row < end; row += 16)
    tile_.frame->previous_segment_ids->wait_for_row(row / 16);
}

// Returns false if the tile is broken.
bool TileParser::parse_superblock_row(uint32_t mi_row) {
  begin_superblock_row(mi_row);
  for (uint32_t col = tile_.mi_col_start; col < tile_.mi_col_end; col += superblock_units()) {
    modes_.begin_superblock(tile_, mi_row, col);
    residual_.begin_superblock(mi_row, col);
    if (tile_.broken) return false;
    restoration_.read_superblock(tile_, mi_row, col);
    partition(mi_row, col, tile_.frame->sb_units_log2 + 2);
    if (tile_.broken || tile_.decoder.overran()) return false;
  }
  end_superblock_row(mi_row);
  return true;
}

void TileParser::end_superblock_row(uint32_t mi_row) {
  const uint32_t end = std::min(mi_row + superblock_units(), tile_.mi_row_end);
  copy_segment_ids(mi_row, end);
  for (uint32_t row = mi_row; row < end; row += 16) tile_.frame->saved->add_parsed(row / 16);
}

// Without an update, the segmentation map is carried over (7.4).
void TileParser::copy_segment_ids(uint32_t mi_row, uint32_t end) {
  const FrameContext& frame = *tile_.frame;
  if (!frame.previous_segment_ids || tile_.picture().segmentation.update_map) return;
  const auto& from = frame.previous_segment_ids->segment_ids;
  auto& to = frame.saved->segment_ids;
  for (uint32_t row = mi_row; row < end; ++row) {
    const std::size_t at = std::size_t{row} * frame.mi_cols + tile_.mi_col_start;
    std::copy_n(from.data() + at, tile_.mi_col_end - tile_.mi_col_start, to.data() + at);
  }
}

void TileParser::partition(uint32_t mi_row, uint32_t mi_col, uint32_t size_log2) {
  const FrameContext& frame = *tile_.frame;
  if (mi_row >= frame.mi_rows || mi_col >= frame.mi_cols) return;
  const uint32_t half = 1u << (size_log2 - 3), quarter = half / 2;
  const uint32_t split = partition_subsize[partition_split][size_log2 - 3];
  const uint32_t kind = read_partition(mi_row, mi_col, size_log2);
  const uint8_t size = partition_subsize[kind][size_log2 - 3];
  const uint32_t row_2 = mi_row + half, col_2 = mi_col + half;
  switch (kind) {
    case partition_none:
      return parse_block(mi_row, mi_col, size);
    case partition_horz:
      parse_block(mi_row, mi_col, size);
      if (row_2 < frame.mi_rows) parse_block(row_2, mi_col, size);
      return;
    case partition_vert:
      parse_block(mi_row, mi_col, size);
      if (col_2 < frame.mi_cols) parse_block(mi_row, col_2, size);
      return;
    case partition_split:
      for (uint32_t i = 0; i < 4; ++i) {
        const uint32_t row = i < 2 ? mi_row : row_2, col = (i & 1) == 0 ? mi_col : col_2;
        if (size_log2 > 3)
          partition(row, col, size_log2 - 1);
        else
          parse_block(row, col, block_4x4);
      }
      return;
    case partition_horz_a:
      parse_block(mi_row, mi_col, static_cast<uint8_t>(split));
      parse_block(mi_row, col_2, static_cast<uint8_t>(split));
      return parse_block(row_2, mi_col, size);
    case partition_horz_b:
      parse_block(mi_row, mi_col, size);
      parse_block(row_2, mi_col, static_cast<uint8_t>(split));
      return parse_block(row_2, col_2, static_cast<uint8_t>(split));
    case partition_vert_a:
      parse_block(mi_row, mi_col, static_cast<uint8_t>(split));
      parse_block(row_2, mi_col, static_cast<uint8_t>(split));
      return parse_block(mi_row, col_2, size);
    case partition_vert_b:
      parse_block(mi_row, mi_col, size);
      parse_block(mi_row, col_2, static_cast<uint8_t>(split));
      return parse_block(row_2, col_2, static_cast<uint8_t>(split));
    case partition_horz_4:
      for (uint32_t i = 0; i < 4; ++i)
        if (mi_row + i * quarter < frame.mi_rows) parse_block(mi_row + i * quarter, mi_col, size);
      return;
    default:
      for (uint32_t i = 0; i < 4; ++i)
        if (mi_col + i * quarter < frame.mi_cols) parse_block(mi_row, mi_col + i * quarter, size);
  }
}

uint32_t TileParser::partition_context(uint32_t mi_row, uint32_t mi_col, uint32_t size_log2) const {
  const FrameContext& frame = *tile_.frame;
  const bool above = mi_row > tile_.mi_row_start &&
                     block_width_log2[frame.info(mi_row - 1, mi_col).size] < size_log2;
  const bool left = mi_col > tile_.mi_col_start &&
                    block_height_log2[frame.info(mi_row, mi_col - 1).size] < size_log2;
  return left * 2u + above;
}

uint32_t TileParser::read_partition(uint32_t mi_row, uint32_t mi_col, uint32_t size_log2) {
  const FrameContext& frame = *tile_.frame;
  const uint32_t half = 1u << (size_log2 - 3);
  const bool has_rows = mi_row + half < frame.mi_rows, has_cols = mi_col + half < frame.mi_cols;
  if (!has_rows && !has_cols) return partition_split;
  ModeCdfs& cdfs = tile_.cdfs.modes;
  const uint32_t context = partition_context(mi_row, mi_col, size_log2);
  // MiRows and MiCols are even, so an 8x8 block is always whole.
  if (size_log2 == 3) return tile_.decoder.symbol(cdfs.partition_w8[context]);
  const auto read = [&](auto& cdf) -> uint32_t {
    if (has_rows && has_cols) return tile_.decoder.symbol(cdf);
    if (tile_.decoder.fixed(split_probability(cdf, has_rows))) return partition_split;
    return has_rows ? partition_vert : partition_horz;
  };
  switch (size_log2) {
    case 4:
      return read(cdfs.partition_w16[context]);
    case 5:
      return read(cdfs.partition_w32[context]);
    case 6:
      return read(cdfs.partition_w64[context]);
    default:
      return read(cdfs.partition_w128[context]);
  }
}

// decode_block() up to mode_info().
Block TileParser::block_at(uint32_t mi_row, uint32_t mi_col, uint8_t size) const {
  const FrameContext& frame = *tile_.frame;
  Block block;
  block.info.mi_row = static_cast<uint16_t>(mi_row);
  block.info.mi_col = static_cast<uint16_t>(mi_col);
  block.info.size = size;
  block.mi_row = mi_row;
  block.mi_col = mi_col;
  block.width = units_wide(size);
  block.height = units_high(size);
  block.avail_u = mi_row > tile_.mi_row_start;
  block.avail_l = mi_col > tile_.mi_col_start;
  block.above = block.avail_u ? &frame.info(mi_row - 1, mi_col) : nullptr;
  block.left = block.avail_l ? &frame.info(mi_row, mi_col - 1) : nullptr;
  // Blocks that are 4 samples wide (high) share chroma in pairs; the second one carries it.
  const bool pair_wide = block.width == 1, pair_high = block.height == 1;
  block.info.has_chroma = !tile_.picture().monochrome && (!pair_high || (mi_row & 1) != 0) &&
                          (!pair_wide || (mi_col & 1) != 0);
  block.avail_u_chroma = block.info.has_chroma && mi_row - pair_high > tile_.mi_row_start;
  block.avail_l_chroma = block.info.has_chroma && mi_col - pair_wide > tile_.mi_col_start;
  return block;
}

void TileParser::parse_block(uint32_t mi_row, uint32_t mi_col, uint8_t size) {
  Block block = block_at(mi_row, mi_col, size);
  if (tile_.picture().intra()) {
    modes_.read_intra_frame(tile_, block, palette_);
    if (block.info.use_intrabc) inter_.intrabc_block(block);
  } else {
    modes_.read_inter_frame(tile_, block, palette_);
    if (block.info.is_inter) inter_.inter_block(block);
  }
  if (block.info.palette_size[0] != 0 || block.info.palette_size[1] != 0) {
    palette_.read_tokens(tile_, block);
    palette_.keep_colors(block);
  }
  residual_.read_block_tx_size(block);
  place(block);
  residual_.residual(block);
}

// Adds the block to the frame's grid.
void TileParser::place(const Block& block) {
  FrameContext& frame = *tile_.frame;
  const uint32_t index = tile_.next_block++;
  frame.blocks[index] = block.info;
  fill_grid(frame, block, index);
  if (!tile_.picture().intra()) save_motion(frame, block.info, *frame.saved);
  keep_segment_id(block);
}

void TileParser::keep_segment_id(const Block& block) {
  const FrameContext& frame = *tile_.frame;
  auto& ids = frame.saved->segment_ids;
  if (ids.empty() || !tile_.picture().segmentation.update_map) return;
  const uint32_t width = std::min(block.width, frame.mi_cols - block.mi_col);
  const uint32_t height = std::min(block.height, frame.mi_rows - block.mi_row);
  for (uint32_t y = 0; y < height; ++y)
    std::fill_n(ids.data() + std::size_t{block.mi_row + y} * frame.mi_cols + block.mi_col, width,
                block.info.segment_id);
}

void TileParser::conceal(uint32_t mi_row, RefFrame reference) {
  tile_.broken = false;
  tile_.decoder = SymbolDecoder(nullptr, 0, false);
  for (uint32_t row = mi_row; row < tile_.mi_row_end; row += superblock_units()) {
    begin_superblock_row(row);
    for (uint32_t col = tile_.mi_col_start; col < tile_.mi_col_end; col += superblock_units()) {
      modes_.begin_superblock(tile_, row, col);
      residual_.begin_superblock(row, col);
      conceal_partition(row, col, tile_.frame->sb_units_log2 + 2, reference);
    }
    end_superblock_row(row);
  }
}

// Uses only partitions that a valid stream could contain.
void TileParser::conceal_partition(uint32_t mi_row, uint32_t mi_col, uint32_t size_log2,
                                   RefFrame reference) {
  const FrameContext& frame = *tile_.frame;
  if (mi_row >= frame.mi_rows || mi_col >= frame.mi_cols) return;
  const uint32_t half = 1u << (size_log2 - 3);
  const uint8_t size = partition_subsize[partition_none][size_log2 - 3];
  if (mi_row + half < frame.mi_rows && mi_col + half < frame.mi_cols)
    return conceal_block(mi_row, mi_col, size, reference);
  for (uint32_t i = 0; i < 4; ++i)
    conceal_partition(mi_row + (i < 2 ? 0 : half), mi_col + ((i & 1) == 0 ? 0 : half),
                      size_log2 - 1, reference);
}

void TileParser::conceal_block(uint32_t mi_row, uint32_t mi_col, uint8_t size, RefFrame reference) {
  Block block = block_at(mi_row, mi_col, size);
  block.info.skip = true;
  if (reference != intra_frame) {
    block.info.is_inter = true;
    block.info.y_mode = globalmv;
    block.info.ref_frame = {reference, no_ref};
  }
  modes_.set_quantizer(tile_, block);
  block.lossless = tile_.frame->lossless[0];
  residual_.set_largest_tx_size(block);
  place(block);
  residual_.residual(block);
}

}  // namespace daedalus::av1
