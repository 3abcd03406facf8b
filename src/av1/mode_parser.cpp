// SPDX-License-Identifier: MIT
#include "av1/mode_parser.h"

#include <algorithm>

namespace daedalus::av1 {

namespace {

// Intra_Mode_Context
constexpr std::array<uint8_t, 13> intra_mode_context = {0, 1, 2, 3, 4, 4, 4, 4, 3, 0, 1, 2, 0};

// Size_Group
constexpr std::array<uint8_t, block_size_count> size_group = {0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3,
                                                              3, 3, 3, 3, 3, 0, 0, 1, 1, 2, 2};

constexpr uint8_t max_angle_delta = 3;
constexpr int32_t max_loop_filter = 63;

uint32_t intra_context(const BlockInfo* neighbour) {
  // Inter modes are not in the table: they count as DC_PRED.
  return neighbour && neighbour->y_mode < intra_mode_context.size()
             ? intra_mode_context[neighbour->y_mode]
             : 0;
}

uint32_t neg_deinterleave(uint32_t diff, uint32_t ref, uint32_t max) {
  if (ref == 0) return diff;
  if (ref >= max - 1) return max - diff - 1;
  const bool near_zero = 2 * ref < max;
  if (diff > 2 * (near_zero ? ref : max - ref - 1)) return near_zero ? diff : max - (diff + 1);
  return (diff & 1) != 0 ? ref + ((diff + 1) >> 1) : ref - (diff >> 1);
}

// delta_q_abs and delta_lf_abs with their signs.
int32_t read_delta(SymbolDecoder& decoder, Cdf<4>& cdf) {
  uint32_t magnitude = decoder.symbol(cdf);
  if (magnitude == 3) {
    const uint32_t bits = decoder.literal(3) + 1;
    magnitude = decoder.literal(bits) + (1u << bits) + 1;
  }
  if (magnitude == 0) return 0;
  const auto delta = static_cast<int32_t>(magnitude);
  return decoder.bit() ? -delta : delta;
}

bool has_feature(const TileContext& tile, const Block& block, SegmentFeature feature) {
  return tile.frame->feature_enabled(block.info.segment_id, feature);
}

}  // namespace

void ModeParser::begin_tile(const TileContext& tile) {
  current_q_index_ = tile.picture().base_q_idx;
  delta_lf_ = {};
  mi_col_start_ = tile.mi_col_start;
  // Blocks may extend beyond the tile.
  above_predicted_.assign(tile.mi_col_end - tile.mi_col_start + 32, 0);
}

void ModeParser::begin_row() {
  left_predicted_ = {};
}

void ModeParser::begin_superblock(TileContext& tile, uint32_t mi_row, uint32_t mi_col) {
  read_deltas_ = tile.picture().delta_q_present;
  FrameContext& frame = *tile.frame;
  const uint32_t size_64 = 1u << (frame.sb_units_log2 - 4);
  const uint32_t columns = in_64s(4 * frame.mi_cols), rows = in_64s(4 * frame.mi_rows);
  for (uint32_t row = mi_row / 16; row < std::min(mi_row / 16 + size_64, rows); ++row)
    for (uint32_t column = mi_col / 16; column < std::min(mi_col / 16 + size_64, columns); ++column)
      frame.cdef_indices[row * columns + column] = no_cdef;
}

void ModeParser::read_intra_frame(TileContext& tile, Block& block, PaletteParser& palette) {
  const FrameContext& frame = *tile.frame;
  ModeCdfs& cdfs = tile.cdfs.modes;
  if (frame.seg_id_pre_skip) read_intra_segment_id(tile, block);
  read_skip(tile, block);
  if (!frame.seg_id_pre_skip) read_intra_segment_id(tile, block);
  block.lossless = frame.lossless[block.info.segment_id];
  read_cdef(tile, block);
  read_deltas(tile, block);
  set_quantizer(tile, block);
  if (tile.picture().allow_intrabc && tile.decoder.boolean(cdfs.intrabc)) {
    block.info.use_intrabc = true;
    block.info.is_inter = true;
    block.info.interp_filter = {bilinear, bilinear};
    return;
  }
  auto& cdf = cdfs.intra_frame_y_mode[intra_context(block.above)][intra_context(block.left)];
  read_intra_modes(tile, block, static_cast<uint8_t>(tile.decoder.symbol(cdf)), palette);
}

void ModeParser::read_inter_frame(TileContext& tile, Block& block, PaletteParser& palette) {
  const FrameContext& frame = *tile.frame;
  read_inter_segment_id(tile, block, true);
  read_skip_mode(tile, block);
  if (block.info.skip_mode)
    block.info.skip = true;
  else
    read_skip(tile, block);
  if (!frame.seg_id_pre_skip) read_inter_segment_id(tile, block, false);
  block.lossless = frame.lossless[block.info.segment_id];
  read_cdef(tile, block);
  read_deltas(tile, block);
  set_quantizer(tile, block);
  read_is_inter(tile, block);
  if (block.info.is_inter) return;
  auto& cdf = tile.cdfs.modes.y_mode[size_group[block.info.size]];
  read_intra_modes(tile, block, static_cast<uint8_t>(tile.decoder.symbol(cdf)), palette);
}

// get_qidx(0, segment_id) (7.12.2).
void ModeParser::set_quantizer(const TileContext& tile, Block& block) const {
  const PictureParameters& picture = tile.picture();
  block.delta_lf = delta_lf_;
  block.qidx = picture.delta_q_present ? current_q_index_ : picture.base_q_idx;
  if (!has_feature(tile, block, seg_lvl_alt_q)) return;
  const int32_t data = tile.frame->feature_data(block.info.segment_id, seg_lvl_alt_q);
  block.qidx = static_cast<uint32_t>(std::clamp(static_cast<int32_t>(block.qidx) + data, 0, 255));
}

void ModeParser::read_intra_segment_id(TileContext& tile, Block& block) {
  if (tile.picture().segmentation.enabled) read_segment_id(tile, block);
}

void ModeParser::read_inter_segment_id(TileContext& tile, Block& block, bool pre_skip) {
  const Segmentation& segmentation = tile.picture().segmentation;
  if (!segmentation.enabled) return;
  if (!segmentation.update_map) {
    if (pre_skip) block.info.segment_id = static_cast<uint8_t>(predicted_segment_id(tile, block));
    return;
  }
  if (pre_skip && !tile.frame->seg_id_pre_skip) return;
  if (!pre_skip && block.info.skip) {
    set_segment_predicted(block, false);
    read_segment_id(tile, block);
    return;
  }
  if (!segmentation.temporal_update) {
    read_segment_id(tile, block);
    return;
  }
  const uint32_t context =
      left_predicted_[block.mi_row % 32] + uint32_t{above_predicted_[block.mi_col - mi_col_start_]};
  const bool predicted = tile.decoder.boolean(tile.cdfs.modes.segment_id_predicted[context]);
  if (predicted)
    block.info.segment_id = static_cast<uint8_t>(predicted_segment_id(tile, block));
  else
    read_segment_id(tile, block);
  set_segment_predicted(block, predicted);
}

void ModeParser::set_segment_predicted(const Block& block, bool predicted) {
  std::fill_n(above_predicted_.begin() + (block.mi_col - mi_col_start_), block.width, predicted);
  for (uint32_t y = 0; y < block.height; ++y) left_predicted_[(block.mi_row + y) % 32] = predicted;
}

// get_segment_id()
uint32_t ModeParser::predicted_segment_id(const TileContext& tile, const Block& block) const {
  const FrameContext& frame = *tile.frame;
  if (!frame.previous_segment_ids) return 0;
  const auto& ids = frame.previous_segment_ids->segment_ids;
  const uint32_t width = std::min(frame.mi_cols - block.mi_col, block.width);
  const uint32_t height = std::min(frame.mi_rows - block.mi_row, block.height);
  uint8_t id = max_segments - 1;
  for (uint32_t y = 0; y < height; ++y) {
    const uint8_t* row = ids.data() + std::size_t{block.mi_row + y} * frame.mi_cols + block.mi_col;
    for (uint32_t x = 0; x < width; ++x) id = std::min(id, row[x]);
  }
  return id;
}

void ModeParser::read_segment_id(TileContext& tile, Block& block) {
  const FrameContext& frame = *tile.frame;
  const bool both = block.above && block.left;
  const uint32_t above = block.above ? block.above->segment_id : 0;
  const uint32_t left = block.left ? block.left->segment_id : 0;
  const uint32_t above_left = both ? frame.info(block.mi_row - 1, block.mi_col - 1).segment_id : 0;
  uint32_t predicted = block.above ? above : left;
  if (both && above_left != above) predicted = left;
  if (block.info.skip) {
    block.info.segment_id = static_cast<uint8_t>(predicted);
    return;
  }
  uint32_t context = 0;
  if (both) {
    if (above_left == above && above_left == left)
      context = 2;
    else if (above_left == above || above_left == left || above == left)
      context = 1;
  }
  const uint32_t read = tile.decoder.symbol(tile.cdfs.modes.segment_id[context]);
  const uint32_t last = frame.last_active_seg_id;
  // Only invalid streams exceed `last`.
  const auto id = static_cast<int32_t>(neg_deinterleave(read, predicted, last + 1));
  block.info.segment_id = static_cast<uint8_t>(std::clamp(id, 0, static_cast<int32_t>(last)));
}

void ModeParser::read_skip_mode(TileContext& tile, Block& block) {
  if (!tile.picture().skip_mode_present || block.width < 2 || block.height < 2 ||
      has_feature(tile, block, seg_lvl_skip) || has_feature(tile, block, seg_lvl_ref_frame) ||
      has_feature(tile, block, seg_lvl_globalmv))
    return;
  const uint32_t context =
      (block.above && block.above->skip_mode) + uint32_t{block.left && block.left->skip_mode};
  block.info.skip_mode = tile.decoder.boolean(tile.cdfs.modes.skip_mode[context]);
}

void ModeParser::read_skip(TileContext& tile, Block& block) {
  if (tile.frame->seg_id_pre_skip && has_feature(tile, block, seg_lvl_skip)) {
    block.info.skip = true;
    return;
  }
  const uint32_t context =
      (block.above && block.above->skip) + uint32_t{block.left && block.left->skip};
  block.info.skip = tile.decoder.boolean(tile.cdfs.modes.skip[context]);
}

void ModeParser::read_cdef(TileContext& tile, const Block& block) {
  FrameContext& frame = *tile.frame;
  const PictureParameters& picture = tile.picture();
  if (block.info.skip || frame.coded_lossless || !picture.enable_cdef || picture.allow_intrabc)
    return;
  const uint32_t columns = in_64s(4 * frame.mi_cols), rows = in_64s(4 * frame.mi_rows);
  const uint32_t row = block.mi_row / 16, column = block.mi_col / 16;
  if (frame.cdef_indices[row * columns + column] != no_cdef) return;
  const auto index = static_cast<uint8_t>(tile.decoder.literal(picture.cdef_bits));
  for (uint32_t y = row; y < std::min(row + (block.height + 15) / 16, rows); ++y)
    for (uint32_t x = column; x < std::min(column + (block.width + 15) / 16, columns); ++x)
      frame.cdef_indices[y * columns + x] = index;
}

// read_delta_qindex() and read_delta_lf()
void ModeParser::read_deltas(TileContext& tile, Block& block) {
  if (!read_deltas_) return;
  read_deltas_ = false;
  const uint8_t superblock = tile.picture().use_128x128_superblock ? block_128x128 : block_64x64;
  if (block.info.size == superblock && block.info.skip) return;
  read_delta_q(tile);
  if (tile.picture().delta_lf_present) read_delta_lf(tile);
}

void ModeParser::read_delta_q(TileContext& tile) {
  const int32_t delta = read_delta(tile.decoder, tile.cdfs.modes.delta_q);
  if (delta == 0) return;
  const int32_t step = delta * (1 << tile.picture().delta_q_res);
  current_q_index_ =
      static_cast<uint32_t>(std::clamp(static_cast<int32_t>(current_q_index_) + step, 1, 255));
}

void ModeParser::read_delta_lf(TileContext& tile) {
  const PictureParameters& picture = tile.picture();
  ModeCdfs& cdfs = tile.cdfs.modes;
  const uint32_t count = !picture.delta_lf_multi ? 1 : picture.monochrome ? 2 : 4;
  for (uint32_t i = 0; i < count; ++i) {
    auto& cdf = picture.delta_lf_multi ? cdfs.delta_lf_multi[i] : cdfs.delta_lf;
    const int32_t step = read_delta(tile.decoder, cdf) * (1 << picture.delta_lf_res);
    delta_lf_[i] =
        static_cast<int8_t>(std::clamp(delta_lf_[i] + step, -max_loop_filter, max_loop_filter));
  }
}

void ModeParser::read_is_inter(TileContext& tile, Block& block) {
  if (block.info.skip_mode) {
    block.info.is_inter = true;
  } else if (has_feature(tile, block, seg_lvl_ref_frame)) {
    block.info.is_inter =
        tile.frame->feature_data(block.info.segment_id, seg_lvl_ref_frame) != intra_frame;
  } else if (has_feature(tile, block, seg_lvl_globalmv)) {
    block.info.is_inter = true;
  } else {
    const bool above_intra = block.above && block.above->ref_frame[0] <= intra_frame;
    const bool left_intra = block.left && block.left->ref_frame[0] <= intra_frame;
    uint32_t context = above_intra || left_intra;
    if (block.above && block.left)
      context += 2 * (above_intra && left_intra);
    else
      context *= 2;
    block.info.is_inter = tile.decoder.boolean(tile.cdfs.modes.is_inter[context]);
  }
}

// The common part of intra_frame_mode_info() and intra_block_mode_info(), starting with
// intra_angle_info_y().
void ModeParser::read_intra_modes(TileContext& tile, Block& block, uint8_t y_mode,
                                  PaletteParser& palette) {
  block.info.y_mode = y_mode;
  const auto read_angle = [&](uint8_t mode) -> int8_t {
    if (block.info.size < block_8x8 || !is_directional(mode)) return 0;
    auto& cdf = tile.cdfs.modes.angle_delta[mode - v_pred];
    return static_cast<int8_t>(static_cast<int32_t>(tile.decoder.symbol(cdf)) - max_angle_delta);
  };
  block.angle_delta_y = read_angle(y_mode);
  if (block.info.has_chroma) {
    read_uv_mode(tile, block);
    if (block.info.uv_mode == uv_cfl_pred) read_cfl_alphas(tile, block);
    block.angle_delta_uv = read_angle(block.info.uv_mode);
  }
  if (tile.picture().allow_screen_content_tools && block.info.size >= block_8x8 &&
      block.width <= 16 && block.height <= 16)
    palette.read_modes(tile, block);
  read_filter_intra(tile, block);
}

void ModeParser::read_uv_mode(TileContext& tile, Block& block) {
  ModeCdfs& cdfs = tile.cdfs.modes;
  // Lossless blocks use CfL only if their chroma is 4x4.
  const uint32_t largest = block.lossless ? 2 : 8;
  const bool cfl_allowed = block.width <= largest && block.height <= largest;
  const uint32_t mode = cfl_allowed
                            ? tile.decoder.symbol(cdfs.uv_mode_cfl_allowed[block.info.y_mode])
                            : tile.decoder.symbol(cdfs.uv_mode_cfl_not_allowed[block.info.y_mode]);
  block.info.uv_mode = static_cast<uint8_t>(mode);
}

void ModeParser::read_cfl_alphas(TileContext& tile, Block& block) {
  ModeCdfs& cdfs = tile.cdfs.modes;
  const uint32_t signs = tile.decoder.symbol(cdfs.cfl_sign) + 1;
  const auto read_alpha = [&](uint32_t sign, uint32_t other) -> int8_t {
    if (sign == 0) return 0;  // CFL_SIGN_ZERO
    auto& cdf = cdfs.cfl_alpha[(sign - 1) * 3 + other];
    const auto alpha = static_cast<int32_t>(tile.decoder.symbol(cdf)) + 1;
    return static_cast<int8_t>(sign == 1 ? -alpha : alpha);  // CFL_SIGN_NEG
  };
  block.cfl_alpha_u = read_alpha(signs / 3, signs % 3);
  block.cfl_alpha_v = read_alpha(signs % 3, signs / 3);
}

void ModeParser::read_filter_intra(TileContext& tile, Block& block) {
  if (!tile.picture().enable_filter_intra || block.info.y_mode != dc_pred ||
      block.info.palette_size[0] != 0 || block.width > 8 || block.height > 8)
    return;
  ModeCdfs& cdfs = tile.cdfs.modes;
  block.use_filter_intra = tile.decoder.boolean(cdfs.filter_intra[block.info.size]);
  if (block.use_filter_intra)
    block.filter_intra_mode = static_cast<uint8_t>(tile.decoder.symbol(cdfs.filter_intra_mode));
}

}  // namespace daedalus::av1
