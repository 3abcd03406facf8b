// SPDX-License-Identifier: MIT
// intra_frame_mode_info() and inter_frame_mode_info() (VP9 bitstream specification, 6.4.5, 6.4.11).
#include "vp9/tile_parser.h"

namespace daedalus::vp9 {

namespace {

uint8_t pair_of(PredictionMode first, PredictionMode second) {
  return static_cast<uint8_t>(first | second << 4);
}

bool flag_of(const ModeInfo& info, uint32_t flag) {
  return (info.flags & flag) != 0;
}

TransformSize tx_size_of(const ModeInfo& info) {
  return static_cast<TransformSize>(info.flags >> mode_info::tx_size_shift & 3);
}

uint32_t interp_filter_context(uint32_t above, uint32_t left) {
  if (left == above || above == no_filter_type) return left;
  return left == no_filter_type ? above : uint32_t{no_filter_type};
}

[[gnu::always_inline]] inline int32_t read_mv_component(BoolDecoder& decoder,
                                                        const MvComponentProbs& probs,
                                                        MvComponentCounts& count, bool use_hp) {
  const bool sign = decoder.read_bit(probs.sign) != 0;
  ++count.sign[sign];
  const uint32_t mv_class = decoder.tree(mv_class_tree, probs.classes.data());
  ++count.classes[mv_class];
  uint32_t integer = 0, fraction, hp = 1, magnitude = 0;
  // Eighths that are not coded are ones, and are counted as ones.
  if (mv_class == 0) {
    integer = decoder.read_bit(probs.class0_bit);
    ++count.class0_bit[integer];
    fraction = decoder.tree(mv_fr_tree, probs.class0_fr[integer].data());
    ++count.class0_fr[integer][fraction];
    if (use_hp) hp = decoder.read_bit(probs.class0_hp);
    ++count.class0_hp[hp];
  } else {
    for (uint32_t i = 0; i < mv_class; ++i) {
      const uint32_t bit = decoder.read_bit(probs.bits[i]);
      ++count.bits[i][bit];
      integer |= bit << i;
    }
    fraction = decoder.tree(mv_fr_tree, probs.fr.data());
    ++count.fr[fraction];
    if (use_hp) hp = decoder.read_bit(probs.hp);
    ++count.hp[hp];
    magnitude = 2u << (mv_class + 2);
  }
  magnitude += (integer << 3 | fraction << 1 | hp) + 1;
  return sign ? -static_cast<int32_t>(magnitude) : static_cast<int32_t>(magnitude);
}

}  // namespace

void TileParser::modes(Block& block) {
  if (frame_->header.intra())
    intra_frame_modes(block);
  else
    inter_frame_modes(block);
}

PredictionMode TileParser::read_intra_mode(BoolDecoder& decoder, const uint8_t* probabilities) {
  return static_cast<PredictionMode>(decoder.tree(intra_mode_tree, probabilities));
}

// get_segment_id(): the smallest in the block's area.
uint32_t TileParser::predicted_segment_id(const Block& block) const {
  if (!frame_->map_before) return 0;
  const uint8_t* row = frame_->map_before->segment_ids.data() +
                       std::size_t{block.mi_row} * frame_->mi_cols + block.mi_col;
  uint8_t least = max_segments - 1;
  for (uint32_t y = 0; y < block.visible_height; ++y, row += frame_->mi_cols)
    for (uint32_t x = 0; x < block.visible_width; ++x) least = std::min(least, row[x]);
  return least;
}

void TileParser::set_segment_id(const Block& block, uint32_t segment_id) {
  uint8_t* row = frame_->field->segment_ids.data() + std::size_t{block.mi_row} * frame_->mi_cols +
                 block.mi_col;
  for (uint32_t y = 0; y < block.visible_height; ++y, row += frame_->mi_cols)
    std::fill_n(row, block.visible_width, static_cast<uint8_t>(segment_id));
}

uint32_t TileParser::intra_segment_id(BoolDecoder& decoder, const Block& block) {
  const auto& segmentation = frame_->header.segmentation;
  if (!segmentation.update_map) return 0;
  const uint32_t segment_id = decoder.tree(segment_tree, segmentation.tree_probs.data());
  set_segment_id(block, segment_id);
  return segment_id;
}

uint32_t TileParser::inter_segment_id(BoolDecoder& decoder, Block& block) {
  const auto& segmentation = frame_->header.segmentation;
  if (!segmentation.update_map) return predicted_segment_id(block);
  if (segmentation.temporal_update) {
    const uint32_t context =
        static_cast<uint32_t>(flag_of(*block.above, mode_info::seg_id_predicted)) +
        static_cast<uint32_t>(flag_of(*block.left, mode_info::seg_id_predicted));
    if (decoder.read(segmentation.pred_probs[context])) {
      block.info.flags |= mode_info::seg_id_predicted;
      const uint32_t segment_id = predicted_segment_id(block);
      set_segment_id(block, segment_id);
      return segment_id;
    }
  }
  const uint32_t segment_id = decoder.tree(segment_tree, segmentation.tree_probs.data());
  set_segment_id(block, segment_id);
  return segment_id;
}

[[gnu::always_inline]] inline bool TileParser::read_skip(BoolDecoder& decoder, const Block& block) {
  const auto& header = frame_->header;
  if (header.segmentation.enabled && header.persistent.features.active(block.segment_id, seg_skip))
    return true;
  const uint32_t context = static_cast<uint32_t>(flag_of(*block.above, mode_info::skip)) +
                           static_cast<uint32_t>(flag_of(*block.left, mode_info::skip));
  const uint32_t skip = decoder.read_bit(frame_->probabilities.skip[context]);
  ++counts.skip[context][skip];
  return skip != 0;
}

[[gnu::always_inline]] inline TransformSize TileParser::read_tx_size(BoolDecoder& decoder,
                                                                     const Block& block,
                                                                     bool allow_select) {
  const TransformSize largest = max_tx_size[block.size];
  const TxMode tx_mode = frame_->compressed.tx_mode;
  if (!allow_select || tx_mode != tx_mode_select || block.is_small())
    return static_cast<TransformSize>(std::min<uint32_t>(largest, tx_mode));

  const auto of_edge = [largest](const ModeInfo& edge) {
    return uint32_t{flag_of(edge, mode_info::skip) ? largest : tx_size_of(edge)};
  };
  const bool has_above = block.above->kind != ReferenceKind::none;
  const bool has_left = block.left->kind != ReferenceKind::none;
  const uint32_t left = has_left    ? of_edge(*block.left)
                        : has_above ? of_edge(*block.above)
                                    : uint32_t{largest};
  const uint32_t above = has_above ? of_edge(*block.above) : left;
  const uint32_t context = above + left > largest;

  const auto& probs = frame_->probabilities;
  const uint8_t* const sizes = largest == tx_8x8     ? probs.tx_8x8[context].data()
                               : largest == tx_16x16 ? probs.tx_16x16[context].data()
                                                     : probs.tx_32x32[context].data();
  uint32_t tx_size = tx_4x4;
  while (tx_size < largest && decoder.read(sizes[tx_size])) ++tx_size;
  ++counts.tx[largest - 1][context][tx_size];
  return static_cast<TransformSize>(tx_size);
}

void TileParser::intra_frame_modes(Block& block) {
  BoolDecoder& decoder = decoder_;
  if (frame_->header.segmentation.enabled) block.segment_id = intra_segment_id(decoder, block);
  block.skip = read_skip(decoder, block);
  block.tx_size = read_tx_size(decoder, block, true);
  block.info.kind = ReferenceKind::intra;

  // The modes above the left and right columns, and to the left of the upper and lower rows.
  const uint32_t above = block.above->lower_modes, left = block.left->right_modes;
  const auto read = [this, &decoder](uint32_t above_mode, uint32_t left_mode) {
    return read_intra_mode(decoder, default_intra_mode_probs[above_mode][left_mode]);
  };
  auto& modes = block.sub_modes;
  modes[0] = read(above & 15, left & 15);
  modes[1] = modes[2] = modes[3] = modes[0];
  if (block.size == block_4x4 || block.size == block_4x8)
    modes[1] = modes[3] = read(above >> 4, modes[0]);
  if (block.size == block_4x4 || block.size == block_8x4)
    modes[2] = modes[3] = read(modes[0], left >> 4);
  if (block.size == block_4x4) modes[3] = read(modes[1], modes[2]);
  block.info.lower_modes = pair_of(modes[2], modes[3]);
  block.info.right_modes = pair_of(modes[1], modes[3]);
  block.info.mode = modes[3];
  block.uv_mode = read_intra_mode(decoder, default_intra_uv_mode_probs[modes[3]]);
}

void TileParser::intra_block_modes(BoolDecoder& decoder, Block& block) {
  constexpr std::array<uint8_t, block_sizes> size_group = {0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3};
  const uint32_t group = size_group[block.size];
  const auto read = [this, group, &decoder] {
    const PredictionMode mode =
        read_intra_mode(decoder, frame_->probabilities.y_mode[group].data());
    ++counts.y_mode[group][mode];
    return mode;
  };
  auto& modes = block.sub_modes;
  modes[0] = read();
  modes[1] = modes[2] = modes[3] = modes[0];
  if (block.size == block_4x4 || block.size == block_4x8) modes[1] = modes[3] = read();
  if (block.size == block_4x4 || block.size == block_8x4) modes[2] = modes[3] = read();
  if (block.size == block_4x4) modes[3] = read();
  block.info.kind = ReferenceKind::intra;
  block.info.mode = modes[3];
  block.uv_mode = read_intra_mode(decoder, frame_->probabilities.uv_mode[modes[3]].data());
  ++counts.uv_mode[modes[3]][block.uv_mode];
}

[[gnu::always_inline]] inline bool TileParser::read_is_inter(BoolDecoder& decoder,
                                                             const Block& block,
                                                             const ReferenceContexts& contexts) {
  const auto& header = frame_->header;
  const auto& features = header.persistent.features;
  if (header.segmentation.enabled && features.active(block.segment_id, seg_ref_frame))
    return features.data[block.segment_id][seg_ref_frame] != intra_frame;
  const bool is_inter = decoder.read(frame_->probabilities.is_inter[contexts.is_inter]);
  ++counts.is_inter[contexts.is_inter][is_inter];
  return is_inter;
}

[[gnu::always_inline]] inline uint32_t TileParser::single_reference_of(
    BoolDecoder& decoder, const ReferenceContexts& contexts) {
  const auto& probs = frame_->probabilities;
  const bool not_last = decoder.read(probs.single_ref[contexts.single_ref_p1][0]);
  ++counts.single_ref[contexts.single_ref_p1][0][not_last];
  if (!not_last) return last_frame;
  const bool altref = decoder.read(probs.single_ref[contexts.single_ref_p2][1]);
  ++counts.single_ref[contexts.single_ref_p2][1][altref];
  return altref ? altref_frame : golden_frame;
}

// read_ref_frames()
[[gnu::always_inline]] inline void TileParser::references(BoolDecoder& decoder, Block& block,
                                                          const ReferenceContexts& contexts) {
  const auto& header = frame_->header;
  const auto& features = header.persistent.features;
  const auto& probs = frame_->probabilities;
  auto& ref_frame = block.info.ref_frame;
  if (header.segmentation.enabled && features.active(block.segment_id, seg_ref_frame)) {
    ref_frame[0] = static_cast<uint8_t>(features.data[block.segment_id][seg_ref_frame]);
  } else {
    uint32_t mode = frame_->compressed.reference_mode;
    if (mode == reference_mode_select) {
      mode = decoder.read(probs.comp_mode[contexts.comp_mode]);
      ++counts.comp_mode[contexts.comp_mode][mode];
    }
    if (mode == compound_reference) {
      const uint32_t variable = decoder.read(probs.comp_ref[contexts.comp_ref]);
      ++counts.comp_ref[contexts.comp_ref][variable];
      const bool fixed_index = header.ref_frame_sign_bias[frame_->compound.fixed];
      ref_frame[fixed_index] = frame_->compound.fixed;
      ref_frame[!fixed_index] = frame_->compound.variable[variable];
      block.info.kind = variable ? ReferenceKind::compound_1 : ReferenceKind::compound_0;
      broken_ |= !frame_->ref_usable[ref_frame[0]] || !frame_->ref_usable[ref_frame[1]];
      return;
    }
    ref_frame[0] = static_cast<uint8_t>(single_reference_of(decoder, contexts));
  }
  block.info.kind = kind_of_single(ref_frame[0]);
  broken_ |= !frame_->ref_usable[ref_frame[0]];
}

[[gnu::always_inline]] inline PredictionMode TileParser::read_inter_mode(BoolDecoder& decoder,
                                                                         uint32_t context) {
  const uint8_t* const probs = frame_->probabilities.inter_mode[context].data();
  const PredictionMode mode = !decoder.read(probs[0])   ? zero_mv
                              : !decoder.read(probs[1]) ? nearest_mv
                              : !decoder.read(probs[2]) ? near_mv
                                                        : new_mv;
  ++counts.inter_mode[context][mode - nearest_mv];
  return mode;
}

[[gnu::always_inline]] inline uint32_t TileParser::read_interp_filter(BoolDecoder& decoder,
                                                                      const Block& block) {
  const uint32_t context =
      interp_filter_context(block.above->interp_filter, block.left->interp_filter);
  const uint8_t* const probs = frame_->probabilities.interp_filter[context].data();
  const uint32_t filter = !decoder.read(probs[0])   ? eighttap
                          : !decoder.read(probs[1]) ? eighttap_smooth
                                                    : eighttap_sharp;
  ++counts.interp_filter[context][filter];
  return filter;
}

MvNeighbourhood TileParser::neighbourhood(const Block& block) const {
  const FrameField* const previous = frame_->previous;
  // No candidate is further than 3 units above and to the left, nor below or right of the block.
  const bool all_inside = block.mi_row >= 3 && block.mi_col >= mi_col_begin_ + 3 &&
                          block.mi_row + block.height <= frame_->mi_rows &&
                          block.mi_col + block.width <= mi_col_end_;
  return {.frame = &frame_->mv,
          .mi_row = block.mi_row,
          .mi_col = block.mi_col,
          .tile_begin = mi_col_begin_,
          .tile_end = mi_col_end_,
          .size = block.size,
          .all_inside = all_inside,
          .unit = block.unit,
          .previous = previous ? previous->infos.data() + (block.unit - frame_->field->infos.data())
                               : nullptr,
          .above_small = &frame_->above_small[block.mi_col],
          .left_small = &left_small_[block.mi_row % 8]};
}

// read_mv(). An invalid vector becomes 0, because the block's records are written nevertheless.
[[gnu::always_inline]] inline Mv TileParser::read_mv(BoolDecoder& decoder, Mv predicted) {
  const auto& probs = frame_->probabilities;
  const uint32_t joint = decoder.tree(mv_joint_tree, probs.mv_joint.data());
  ++counts.mv_joint[joint];
  const bool use_hp = frame_->header.allow_high_precision_mv && uses_eighths(predicted);
  int32_t difference[2] = {0, 0};
  for (std::size_t component = 0; component < 2; ++component)
    if (joint & (component == 0 ? 2 : 1))
      difference[component] =
          read_mv_component(decoder, probs.mv[component], counts.mv[component], use_hp);
  const int32_t row = predicted.row + difference[0], column = predicted.col + difference[1];
  const auto is_valid = [](int32_t value) { return value > -mv_limit && value < mv_limit - 1; };
  if (!is_valid(row) || !is_valid(column)) {
    broken_ = true;
    return {};
  }
  return {static_cast<int16_t>(row), static_cast<int16_t>(column)};
}

[[gnu::always_inline]] inline void TileParser::mvs(BoolDecoder& decoder, Block& block,
                                                   const MvNeighbourhood& at) {
  block.info.mv = {};
  if (block.info.mode == zero_mv) return;
  const std::size_t lists = block.is_compound() ? 2 : 1;
  for (std::size_t list = 0; list < lists; ++list) {
    const uint32_t ref_frame = block.info.ref_frame[list];
    block.info.mv[list] =
        block.info.mode == near_mv ? near_mv_of(at, ref_frame) : nearest_mv_of(at, ref_frame);
  }
  if (block.info.mode != new_mv) return;
  for (std::size_t list = 0; list < lists; ++list)
    block.info.mv[list] = read_mv(decoder, block.info.mv[list]);
}

void TileParser::small_block_mvs(Block& block, const MvNeighbourhood& at, uint32_t mode_context) {
  BoolDecoder decoder = decoder_;
  const std::size_t lists = block.is_compound() ? 2 : 1;
  const uint32_t columns = block.size == block_8x4 ? 1 : 2;
  const uint32_t rows = block.size == block_4x8 ? 1 : 2;
  std::array<Mv, 2> predicted{};
  bool has_predicted = false;
  block.sub_mvs = {};
  for (uint32_t y = 0; y < rows; ++y)
    for (uint32_t x = 0; x < columns; ++x) {
      const uint32_t sub = y * 2 + x;
      const PredictionMode mode = read_inter_mode(decoder, mode_context);
      block.info.mode = mode;
      for (std::size_t list = 0; list < lists && mode == new_mv && !has_predicted; ++list)
        predicted[list] = nearest_mv_of(at, block.info.ref_frame[list]);
      has_predicted |= mode == new_mv;
      for (std::size_t list = 0; list < lists; ++list) {
        auto& mvs = block.sub_mvs[list];
        const uint32_t ref_frame = block.info.ref_frame[list];
        const Mv mv = mode == new_mv       ? read_mv(decoder, predicted[list])
                      : mode == nearest_mv ? small_nearest_mv(at, ref_frame, sub, mvs)
                      : mode == near_mv    ? small_near_mv(at, ref_frame, sub, mvs)
                                           : Mv{};
        mvs[sub] = mv;
        if (columns == 1) mvs[sub + 1] = mv;
        if (rows == 1) mvs[sub + 2] = mv;
      }
    }
  block.info.mv = {block.sub_mvs[0][3], block.sub_mvs[1][3]};
  decoder_ = decoder;
}

// Returns the context of inter_mode, which blocks below 8x8 need for their modes: these follow the
// interpolation filter in the bitstream.
[[gnu::always_inline]] inline uint32_t TileParser::inter_mode_and_filter(
    BoolDecoder& decoder, Block& block, const MvNeighbourhood& at) {
  const auto& header = frame_->header;
  const bool is_skipped =
      header.segmentation.enabled && header.persistent.features.active(block.segment_id, seg_skip);
  uint32_t mode_context = 0;
  block.info.mode = zero_mv;
  if (is_skipped) {
    broken_ |= block.is_small();
  } else {
    mode_context = inter_mode_context(at);
    if (!block.is_small()) block.info.mode = read_inter_mode(decoder, mode_context);
  }
  block.info.interp_filter =
      static_cast<uint8_t>(header.interp_filter == switchable ? read_interp_filter(decoder, block)
                                                              : uint32_t{header.interp_filter});
  return mode_context;
}

// A local copy of the decoder, which compilers keep in registers, reads the elements that most
// blocks have.
void TileParser::inter_frame_modes(Block& block) {
  if (frame_->header.segmentation.enabled) block.segment_id = inter_segment_id(decoder_, block);
  BoolDecoder decoder = decoder_;
  block.skip = read_skip(decoder, block);
  const auto& contexts = frame_->reference_contexts[static_cast<std::size_t>(block.above->kind)]
                                                   [static_cast<std::size_t>(block.left->kind)];
  block.is_inter = read_is_inter(decoder, block, contexts);
  block.tx_size = read_tx_size(decoder, block, !block.skip || !block.is_inter);
  if (!block.is_inter) {
    decoder_ = decoder;
    intra_block_modes(decoder_, block);
    return;
  }
  references(decoder, block, contexts);
  const MvNeighbourhood at = neighbourhood(block);
  const uint32_t mode_context = inter_mode_and_filter(decoder, block, at);
  if (block.is_small()) {
    decoder_ = decoder;
    small_block_mvs(block, at, mode_context);
    return;
  }
  mvs(decoder, block, at);
  decoder_ = decoder;
}

}  // namespace daedalus::vp9
