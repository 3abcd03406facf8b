// SPDX-License-Identifier: MIT
#include "av1/residual_parser.h"

#include <algorithm>
#include <bit>

#include "av1/quantizer_tables.h"

namespace daedalus::av1 {

namespace {

constexpr TxSize tx_size_at(uint8_t number) {
  return static_cast<TxSize>(number);
}
constexpr uint8_t number_of(TxSize size) {
  return static_cast<uint8_t>(size);
}

// get_qindex(1, segment_id)
uint32_t quantizer_index(const FrameContext& frame, uint32_t segment) {
  const int32_t base = frame.picture->base_q_idx;
  if (!frame.feature_enabled(segment, seg_lvl_alt_q)) return base;
  return std::clamp(base + frame.feature_data(segment, seg_lvl_alt_q), 0, 255);
}

}  // namespace

// ---- Where a tile, a row of superblocks and a superblock begin ----

void ResidualParser::begin(TileContext& tile, TileRecords& records) {
  tile_ = &tile;
  records_ = &records;
  const FrameContext& frame = *tile.frame;
  const uint32_t width = tile.mi_col_end - tile.mi_col_start;
  const uint32_t height = tile.mi_row_end - tile.mi_row_start;
  constexpr uint32_t beyond = 32;  // blocks may extend beyond the tile
  above_tx_width_.assign(width + beyond, 64);
  for (auto& contexts : above_contexts_) contexts.assign(width + beyond, 0);
  for (uint32_t plane = 0; plane < 2; ++plane)
    levels_[plane].begin(width >> plane, height >> plane);
  for (uint32_t segment = 0; segment < max_segments; ++segment)
    explicit_type_[segment] = quantizer_index(frame, segment) != 0;
  dequantizer_key_ = ~0u;
}

void ResidualParser::begin_superblock_row(uint32_t mi_row) {
  for (auto& contexts : left_contexts_) contexts.fill(0);
  const uint32_t units = 1u << tile_->frame->sb_units_log2;
  for (uint32_t plane = 0; plane < 2; ++plane)
    levels_[plane].clear_rows((mi_row - tile_->mi_row_start) >> plane, units >> plane);
}

// clear_block_decoded_flags()
void ResidualParser::begin_superblock(uint32_t mi_row, uint32_t mi_col) {
  const uint32_t units = 1u << tile_->frame->sb_units_log2;
  for (uint32_t plane = 0; plane < 2; ++plane) {
    const uint32_t size = units >> plane;
    const uint32_t width = std::min((tile_->mi_col_end - mi_col) >> plane, size + 1);
    const uint32_t height = (tile_->mi_row_end - mi_row) >> plane;
    auto& rows = decoded_[plane].rows;
    rows[0] = (uint64_t{2} << width) - 1;  // columns -1 to width - 1
    for (uint32_t y = 0; y < size; ++y) rows[y + 1] = y < height ? 1 : 0;
    rows[size + 1] = 0;
  }
  noted_decoded_count_ = 0;
  if (!records_->has_room(tile_->frame->sb_units_log2 + 2)) tile_->broken = true;
}

void ResidualParser::DecodedFlags::set(uint32_t row, uint32_t column, uint32_t width,
                                       uint32_t height) {
  const uint64_t bits = ((uint64_t{1} << width) - 1) << (column + 1);
  for (uint32_t y = row; y < row + height; ++y) rows[y + 1] |= bits;
}

// ---- Transform sizes ----

void ResidualParser::read_block_tx_size(Block& block) {
  const BlockInfo& info = block.info;
  const bool varies = tile_->picture().tx_mode == tx_mode_select && info.size > block_4x4 &&
                      info.is_inter && !info.skip && !block.lossless;
  if (varies) {
    const TxSize most = max_tx_size(info.size);
    tx_sizes_read_ = 0;
    for (uint32_t row = 0; row < block.height; row += units_high(most))
      for (uint32_t col = 0; col < block.width; col += units_wide(most))
        read_var_tx_size(block, block.mi_row + row, block.mi_col + col, most, 0);
    block.tx_sizes_differ = !std::has_single_bit(tx_sizes_read_);
  } else {
    TxSize size = block.lossless ? TxSize::tx_4x4 : max_tx_size(info.size);
    const bool may_select = !info.skip || !info.is_inter;
    if (!block.lossless && info.size > block_4x4 && may_select &&
        tile_->picture().tx_mode == tx_mode_select)
      size = read_tx_depth(block);
    keep_block_tx_size(block, size);
    block.tx_size = number_of(size);
  }
  block.info.tx_size = block.tx_size;
}

void ResidualParser::set_largest_tx_size(Block& block) {
  const TxSize size = block.lossless ? TxSize::tx_4x4 : max_tx_size(block.info.size);
  keep_block_tx_size(block, size);
  block.tx_size = block.info.tx_size = number_of(size);
}

void ResidualParser::read_var_tx_size(Block& block, uint32_t row, uint32_t col, TxSize size,
                                      uint32_t depth) {
  constexpr uint32_t max_depth = 2;  // MAX_VARTX_DEPTH
  const FrameContext& frame = *tile_->frame;
  if (row >= frame.mi_rows || col >= frame.mi_cols) return;
  const uint32_t width = units_wide(size), height = units_high(size);
  if (size != TxSize::tx_4x4 && depth < max_depth && read_txfm_split(block, row, col, size)) {
    const TxSize part = split_tx_size(size);
    for (uint32_t y = 0; y < height; y += units_high(part))
      for (uint32_t x = 0; x < width; x += units_wide(part))
        read_var_tx_size(block, row + y, col + x, part, depth + 1);
    return;
  }
  keep_tx_size(row, col, size);
  inter_tx_sizes_[row & 31][col & 31] = number_of(size);
  tx_sizes_read_ |= 1u << number_of(size);
  block.tx_size = number_of(size);
}

bool ResidualParser::read_txfm_split(const Block& block, uint32_t row, uint32_t col, TxSize size) {
  const uint32_t above_width =
      row == block.mi_row && !block.avail_u ? 64 : above_tx_width_[col - tile_->mi_col_start];
  const uint32_t left_height =
      col == block.mi_col && !block.avail_l ? 64 : left_tx_height_[row & 31];
  const uint32_t above = above_width < 4 * units_wide(size);
  const uint32_t left = left_height < 4 * units_high(size);
  const uint32_t longest = std::min<uint32_t>(
      std::max(block_width_log2[block.info.size], block_height_log2[block.info.size]), 6);
  const uint32_t most = longest - 2;  // TX_ size of a square
  const uint32_t context = (tx_size_sqr_up(size) != most ? 3 : 0) + (4 - most) * 6 + above + left;
  return tile_->decoder.boolean(tile_->cdfs.modes.txfm_split[context]);
}

TxSize ResidualParser::read_tx_depth(const Block& block) {
  TxSize size = max_tx_size(block.info.size);
  const auto side = [](const BlockInfo* neighbour, const auto& log2, uint32_t tx_side) {
    if (!neighbour) return 0u;
    return neighbour->is_inter ? 1u << log2[neighbour->size] : tx_side;
  };
  const uint32_t above =
      side(block.above, block_width_log2, above_tx_width_[block.mi_col - tile_->mi_col_start]);
  const uint32_t left = side(block.left, block_height_log2, left_tx_height_[block.mi_row & 31]);
  const uint32_t context = (above >= 4 * units_wide(size)) + (left >= 4 * units_high(size));
  ModeCdfs& cdfs = tile_->cdfs.modes;
  uint32_t depth;
  switch (max_tx_depth[block.info.size]) {
    case 4:
      depth = tile_->decoder.symbol(cdfs.tx_64x64[context]);
      break;
    case 3:
      depth = tile_->decoder.symbol(cdfs.tx_32x32[context]);
      break;
    case 2:
      depth = tile_->decoder.symbol(cdfs.tx_16x16[context]);
      break;
    default:
      depth = tile_->decoder.symbol(cdfs.tx_8x8[context]);
      break;
  }
  for (; depth > 0; --depth) size = split_tx_size(size);
  return size;
}

void ResidualParser::keep_tx_size(uint32_t row, uint32_t col, TxSize size) {
  const uint32_t width = units_wide(size), height = units_high(size);
  fill_units(above_tx_width_.data() + (col - tile_->mi_col_start), width,
             static_cast<uint8_t>(4 * width));
  fill_units(left_tx_height_.data() + (row & 31), height, static_cast<uint8_t>(4 * height));
}

// Blocks without a residual count as one transform block of the block's size.
void ResidualParser::keep_block_tx_size(const Block& block, TxSize size) {
  const bool whole = block.info.skip && block.info.is_inter;
  const uint32_t width = 4 * (whole ? block.width : units_wide(size));
  const uint32_t height = 4 * (whole ? block.height : units_high(size));
  fill_units(above_tx_width_.data() + (block.mi_col - tile_->mi_col_start), block.width,
             static_cast<uint8_t>(width));
  fill_units(left_tx_height_.data() + (block.mi_row & 31), block.height,
             static_cast<uint8_t>(height));
  if (!block.info.is_inter || block.info.skip || block.lossless) return;
  for (uint32_t y = 0; y < block.height; y += units_high(size))
    for (uint32_t x = 0; x < block.width; x += units_wide(size))
      inter_tx_sizes_[(block.mi_row + y) & 31][(block.mi_col + x) & 31] = number_of(size);
}

// ---- A block ----

void ResidualParser::residual(const Block& block) {
  const BlockInfo& info = block.info;
  const bool kept = info.use_intrabc || info.is_inter_intra;
  add_block(block);
  if (info.skip)
    reset_contexts(block);
  else
    set_dequantizers(block);
  if (info.is_inter && !info.use_intrabc) add_predictions(*tile_, block, records_->predictions);
  if (!info.is_inter) return intra_residual(block);
  if (kept)
    kept_residual(block);
  else if (!info.skip)
    inter_residual(block);
  set_block_decoded(block);
}

void ResidualParser::add_block(const Block& block) {
  const BlockInfo& info = block.info;
  const uint32_t size = block.tx_sizes_differ ? block_filter::no_tx_size : uint32_t{block.tx_size};
  BlockRecord record;
  record.place = block.mi_col << block_place::x_shift | block.mi_row << block_place::y_shift |
                 uint32_t{info.size} << block_place::size_shift |
                 (info.skip ? block_place::skip : 0) |
                 (info.ref_frame[0] > intra_frame ? block_place::is_inter : 0) |
                 (info.has_chroma ? block_place::has_chroma : 0);
  record.filter = filter_levels(block) | size << block_filter::tx_size_shift |
                  (block.lossless ? block_is_lossless : 0);
  records_->blocks.add(record);
  if (!block.tx_sizes_differ) return;
  const uint32_t index = records_->blocks.size() - 1;
  const TxSize most = max_tx_size(info.size);
  for (uint32_t row = 0; row < block.height; row += units_high(most))
    for (uint32_t col = 0; col < block.width; col += units_wide(most))
      walk_tree(block.mi_col + col, block.mi_row + row, width_log2_of(most), height_log2_of(most),
                [&](const Area& area, TxSize part) {
                  records_->tx_splits.add(
                      {area.x << transform_place::x_shift | area.y << transform_place::y_shift |
                           static_cast<uint32_t>(part) << transform_place::size_shift,
                       index});
                });
}

// 7.14.4
uint32_t ResidualParser::filter_levels(const Block& block) const {
  const FrameContext& frame = *tile_->frame;
  const PictureParameters& picture = tile_->picture();
  if (picture.loop_filter_level[0] == 0 && picture.loop_filter_level[1] == 0) return 0;
  const BlockInfo& info = block.info;
  const bool mode_type =
      info.y_mode >= nearestmv && info.y_mode != globalmv && info.y_mode != global_globalmv;
  const auto clip = [](int32_t level) { return std::clamp(level, 0, 63); };
  uint32_t levels = 0;
  for (uint32_t i = 0; i < 4; ++i) {
    const int32_t delta = block.delta_lf[picture.delta_lf_multi ? i : 0];
    int32_t level = clip(delta + picture.loop_filter_level[i]);
    const auto feature = static_cast<SegmentFeature>(seg_lvl_alt_lf_y_v + i);
    if (frame.feature_enabled(info.segment_id, feature))
      level = clip(level + frame.feature_data(info.segment_id, feature));
    if (picture.loop_filter_delta_enabled) {
      const int32_t factor = 1 << (level >> 5);
      level += picture.loop_filter_ref_deltas[info.ref_frame[0]] * factor;
      if (info.ref_frame[0] != intra_frame)
        level += picture.loop_filter_mode_deltas[mode_type] * factor;
      level = clip(level);
    }
    levels |= static_cast<uint32_t>(level) << block_filter::level_shift[i];
  }
  return levels;
}

// get_dc_quant() and get_ac_quant()
void ResidualParser::set_dequantizers(const Block& block) {
  const uint32_t key = block.qidx | uint32_t{block.info.segment_id} << 8;
  if (key == dequantizer_key_) return;
  dequantizer_key_ = key;
  const PictureParameters& picture = tile_->picture();
  const auto qidx = static_cast<int32_t>(block.qidx);
  const std::array<int32_t, 3> dc = {picture.delta_q_y_dc, picture.delta_q_u_dc,
                                     picture.delta_q_v_dc};
  const std::array<int32_t, 3> ac = {0, picture.delta_q_u_ac, picture.delta_q_v_ac};
  for (uint32_t plane = 0; plane < 3; ++plane) {
    const uint32_t level = tile_->frame->qm_level[block.info.segment_id][plane];
    dequantizers_[plane] = {
        dc_q(picture.bit_depth, qidx + dc[plane]), ac_q(picture.bit_depth, qidx + ac[plane]),
        picture.using_qmatrix && level < 15 ? quantizer_matrices[level][plane > 0] : nullptr,
        picture.bit_depth};
  }
}

// reset_block_context()
void ResidualParser::reset_contexts(const Block& block) {
  for (uint32_t plane = 0; plane < (block.info.has_chroma ? 3 : 1); ++plane)
    set_contexts(block_area(block, plane), 0);
}

ResidualParser::Area ResidualParser::block_area(const Block& block, uint32_t plane) const {
  const uint32_t shift = plane == 0 ? 0 : 1;
  return {plane, block.mi_col >> shift, block.mi_row >> shift, std::max(block.width >> shift, 1u),
          std::max(block.height >> shift, 1u)};
}

// ---- Walking a block's transform blocks ----

// Visits the block's 64x64 chunks: `visit` gets the units of a chunk's first row and column.
template <typename Visit>
void ResidualParser::for_each_chunk(const Block& block, Visit&& visit) {
  for (uint32_t row = 0; row < block.height; row += 16)
    for (uint32_t col = 0; col < block.width; col += 16) visit(row, col);
}

// Visits a plane's transform blocks in a chunk, in decoding order; only those that begin inside the
// frame.
template <typename Visit>
void ResidualParser::for_each_transform(const Block& block, uint32_t plane, uint32_t chunk_row,
                                        uint32_t chunk_col, Visit&& visit) {
  const uint32_t shift = plane == 0 ? 0 : 1;
  const FrameContext& frame = *tile_->frame;
  const uint32_t width = std::max(std::min(block.width, 16u) >> shift, 1u);
  const uint32_t height = std::max(std::min(block.height, 16u) >> shift, 1u);
  const uint32_t x0 = (block.mi_col >> shift) + (chunk_col >> shift);
  const uint32_t y0 = (block.mi_row >> shift) + (chunk_row >> shift);
  if (block.info.is_inter && !block.lossless && plane == 0) {
    const auto log2 = [](uint32_t units) {
      return static_cast<uint32_t>(std::bit_width(units)) + 1;
    };
    return walk_tree(x0, y0, log2(width), log2(height), visit);
  }
  const TxSize size = block.lossless ? TxSize::tx_4x4
                      : plane == 0   ? tx_size_at(block.tx_size)
                                     : chroma_tx_size(block.info.size);
  const uint32_t step_x = units_wide(size), step_y = units_high(size);
  for (uint32_t y = y0; y < y0 + height; y += step_y)
    for (uint32_t x = x0; x < x0 + width; x += step_x)
      if (x < frame.mi_cols >> shift && y < frame.mi_rows >> shift)
        visit(Area{plane, x, y, step_x, step_y}, size);
}

// transform_tree()
template <typename Visit>
void ResidualParser::walk_tree(uint32_t x, uint32_t y, uint32_t width_log2, uint32_t height_log2,
                               Visit&& visit) {
  const FrameContext& frame = *tile_->frame;
  if (x >= frame.mi_cols || y >= frame.mi_rows) return;
  const TxSize size = tx_size_at(inter_tx_sizes_[y & 31][x & 31]);
  if (width_log2 <= width_log2_of(size) && height_log2 <= height_log2_of(size)) {
    const TxSize found = find_tx_size(width_log2, height_log2);
    return visit(Area{0, x, y, units_wide(found), units_high(found)}, found);
  }
  const bool split_x = width_log2 >= height_log2, split_y = height_log2 >= width_log2;
  const uint32_t width = width_log2 - split_x, height = height_log2 - split_y;
  for (uint32_t j = 0; j <= (split_y ? 1u : 0u); ++j)
    for (uint32_t i = 0; i <= (split_x ? 1u : 0u); ++i)
      walk_tree(x + (i << (width - 2)), y + (j << (height - 2)), width, height, visit);
}

void ResidualParser::inter_residual(const Block& block) {
  for_each_chunk(block, [&](uint32_t row, uint32_t col) {
    for_each_transform(block, 0, row, col, [&](const Area& area, TxSize size) {
      const Coded coded = parse_transform(block, area, size);
      if (coded.count != 0) add_transform(area, size, false, coded, {});
    });
    if (!block.info.has_chroma) return;
    parsed_.clear();
    parse_chroma(block, row, col);
    for (const Parsed& parsed : parsed_)
      if (parsed.any()) add_transform(parsed.area, parsed.size, false, parsed.coded, parsed.cr);
  });
}

// Adds a chunk's transform blocks of Cb and Cr to `parsed_`: both in one element, all of Cb parsed
// first.
void ResidualParser::parse_chroma(const Block& block, uint32_t row, uint32_t col) {
  std::size_t index = parsed_.size();
  for_each_transform(block, 1, row, col, [&](const Area& area, TxSize size) {
    Parsed& parsed = parsed_.emplace_back();
    parsed.area = area;
    parsed.size = size;
    parsed.coded = parse_transform(block, area, size);
  });
  for (const std::size_t end = parsed_.size(); index < end; ++index) {
    Area area = parsed_[index].area;
    area.plane = 2;
    parsed_[index].cr = parse_transform(block, area, parsed_[index].size);
  }
}

// For blocks that the intra stage predicts as a whole before it adds all of their residual: if any
// transform block of luma (chroma) is coded, all of luma's (chroma's) get records.
void ResidualParser::kept_residual(const Block& block) {
  const uint32_t lists = block.info.has_chroma ? 2 : 1;
  std::array<uint32_t, 2> coded{};  // bits of intra_mode::coded_shift
  set_noted_decoded();
  parsed_.clear();
  if (!block.info.skip) {
    for_each_chunk(block, [&](uint32_t row, uint32_t col) {
      for_each_transform(block, 0, row, col, [&](const Area& area, TxSize size) {
        parsed_.push_back({area, size, parse_transform(block, area, size), {}});
      });
      if (lists == 2) parse_chroma(block, row, col);
    });
  }
  for (const Parsed& parsed : parsed_) {
    const bool of_chroma = parsed.area.plane != 0;
    coded[of_chroma] |= (parsed.coded.count != 0 ? 1u : 0u) | (parsed.cr.count != 0 ? 2u : 0u);
  }
  for (const Parsed& parsed : parsed_)
    if (coded[parsed.area.plane != 0] != 0)
      add_transform(parsed.area, parsed.size, true, parsed.coded, parsed.cr);
  for (uint32_t list = 0; list < lists; ++list) {
    const Area area = block_area(block, list);
    add_intra(block, area, TxSize::tx_4x4, available(block, area, true, true));
    records_->intra[list].records().back().record.mode |= coded[list] << intra_mode::coded_shift;
  }
}

void ResidualParser::intra_residual(const Block& block) {
  set_noted_decoded();
  const bool coded = !block.info.skip;
  for_each_chunk(block, [&](uint32_t row, uint32_t col) {
    for_each_transform(block, 0, row, col, [&](const Area& area, TxSize size) {
      add_intra(block, area, size,
                available(block, area, area.x == block.mi_col, area.y == block.mi_row));
      max_luma_x_ = area.x + area.width;
      max_luma_y_ = area.y + area.height;
      set_decoded(area);
      if (!coded) return;
      const Coded found = parse_transform(block, area, size);
      if (found.count == 0) return;
      add_transform(area, size, true, found, {});
      records_->intra[0].records().back().record.mode |= 1u << intra_mode::coded_shift;
    });
    if (block.info.has_chroma) intra_chroma(block, row, col);
  });
}

void ResidualParser::intra_chroma(const Block& block, uint32_t row, uint32_t col) {
  uint32_t index = records_->intra[1].size();
  for_each_transform(block, 1, row, col, [&](const Area& area, TxSize size) {
    add_intra(block, area, size,
              available(block, area, area.x == block.mi_col >> 1, area.y == block.mi_row >> 1));
    set_decoded(area);
  });
  if (block.info.skip) return;
  parsed_.clear();
  parse_chroma(block, row, col);
  for (const Parsed& parsed : parsed_) {
    uint32_t& mode = records_->intra[1].records()[index++].record.mode;
    if (!parsed.any()) continue;
    mode |= ((parsed.coded.count != 0 ? 1u : 0u) | (parsed.cr.count != 0 ? 2u : 0u))
            << intra_mode::coded_shift;
    add_transform(parsed.area, parsed.size, true, parsed.coded, parsed.cr);
  }
}

// ---- A transform block ----

// coeffs()
ResidualParser::Coded ResidualParser::parse_transform(const Block& block, const Area& area,
                                                      TxSize size) {
  CoefficientCdfs& cdfs = tile_->cdfs.coefficients;
  const uint32_t size_context = (tx_size_sqr(size) + tx_size_sqr_up(size) + 1) >> 1;
  // A chroma block of an inter block takes the type of the luma block at its top left corner.
  uint8_t& kept_type = tx_types_[area.y & 31][area.x & 31];
  const EdgeContexts edges = edge_contexts(area);
  if (tile_->decoder.boolean(cdfs.txb_skip[size_context][all_zero_context(block, area, edges)])) {
    if (area.plane == 0) kept_type = static_cast<uint8_t>(TxType::dct_dct);
    set_contexts(area, 0);
    return {};
  }
  TxType type;
  if (area.plane == 0) {
    type = read_tx_type(block, area, size);
    kept_type = static_cast<uint8_t>(type);
  } else {
    type = chroma_tx_type(block, area, size);
  }
  const CodedBlock coded = {size, type, area.plane != 0, dc_sign_context(edges)};
  const Coefficients found = coefficients_.parse(
      tile_->decoder, cdfs, coded, dequantizers_[area.plane], records_->coefficients());
  tile_->broken |= found.broken;
  set_contexts(area, found.context);
  const uint32_t first = records_->coefficient_index();
  records_->take_coefficients(found.count);
  return {first, found.count, block.lossless ? TxType::wht : type};
}

// `coded` is luma's or Cb's.
void ResidualParser::add_transform(const Area& area, TxSize size, bool kept, const Coded& coded,
                                   const Coded& cr) {
  const bool of_chroma = area.plane != 0;
  const TxType type = coded.count != 0 ? coded.type : cr.type;
  records_->transforms[of_chroma][number_of(size)].add(
      {area.x << transform_place::x_shift | area.y << transform_place::y_shift |
           static_cast<uint32_t>(size) << transform_place::size_shift |
           (of_chroma ? transform_place::of_chroma : 0) | (kept ? transform_place::kept : 0),
       coded.first, transform_shape(coded.count, cr.count, type), cr.first});
}

// The contexts of the units above that are inside the frame, and of the units to the left.
ResidualParser::EdgeContexts ResidualParser::edge_contexts(const Area& area) const {
  const uint32_t shift = this->shift(area);
  const uint32_t width = std::min(area.width, (tile_->frame->mi_cols >> shift) - area.x);
  const uint32_t height = std::min(area.height, (tile_->frame->mi_rows >> shift) - area.y);
  return {UnitBits(above_contexts_[area.plane].data() + tile_x(area), width),
          UnitBits(left_contexts_[area.plane].data() + (area.y & (31 >> shift)), height)};
}

// The context of all_zero (8.3.2).
uint32_t ResidualParser::all_zero_context(const Block& block, const Area& area,
                                          const EdgeContexts& edges) const {
  const Area whole = block_area(block, area.plane);
  if (area.plane != 0) {
    return 7 + uint32_t{edges.above.any(0xff)} + uint32_t{edges.left.any(0xff)} +
           (whole.width * whole.height > area.width * area.height ? 3 : 0);
  }
  if (whole.width == area.width && whole.height == area.height) return 0;
  // 0: all levels are 0; 1: none is above 3; 2: one is.
  const auto magnitude = [](const UnitBits& edge) {
    return uint32_t{edge.any(63)} + uint32_t{edge.any(63 & ~3)};
  };
  constexpr uint8_t contexts[3][3] = {{1, 2, 3}, {2, 4, 5}, {3, 5, 6}};
  return contexts[magnitude(edges.above)][magnitude(edges.left)];
}

uint32_t ResidualParser::dc_sign_context(const EdgeContexts& edges) {
  const uint32_t negative = edges.above.count(6) + edges.left.count(6);
  const uint32_t positive = edges.above.count(7) + edges.left.count(7);
  return negative > positive ? 1 : negative < positive ? 2 : 0;
}

void ResidualParser::set_contexts(const Area& area, uint8_t context) {
  fill_units(above_contexts_[area.plane].data() + tile_x(area), area.width, context);
  fill_units(left_contexts_[area.plane].data() + (area.y & (31 >> shift(area))), area.height,
             context);
}

// transform_type() and compute_tx_type() for luma.
TxType ResidualParser::read_tx_type(const Block& block, const Area&, TxSize size) {
  const bool is_inter = block.info.is_inter;
  const uint32_t set = tx_set_of(size, is_inter, tile_->picture().reduced_tx_set);
  if (set == 0 || !explicit_type_[block.info.segment_id]) return TxType::dct_dct;
  ModeCdfs& cdfs = tile_->cdfs.modes;
  SymbolDecoder& decoder = tile_->decoder;
  const uint32_t square = tx_size_sqr(size);
  uint8_t type;
  if (is_inter) {
    type = set == 1   ? inter_types_1[decoder.symbol(cdfs.inter_tx_type_set1[square])]
           : set == 2 ? inter_types_2[decoder.symbol(cdfs.inter_tx_type_set2)]
                      : inter_types_3[decoder.symbol(cdfs.inter_tx_type_set3[square])];
  } else {
    constexpr std::array<uint8_t, 5> filter_intra_direction = {dc_pred, v_pred, h_pred, d157_pred,
                                                               dc_pred};
    const uint32_t direction = block.use_filter_intra
                                   ? filter_intra_direction[block.filter_intra_mode]
                                   : block.info.y_mode;
    type = set == 1 ? intra_types_1[decoder.symbol(cdfs.intra_tx_type_set1[square][direction])]
                    : intra_types_2[decoder.symbol(cdfs.intra_tx_type_set2[square][direction])];
  }
  return static_cast<TxType>(type);
}

TxType ResidualParser::chroma_tx_type(const Block& block, const Area& area, TxSize size) const {
  if (block.lossless || tx_size_sqr_up(size) > 3) return TxType::dct_dct;
  const bool is_inter = block.info.is_inter;
  const uint32_t set = tx_set_of(size, is_inter, tile_->picture().reduced_tx_set);
  uint32_t type;
  if (is_inter) {
    const uint32_t x = std::max(block.mi_col, area.x << 1), y = std::max(block.mi_row, area.y << 1);
    type = tx_types_[y & 31][x & 31];
  } else {
    type = mode_tx_type[block.info.uv_mode];
  }
  const uint32_t types = is_inter ? inter_set_types[set] : intra_set_types[set];
  return (types >> type & 1) != 0 ? static_cast<TxType>(type) : TxType::dct_dct;
}

// ---- Intra records ----

ResidualParser::Available ResidualParser::available(const Block& block, const Area& area,
                                                    bool block_edge_left,
                                                    bool block_edge_above) const {
  const uint32_t shift = this->shift(area);
  const uint32_t mask = ((1u << tile_->frame->sb_units_log2) - 1) >> shift;
  const auto row = static_cast<int32_t>(area.y & mask),
             column = static_cast<int32_t>(area.x & mask);
  const DecodedFlags& decoded = decoded_[shift];
  const FrameContext& frame = *tile_->frame;
  // Earlier transform blocks may extend beyond the frame, where nothing can be read.
  const bool right_inside = area.x + area.width < frame.mi_cols >> shift;
  const bool below_inside = area.y + area.height < frame.mi_rows >> shift;
  return {(area.plane == 0 ? block.avail_l : block.avail_l_chroma) || !block_edge_left,
          (area.plane == 0 ? block.avail_u : block.avail_u_chroma) || !block_edge_above,
          right_inside && decoded.at(row - 1, column + static_cast<int32_t>(area.width)),
          below_inside && decoded.at(row + static_cast<int32_t>(area.height), column - 1)};
}

void ResidualParser::set_decoded(const Area& area) {
  const uint32_t shift = this->shift(area);
  const uint32_t mask = ((1u << tile_->frame->sb_units_log2) - 1) >> shift;
  decoded_[shift].set(area.y & mask, area.x & mask, area.width, area.height);
}

void ResidualParser::set_block_decoded(const Block& block) {
  noted_decoded_[noted_decoded_count_++] = {
      block.info.mi_row, block.info.mi_col, static_cast<uint8_t>(block.width),
      static_cast<uint8_t>(block.height), block.info.has_chroma};
}

// Transform blocks that begin beyond the frame do not count as decoded.
void ResidualParser::set_noted_decoded() {
  const FrameContext& frame = *tile_->frame;
  for (uint32_t i = 0; i < noted_decoded_count_; ++i) {
    const DecodedBlock& block = noted_decoded_[i];
    for (uint32_t plane = 0; plane < (block.has_chroma ? 2 : 1); ++plane) {
      Area area = {plane, uint32_t{block.mi_col} >> plane, uint32_t{block.mi_row} >> plane,
                   std::max(uint32_t{block.width} >> plane, 1u),
                   std::max(uint32_t{block.height} >> plane, 1u)};
      area.width = std::min(area.width, (frame.mi_cols >> plane) - area.x);
      area.height = std::min(area.height, (frame.mi_rows >> plane) - area.y);
      set_decoded(area);
    }
  }
  noted_decoded_count_ = 0;
}

// get_filter_type() (7.11.2.8)
bool ResidualParser::has_smooth_neighbour(const Block& block, uint32_t plane) const {
  const FrameContext& frame = *tile_->frame;
  const auto is_smooth = [&](uint32_t row, uint32_t col) {
    const BlockInfo& info = frame.info(row, col);
    if (plane == 0) return info.y_mode >= smooth_pred && info.y_mode <= smooth_h_pred;
    return info.ref_frame[0] <= intra_frame && info.uv_mode >= smooth_pred &&
           info.uv_mode <= smooth_h_pred;
  };
  // For chroma, the neighbour that carries it.
  const uint32_t odd_row = plane == 0 ? 0 : block.mi_row & 1;
  const uint32_t odd_col = plane == 0 ? 0 : block.mi_col & 1;
  const uint32_t even_row = plane == 0 ? 0 : odd_row ^ 1, even_col = plane == 0 ? 0 : odd_col ^ 1;
  if (plane == 0 ? block.avail_u : block.avail_u_chroma) {
    if (is_smooth(block.mi_row - 1 - odd_row, block.mi_col + even_col)) return true;
  }
  if (plane == 0 ? block.avail_l : block.avail_l_chroma)
    return is_smooth(block.mi_row + even_row, block.mi_col - 1 - odd_col);
  return false;
}

namespace {

// Mode_To_Angle plus ANGLE_STEP for each delta.
uint32_t angle_of(uint8_t mode, int32_t delta) {
  constexpr std::array<uint16_t, 9> angles = {0, 90, 180, 45, 135, 113, 157, 203, 67};
  return static_cast<uint32_t>(angles[mode] + 3 * delta);
}

IntraMode interintra_mode_of(uint8_t mode) {
  constexpr std::array modes = {IntraMode::dc, IntraMode::v, IntraMode::h, IntraMode::smooth};
  return modes[mode];
}

}  // namespace

// The highest level that the record depends on (intra_levels in job.h).
uint32_t ResidualParser::dependencies(const Area& area, const Available& available, IntraMode mode,
                                      uint32_t angle) const {
  const LevelMap& map = levels_[shift(area)];
  const uint32_t x = tile_x(area), y = tile_y(area), width = area.width, height = area.height;
  const auto above = [&](uint32_t first, uint32_t count) {
    return available.above  ? map.largest(x + first, y - 1, count, 1)
           : available.left ? map.largest(x - 1, y, 1, 1)
                            : 0;
  };
  const auto left = [&](uint32_t first, uint32_t count) {
    return available.left    ? map.largest(x - 1, y + first, 1, count)
           : available.above ? map.largest(x, y - 1, 1, 1)
                             : 0;
  };
  const auto corner = [&] {
    return available.above && available.left ? map.largest(x - 1, y - 1, 1, 1)
                                             : std::max(above(0, 1), left(0, 1));
  };
  // Up to the block's width (height) again.
  const auto above_right = [&] {
    return available.above_right ? above(width, std::min(width, height)) : 0;
  };
  const auto below_left = [&] {
    return available.below_left ? left(height, std::min(width, height)) : 0;
  };
  switch (mode) {
    case IntraMode::palette:
      return 0;
    case IntraMode::dc:
    case IntraMode::cfl:
      // DC ignores a missing side instead of substituting it.
      return std::max(available.above ? above(0, width) : 0, available.left ? left(0, height) : 0);
    case IntraMode::smooth:
    case IntraMode::smooth_v:
    case IntraMode::smooth_h:
      return std::max(above(0, width), left(0, height));
    case IntraMode::paeth:
    case IntraMode::filter:
      return std::max({above(0, width), left(0, height), corner()});
    default:
      break;
  }
  if (angle == 90) return above(0, width);
  if (angle == 180) return left(0, height);
  if (angle < 90) return std::max({above(0, width), above_right(), corner()});
  if (angle > 180) return std::max({left(0, height), below_left(), corner()});
  return std::max({above(0, width), left(0, height), corner()});
}

uint32_t ResidualParser::copy_dependencies(const Block& block, const Area& area) const {
  // In samples. A half-sample chroma vector reads one more.
  const int32_t shift = area.plane == 0 ? 3 : 4;
  const Mv mv = block.info.mv[0];
  const auto first = [&](uint32_t unit, int32_t vector) {
    return std::max((static_cast<int32_t>(unit) * 4 + (vector >> shift)) >> 2, 0);
  };
  const auto last = [&](uint32_t unit, uint32_t units, int32_t vector) {
    const bool half = (vector & ((1 << shift) - 1)) != 0;
    return std::max(
        (static_cast<int32_t>(unit + units) * 4 - 1 + (vector >> shift) + (half ? 1 : 0)) >> 2, 0);
  };
  const auto x = static_cast<uint32_t>(first(tile_x(area), mv.x));
  const auto y = static_cast<uint32_t>(first(tile_y(area), mv.y));
  const auto end_x = static_cast<uint32_t>(last(tile_x(area), area.width, mv.x)) + 1;
  const auto end_y = static_cast<uint32_t>(last(tile_y(area), area.height, mv.y)) + 1;
  return levels_[area.plane == 0 ? 0 : 1].largest(x, y, end_x - x, end_y - y);
}

void ResidualParser::add_intra(const Block& block, const Area& area, TxSize size,
                               const Available& available) {
  const BlockInfo& info = block.info;
  const bool of_chroma = area.plane != 0, whole = info.use_intrabc || info.is_inter_intra;
  const uint8_t bitstream_mode = of_chroma ? info.uv_mode : info.y_mode;
  IntraMode mode = static_cast<IntraMode>(bitstream_mode);
  if (info.palette_size[of_chroma ? 1 : 0] != 0) mode = IntraMode::palette;
  if (!of_chroma && block.use_filter_intra) mode = IntraMode::filter;
  if (info.use_intrabc) mode = IntraMode::copy;
  const IntraMode interintra = interintra_mode_of(block.interintra_mode);
  uint32_t angle = 0;
  if (info.is_inter_intra) {
    mode = IntraMode::inter_intra;
    angle = interintra == IntraMode::v ? 90 : interintra == IntraMode::h ? 180 : 0;
  } else if (is_directional(static_cast<uint8_t>(mode))) {
    angle = angle_of(bitstream_mode, of_chroma ? block.angle_delta_uv : block.angle_delta_y);
  }

  IntraRecord record = {};
  record.place = area.x << transform_place::x_shift | area.y << transform_place::y_shift;
  const auto log2 = [](uint32_t units) { return static_cast<uint32_t>(std::bit_width(units)) + 1; };
  record.place |= whole ? intra_block_size(log2(area.width), log2(area.height))
                        : static_cast<uint32_t>(size) << transform_place::size_shift;
  record.mode = static_cast<uint32_t>(mode) << intra_mode::mode_shift |
                angle << intra_mode::angle_shift | (available.left ? intra_mode::have_left : 0) |
                (available.above ? intra_mode::have_above : 0) |
                (available.above_right ? intra_mode::have_above_right : 0) |
                (available.below_left ? intra_mode::have_below_left : 0);
  if (angle != 0 && angle != 90 && angle != 180 && has_smooth_neighbour(block, area.plane))
    record.mode |= intra_mode::smooth_edge;

  uint32_t level = info.is_inter_intra ? dependencies(area, available, interintra, angle)
                                       : dependencies(area, available, mode, angle);
  switch (mode) {
    case IntraMode::filter:
      record.mode |= uint32_t{block.filter_intra_mode} << intra_mode::sub_mode_shift;
      break;
    case IntraMode::palette:
      record.detail = of_chroma ? block.palette_uv : block.palette;
      break;
    case IntraMode::cfl: {
      const uint32_t width = max_luma_x_ - 2 * area.x, height = max_luma_y_ - 2 * area.y;
      record.detail = (static_cast<uint32_t>(block.cfl_alpha_u) & 0xff) |
                      (static_cast<uint32_t>(block.cfl_alpha_v) & 0xff) << 8 | width << 16 |
                      height << 24;
      level =
          std::max(level, levels_[0].largest(2 * tile_x(area), 2 * tile_y(area), width, height));
      break;
    }
    case IntraMode::copy:
      record.detail =
          static_cast<uint16_t>(info.mv[0].x) | uint32_t{static_cast<uint16_t>(info.mv[0].y)} << 16;
      level = copy_dependencies(block, area);
      break;
    case IntraMode::inter_intra:
      record.detail = info.size;
      record.mode |= static_cast<uint32_t>(interintra) << intra_mode::sub_mode_shift |
                     (block.wedge_interintra ? intra_mode::wedge : 0) |
                     uint32_t{block.wedge_index} << intra_mode::wedge_index_shift;
      break;
    default:
      break;
  }
  levels_[shift(area)].set(tile_x(area), tile_y(area), area.width, area.height, level + 1);
  records_->intra[of_chroma ? 1 : 0].add({record, level});
}

}  // namespace daedalus::av1
