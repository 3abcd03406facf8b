// SPDX-License-Identifier: MIT
#include "av1/inter_mode_info.h"

#include <algorithm>
#include <cstdlib>

#include "av1/warp.h"

namespace daedalus::av1 {
namespace {

constexpr uint8_t gm_translation = 1;
constexpr uint32_t no_filter = 3;  // interp_filter's context: neighbour has no filter

uint32_t smaller_side(const Block& block) {
  return std::min(block.width, block.height);
}

bool has_nearmv(uint32_t y_mode) {
  return y_mode == nearmv || y_mode == near_nearmv || y_mode == near_newmv || y_mode == new_nearmv;
}

// get_mode(refList)
uint32_t mode_of_list(uint32_t y_mode, uint32_t list) {
  constexpr std::array<std::array<uint8_t, 2>, 8> modes = {{{nearestmv, nearestmv},
                                                            {nearmv, nearmv},
                                                            {nearestmv, newmv},
                                                            {newmv, nearestmv},
                                                            {nearmv, newmv},
                                                            {newmv, nearmv},
                                                            {globalmv, globalmv},
                                                            {newmv, newmv}}};
  return y_mode < nearest_nearestmv ? y_mode : modes[y_mode - nearest_nearestmv][list];
}

bool is_single(const BlockInfo& info) {
  return info.ref_frame[1] <= intra_frame;
}

// A neighbour's contribution to the contexts of comp_group_idx and compound_idx.
uint32_t comp_group_idx_part(const BlockInfo* neighbour) {
  if (!neighbour) return 0;
  if (!is_single(*neighbour)) return neighbour->comp_group_idx;
  return neighbour->ref_frame[0] == altref_frame ? 3 : 0;
}
uint32_t compound_idx_part(const BlockInfo* neighbour) {
  if (!neighbour) return 0;
  if (!is_single(*neighbour)) return neighbour->compound_idx;
  return neighbour->ref_frame[0] == altref_frame ? 1 : 0;
}

uint32_t compound_idx_context(const FrameContext& frame, const Block& block) {
  const auto distance = [&](uint32_t list) {
    const auto ref = static_cast<uint32_t>(block.info.ref_frame[list]);
    return std::abs(relative_distance(frame.order_hints[ref], frame.picture->order_hint,
                                      frame.picture->order_hint_bits));
  };
  return (distance(0) == distance(1) ? 3 : 0) + compound_idx_part(block.above) +
         compound_idx_part(block.left);
}

uint32_t neighbours_filter(const BlockInfo* neighbour, int8_t ref_frame, uint32_t direction) {
  if (!neighbour || (neighbour->ref_frame[0] != ref_frame && neighbour->ref_frame[1] != ref_frame))
    return no_filter;
  return neighbour->interp_filter[direction];
}

uint32_t interp_filter_context(const Block& block, uint32_t direction) {
  const int8_t ref_frame = block.info.ref_frame[0];
  const uint32_t context = (direction * 2 + uint32_t{block.info.is_compound()}) * 4;
  const uint32_t left = neighbours_filter(block.left, ref_frame, direction);
  const uint32_t above = neighbours_filter(block.above, ref_frame, direction);
  if (left == above) return context + left;
  if (left == no_filter) return context + above;
  return context + (above == no_filter ? left : no_filter);
}

}  // namespace

void InterModeInfo::begin(TileContext& tile) {
  tile_ = &tile;
  temporal_ =
      !tile.picture().intra() && tile.picture().use_ref_frame_mvs && tile.frame->motion_field
          ? &motion_field_
          : nullptr;
  if (temporal_) motion_field_.begin(tile.mi_col_start, tile.mi_col_end);
}

void InterModeInfo::begin_superblock_row(uint32_t mi_row) {
  if (!temporal_) return;
  const uint32_t end = std::min(mi_row + (1u << tile_->frame->sb_units_log2), tile_->mi_row_end);
  for (uint32_t row = mi_row; row < end; row += 16)
    motion_field_.project(*tile_->frame->motion_field, row / 16);
}

void InterModeInfo::inter_block(Block& block) {
  read_ref_frames(block);
  find_mv_stack(*tile_, temporal_, block, stack_);
  read_mode(block);
  assign_mvs(block, read_ref_mv_idx(block));
  read_interintra_mode(block);
  read_motion_mode(block);
  read_compound_type(block);
  read_interp_filters(block);
}

// read_ref_frames() (5.11.25)
void InterModeInfo::read_ref_frames(Block& block) {
  const FrameContext& frame = *tile_->frame;
  const uint32_t segment = block.segment_id();
  auto& ref_frame = block.info.ref_frame;
  ref_frame = {last_frame, no_ref};
  if (block.info.skip_mode) {
    ref_frame = frame.skip_mode_frames;
  } else if (frame.feature_enabled(segment, seg_lvl_ref_frame)) {
    ref_frame[0] = static_cast<int8_t>(std::clamp<int32_t>(
        frame.feature_data(segment, seg_lvl_ref_frame), last_frame, altref_frame));
  } else if (!frame.feature_enabled(segment, seg_lvl_skip) &&
             !frame.feature_enabled(segment, seg_lvl_globalmv)) {
    const ReferenceContexts contexts(block);
    if (tile_->picture().reference_select && smaller_side(block) >= 2 &&
        tile_->decoder.boolean(tile_->cdfs.modes.comp_mode[contexts.comp_mode()]))
      read_compound_references(block, contexts);
    else
      ref_frame[0] = read_single_reference(contexts);
  }
}

RefFrame InterModeInfo::read_single_reference(const ReferenceContexts& contexts) {
  auto& cdf = tile_->cdfs.modes.single_ref;
  SymbolDecoder& decoder = tile_->decoder;
  if (decoder.boolean(cdf[contexts.forward_or_backward()][0])) {
    if (decoder.boolean(cdf[contexts.bwd_alt2_or_alt()][1])) return altref_frame;
    return decoder.boolean(cdf[contexts.bwd_or_alt2()][5]) ? altref2_frame : bwdref_frame;
  }
  if (decoder.boolean(cdf[contexts.last_last2_or_last3_golden()][2]))
    return decoder.boolean(cdf[contexts.last3_or_golden()][4]) ? golden_frame : last3_frame;
  return decoder.boolean(cdf[contexts.last_or_last2()][3]) ? last2_frame : last_frame;
}

void InterModeInfo::read_compound_references(Block& block, const ReferenceContexts& contexts) {
  ModeCdfs& cdfs = tile_->cdfs.modes;
  SymbolDecoder& decoder = tile_->decoder;
  auto& ref_frame = block.info.ref_frame;
  if (!decoder.boolean(cdfs.comp_ref_type[contexts.comp_ref_type()])) {
    read_unidirectional_references(block, contexts);
    return;
  }
  auto& cdf = cdfs.comp_ref;
  if (decoder.boolean(cdf[contexts.last_last2_or_last3_golden()][0]))
    ref_frame[0] = decoder.boolean(cdf[contexts.last3_or_golden()][2]) ? golden_frame : last3_frame;
  else
    ref_frame[0] = decoder.boolean(cdf[contexts.last_or_last2()][1]) ? last2_frame : last_frame;
  auto& backward_cdf = cdfs.comp_bwd_ref;
  if (decoder.boolean(backward_cdf[contexts.bwd_alt2_or_alt()][0]))
    ref_frame[1] = altref_frame;
  else
    ref_frame[1] =
        decoder.boolean(backward_cdf[contexts.bwd_or_alt2()][1]) ? altref2_frame : bwdref_frame;
}

void InterModeInfo::read_unidirectional_references(Block& block,
                                                   const ReferenceContexts& contexts) {
  auto& cdf = tile_->cdfs.modes.uni_comp_ref;
  SymbolDecoder& decoder = tile_->decoder;
  auto& ref_frame = block.info.ref_frame;
  if (decoder.boolean(cdf[contexts.forward_or_backward()][0])) {
    ref_frame = {bwdref_frame, altref_frame};
    return;
  }
  ref_frame = {last_frame, last2_frame};
  if (!decoder.boolean(cdf[contexts.last2_or_last3_golden()][1])) return;
  ref_frame[1] = decoder.boolean(cdf[contexts.last3_or_golden()][2]) ? golden_frame : last3_frame;
}

// YMode of inter_block_mode_info() (5.11.23).
void InterModeInfo::read_mode(Block& block) {
  const FrameContext& frame = *tile_->frame;
  ModeCdfs& cdfs = tile_->cdfs.modes;
  SymbolDecoder& decoder = tile_->decoder;
  uint8_t& y_mode = block.info.y_mode;
  if (block.info.skip_mode) {
    y_mode = nearest_nearestmv;
  } else if (frame.feature_enabled(block.segment_id(), seg_lvl_skip) ||
             frame.feature_enabled(block.segment_id(), seg_lvl_globalmv)) {
    y_mode = globalmv;
  } else if (block.info.is_compound()) {
    constexpr uint8_t context[3][5] = {{0, 1, 1, 1, 1}, {1, 2, 3, 4, 4}, {4, 4, 5, 6, 7}};
    auto& cdf = cdfs.compound_mode[context[stack_.ref_mv_context >> 1]
                                          [std::min<uint32_t>(stack_.new_mv_context, 4)]];
    y_mode = static_cast<uint8_t>(nearest_nearestmv + decoder.symbol(cdf));
  } else if (!decoder.boolean(cdfs.new_mv[stack_.new_mv_context])) {
    y_mode = newmv;
  } else if (!decoder.boolean(cdfs.zero_mv[stack_.zero_mv_context])) {
    y_mode = globalmv;
  } else {
    y_mode = decoder.boolean(cdfs.ref_mv[stack_.ref_mv_context]) ? nearmv : nearestmv;
  }
}

// RefMvIdx
uint32_t InterModeInfo::read_ref_mv_idx(const Block& block) {
  const uint32_t y_mode = block.info.y_mode;
  const bool is_near = has_nearmv(y_mode);
  if (!is_near && y_mode != newmv && y_mode != new_newmv) return 0;
  uint32_t result = is_near ? 1 : 0;
  for (const uint32_t end = result + 2; result < end && stack_.count > result + 1; ++result) {
    auto& cdf = tile_->cdfs.modes.drl_mode[stack_.drl_context(result)];
    if (!tile_->decoder.boolean(cdf)) break;
  }
  return result;
}

// assign_mv() (5.11.26)
void InterModeInfo::assign_mvs(Block& block, uint32_t ref_mv_idx) {
  const bool is_compound = block.info.is_compound();
  block.info.mv = {};
  for (uint32_t list = 0; list < 1 + uint32_t{is_compound}; ++list) {
    const uint32_t mode = mode_of_list(block.info.y_mode, list);
    Mv& mv = block.info.mv[list];
    if (mode == globalmv) {
      mv = stack_.global_mvs[list];
    } else {
      const bool is_first = mode == nearestmv || (mode == newmv && stack_.count <= 1);
      mv = stack_.mv(is_first ? 0 : ref_mv_idx, list);
    }
    mv = mode == newmv ? read_mv(mv, 0, tile_->picture().force_integer_mv) : bounded_mv(mv.y, mv.x);
  }
}

// Clamped to what is_mv_valid() (6.10.25) allows.
Mv InterModeInfo::bounded_mv(int32_t y, int32_t x) {
  constexpr int32_t limit = (1 << 14) - 1;
  if (std::abs(y) > limit || std::abs(x) > limit) [[unlikely]] {
    tile_->broken = true;
    y = std::clamp(y, -limit, limit);
    x = std::clamp(x, -limit, limit);
  }
  return {static_cast<int16_t>(y), static_cast<int16_t>(x)};
}

// read_mv() (5.11.31)
Mv InterModeInfo::read_mv(Mv predicted, uint32_t mv_context, bool integer) {
  MvCdfs& cdfs = tile_->cdfs.modes.mv[mv_context];
  const uint32_t joint = tile_->decoder.symbol(cdfs.joint);
  int32_t y = predicted.y, x = predicted.x;
  if ((joint & 2) != 0) y += read_mv_component(cdfs.component[0], integer);
  if ((joint & 1) != 0) x += read_mv_component(cdfs.component[1], integer);
  return bounded_mv(y, x);
}

// read_mv_component() (5.11.32)
int32_t InterModeInfo::read_mv_component(MvComponentCdfs& cdfs, bool integer) {
  SymbolDecoder& decoder = tile_->decoder;
  const bool has_eighths = !integer && tile_->picture().allow_high_precision_mv;
  const bool sign = decoder.boolean(cdfs.sign);
  const uint32_t mv_class = decoder.symbol(cdfs.mv_class);
  uint32_t whole = 0, base = 0, quarters = 3, eighth = 1;
  if (mv_class == 0) {
    whole = decoder.boolean(cdfs.class0_bit);
    if (!integer) quarters = decoder.symbol(cdfs.class0_fr[whole]);
    if (has_eighths) eighth = decoder.boolean(cdfs.class0_hp);
  } else {
    base = 2u << (mv_class + 2);
    for (uint32_t i = 0; i < mv_class; ++i) whole |= uint32_t{decoder.boolean(cdfs.bit[i])} << i;
    if (!integer) quarters = decoder.symbol(cdfs.fr);
    if (has_eighths) eighth = decoder.boolean(cdfs.hp);
  }
  const auto magnitude = static_cast<int32_t>(base + (whole << 3 | quarters << 1 | eighth) + 1);
  return sign ? -magnitude : magnitude;
}

// read_interintra_mode() (5.11.28)
void InterModeInfo::read_interintra_mode(Block& block) {
  const uint8_t size = block.info.size;
  if (block.info.skip_mode || !tile_->picture().enable_interintra_compound ||
      block.info.is_compound() || size < block_8x8 || size > block_32x32)
    return;
  constexpr std::array<uint8_t, 7> contexts = {0, 0, 0, 1, 1, 1, 2};  // Size_Group - 1
  const uint32_t context = contexts[size - block_8x8];
  ModeCdfs& cdfs = tile_->cdfs.modes;
  SymbolDecoder& decoder = tile_->decoder;
  block.info.is_inter_intra = decoder.boolean(cdfs.inter_intra[context]);
  if (!block.info.is_inter_intra) return;
  block.interintra_mode = static_cast<uint8_t>(decoder.symbol(cdfs.inter_intra_mode[context]));
  block.info.ref_frame[1] = intra_frame;
  block.wedge_interintra = decoder.boolean(cdfs.wedge_inter_intra[size]);
  if (!block.wedge_interintra) return;
  block.wedge_index = static_cast<uint8_t>(decoder.symbol(cdfs.wedge_index[size]));
  block.wedge_sign = false;
}

// read_motion_mode() (5.11.27)
void InterModeInfo::read_motion_mode(Block& block) {
  const FrameContext& frame = *tile_->frame;
  const PictureParameters& picture = tile_->picture();
  const auto ref = static_cast<uint32_t>(block.info.ref_frame[0]);
  const uint8_t y_mode = block.info.y_mode;
  if (block.info.skip_mode || !picture.is_motion_mode_switchable || smaller_side(block) < 2 ||
      block.info.ref_frame[1] != no_ref)
    return;
  if (!picture.force_integer_mv && y_mode == globalmv &&
      frame.global_motion[ref].type > gm_translation)
    return;
  if (!has_overlappable_candidates(*tile_, block)) return;

  ModeCdfs& cdfs = tile_->cdfs.modes;
  const WarpSamples samples = find_warp_samples(*tile_, block);
  if (picture.force_integer_mv || samples.count == 0 || !picture.allow_warped_motion ||
      frame.is_scaled[ref]) {
    if (tile_->decoder.boolean(cdfs.use_obmc[block.info.size])) block.info.motion_mode = obmc;
    return;
  }
  block.info.motion_mode =
      static_cast<uint8_t>(tile_->decoder.symbol(cdfs.motion_mode[block.info.size]));
  if (block.info.motion_mode == local_warp) estimate_warp(block, samples);
}

// LocalWarpParams and LocalValid, as in predict_inter().
void InterModeInfo::estimate_warp(Block& block, const WarpSamples& samples) {
  const WarpBlock warped = {.mid_y = static_cast<int32_t>(block.mi_row * 4 + block.height * 2) - 1,
                            .mid_x = static_cast<int32_t>(block.mi_col * 4 + block.width * 2) - 1,
                            .mv = block.info.mv[0]};
  const auto matrix = warp_estimation(warped, std::span(samples.list).first(samples.count));
  block.local_warp_valid = matrix && setup_shear(*matrix);
  if (matrix) block.local_warp_params = *matrix;
}

// read_compound_type() (5.11.29)
void InterModeInfo::read_compound_type(Block& block) {
  BlockInfo& info = block.info;
  const PictureParameters& picture = tile_->picture();
  ModeCdfs& cdfs = tile_->cdfs.modes;
  SymbolDecoder& decoder = tile_->decoder;
  info.comp_group_idx = false;
  info.compound_idx = true;
  block.compound_type = compound_average;
  if (info.is_inter_intra)
    block.compound_type = block.wedge_interintra ? compound_wedge : compound_intra;
  if (info.skip_mode || !info.is_compound()) return;

  if (picture.enable_masked_compound) {
    const uint32_t context =
        std::min(5u, comp_group_idx_part(block.above) + comp_group_idx_part(block.left));
    info.comp_group_idx = decoder.boolean(cdfs.comp_group_idx[context]);
  }
  if (info.comp_group_idx) {
    read_mask(block);
  } else if (picture.enable_jnt_comp) {
    info.compound_idx =
        decoder.boolean(cdfs.compound_idx[compound_idx_context(*tile_->frame, block)]);
    if (!info.compound_idx) block.compound_type = compound_distance;
  }
}

void InterModeInfo::read_mask(Block& block) {
  const uint8_t size = block.info.size;
  ModeCdfs& cdfs = tile_->cdfs.modes;
  SymbolDecoder& decoder = tile_->decoder;
  block.compound_type = compound_diffwtd;
  // Wedge_Bits is not 0.
  const bool has_wedges =
      (size >= block_8x8 && size <= block_32x32) || size == block_8x32 || size == block_32x8;
  if (has_wedges)
    block.compound_type = static_cast<uint8_t>(decoder.symbol(cdfs.compound_type[size]));
  if (block.compound_type == compound_wedge) {
    block.wedge_index = static_cast<uint8_t>(decoder.symbol(cdfs.wedge_index[size]));
    block.wedge_sign = decoder.bit() != 0;
  } else {
    block.mask_type = decoder.bit() != 0;
  }
}

// needs_interp_filter()
bool InterModeInfo::needs_interp_filter(const Block& block) const {
  const BlockInfo& info = block.info;
  if (info.skip_mode || info.motion_mode == local_warp) return false;
  if (smaller_side(block) < 2) return true;
  const auto is_translation = [&](uint32_t list) {
    const auto ref = static_cast<uint32_t>(info.ref_frame[list]);
    return tile_->frame->global_motion[ref].type == gm_translation;
  };
  if (info.y_mode == globalmv) return is_translation(0);
  if (info.y_mode == global_globalmv) return is_translation(0) || is_translation(1);
  return true;
}

void InterModeInfo::read_interp_filters(Block& block) {
  const PictureParameters& picture = tile_->picture();
  auto& filters = block.info.interp_filter;
  filters = {picture.interpolation_filter, picture.interpolation_filter};
  if (picture.interpolation_filter != switchable) return;
  filters = {eighttap, eighttap};
  if (!needs_interp_filter(block)) return;
  for (uint32_t direction = 0; direction < (picture.enable_dual_filter ? 2u : 1u); ++direction) {
    auto& cdf = tile_->cdfs.modes.interp_filter[interp_filter_context(block, direction)];
    filters[direction] = static_cast<uint8_t>(tile_->decoder.symbol(cdf));
  }
  if (!picture.enable_dual_filter) filters[1] = filters[0];
}

}  // namespace daedalus::av1
