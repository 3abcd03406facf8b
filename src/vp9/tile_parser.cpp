// SPDX-License-Identifier: MIT
#include "vp9/tile_parser.h"

#include <algorithm>
#include <cstring>

#include "vp9/tables.h"

namespace daedalus::vp9 {

namespace {

// The neighbour that blocks see outside the frame or tile.
constexpr ModeInfo no_block{};

// partition_context_lookup: what a block of each size leaves above and to the left.
constexpr std::array<uint8_t, block_sizes> above_partition = {15, 15, 14, 14, 14, 12, 12,
                                                              12, 8,  8,  8,  0,  0};
constexpr std::array<uint8_t, block_sizes> left_partition = {15, 14, 15, 14, 12, 14, 12,
                                                             8,  12, 8,  0,  8,  0};

void fill_partition(uint8_t* contexts, uint8_t value, uint32_t width_log2) {
  switch (width_log2) {
    case 0:
      *contexts = value;
      break;
    case 1:
      std::memset(contexts, value, 2);
      break;
    case 2:
      std::memset(contexts, value, 4);
      break;
    default:
      std::memset(contexts, value, 8);
      break;
  }
}

// Whether a row of 8 (luma) or 4 units has all bits set, not counting the last one.
bool any_open_row(uint64_t rows, uint32_t width) {
  const uint64_t open = (1u << (width - 1)) - 1;
  for (; rows != 0; rows >>= width)
    if ((rows & open) == open) return true;
  return false;
}

MotionVector job_mv(Mv mv) {
  return {mv.col, mv.row};
}

}  // namespace

void TileParser::begin(FrameContext& frame, uint32_t mi_col_begin, uint32_t mi_col_end) {
  frame_ = &frame;
  mi_col_begin_ = mi_col_begin;
  mi_col_end_ = mi_col_end;
  if (frame.header.adapts()) counts = {};
}

uint32_t TileParser::parse(std::span<const std::byte> tile, uint32_t mi_row_begin,
                           uint32_t mi_row_end) {
  decoder_ = BoolDecoder(reinterpret_cast<const uint8_t*>(tile.data()), tile.size());
  const bool marker = decoder_.read(128);
  broken_ = marker || tile.empty();
  for (uint32_t mi_row = mi_row_begin; mi_row < mi_row_end; mi_row += 8) {
    if (frame_->previous) frame_->previous->wait_for_row(mi_row / 8);
    if (frame_->map_before) frame_->map_before->wait_for_row(mi_row / 8);
    mark();
    if (!superblock_row(mi_row)) {
      return_to_mark();
      return mi_row;
    }
    frame_->field->add_parsed(mi_row / 8);
  }
  return mi_row_end;
}

void TileParser::mark() {
  const uint32_t first = mi_col_begin_ / 8, end = (mi_col_end_ + 7) / 8;
  mark_.records = records.mark();
  mark_.above.assign(frame_->above.begin() + first, frame_->above.begin() + end);
  mark_.above_levels.assign(frame_->above_levels.begin() + first,
                            frame_->above_levels.begin() + end);
}

void TileParser::return_to_mark() {
  const uint32_t first = mi_col_begin_ / 8;
  records.return_to(mark_.records);
  std::copy(mark_.above.begin(), mark_.above.end(), frame_->above.begin() + first);
  std::copy(mark_.above_levels.begin(), mark_.above_levels.end(),
            frame_->above_levels.begin() + first);
}

bool TileParser::superblock_row(uint32_t mi_row) {
  begin_superblock_row();
  for (uint32_t mi_col = mi_col_begin_; mi_col < mi_col_end_; mi_col += 8) {
    if (broken_ || decoder_.overran() || !records.has_room()) return false;
    begin_superblock(mi_col);
    partition(mi_row, mi_col, 3);
    end_superblock(mi_row, mi_col);
  }
  return !broken_ && !decoder_.overran();
}

void TileParser::begin_superblock_row() {
  left_ = {};
  luma_corner_intra_ = chroma_corner_intra_ = 0;
}

void TileParser::begin_superblock(uint32_t mi_col) {
  records.begin_superblock();
  above_ = &frame_->above[mi_col / 8];
  above_levels_ = &frame_->above_levels[mi_col / 8];
  luma_inner_ = 0;
  chroma_inner_ = 0;
}

void TileParser::end_superblock(uint32_t mi_row, uint32_t mi_col) {
  constexpr uint64_t last_column = 0x8080808080808080;
  constexpr uint64_t open_column = last_column >> 8;
  const uint32_t index = mi_row / 8 * frame_->sb_cols + mi_col / 8;
  auto& edges = frame_->edges[index];
  edges.luma = {any_open_row(luma_inner_, 8), (luma_inner_ & open_column) == open_column};
  edges.chroma = {any_open_row(chroma_inner_, 4), (chroma_inner_ & 0x0888) == 0x0888};
  if (records.superblock_has_coefficients())
    frame_->coefficient_bases[index] = records.superblock_base();
}

// Marks the block's units whose inner 4x4 edges are filtered. In chroma only the top left unit of
// each 16x16 luma samples counts.
void TileParser::add_inner_edges(const Block& block) {
  const uint32_t x = block.mi_col % 8, y = block.mi_row % 8;
  if (block.tx_size == tx_4x4) {
    const uint64_t row = uint64_t{(1u << block.visible_width) - 1} << x;
    for (uint32_t i = 0; i < block.visible_height; ++i) luma_inner_ |= row << 8 * (y + i);
  }
  if (uv_tx_size(block.size, block.tx_size) != tx_4x4) return;
  for (uint32_t v = (y + 1) & ~1u; v < y + block.visible_height; v += 2)
    for (uint32_t u = (x + 1) & ~1u; u < x + block.visible_width; u += 2)
      chroma_inner_ |= 1u << (v / 2 * 4 + u / 2);
}

void TileParser::add_small_record(const Block& block, const BlockRecord& record, bool is_scaled) {
  SmallBlockRecord small{.block = record, .parts = {}};
  for (std::size_t i = 0; i < 4; ++i)
    small.parts[i] = {job_mv(block.sub_mvs[0][i]), job_mv(block.sub_mvs[1][i])};
  (is_scaled ? records.scaled_small_blocks : records.small_blocks).add(small);
}

[[gnu::always_inline]] inline void TileParser::add_record(const Block& block) {
  const ModeInfo& info = block.info;
  const uint32_t level = frame_->filter_levels[block.segment_id][info.ref_frame[0]]
                                              [block.is_inter && info.mode != zero_mv];
  records.filters |= level != 0;
  const bool no_inner_edges = block.skip && block.is_inter;
  if (level != 0 && !no_inner_edges) add_inner_edges(block);

  BlockRecord record{.place = block.mi_col << block_place::x_shift |
                              block.mi_row << block_place::y_shift |
                              uint32_t{width_8_log2[block.size]} << block_place::width_shift |
                              uint32_t{height_8_log2[block.size]} << block_place::height_shift |
                              uint32_t{block.tx_size} << block_place::tx_size_shift |
                              level << block_place::filter_level_shift,
                     .head = 0,
                     .mv_0 = {},
                     .mv_1 = {}};
  if (!block.is_inter) {
    records.add_block(record, intra_turn);
    return;
  }
  const bool is_compound = block.is_compound();
  const uint32_t second = is_compound ? info.ref_frame[1] - 1u : no_reference;
  record.head = block_head::is_inter | (no_inner_edges ? block_head::no_inner_edges : 0) |
                (info.ref_frame[0] - 1u) << block_head::reference_0_shift |
                second << block_head::reference_1_shift |
                uint32_t{info.interp_filter} << block_head::interp_filter_shift;
  const bool is_scaled =
      frame_->ref_scaled[info.ref_frame[0]] || frame_->ref_scaled[info.ref_frame[1]];
  if (block.is_small()) {
    record.head |= block_head::is_small;
    add_small_record(block, record, is_scaled);
    return;
  }
  record.mv_0 = job_mv(info.mv[0]);
  record.mv_1 = job_mv(info.mv[1]);
  records.add_block(record, is_scaled ? scaled_turn : motion_kind(record));
}

[[gnu::always_inline]] inline void TileParser::finish(Block& block) {
  ModeInfo& info = block.info;
  info.flags |= static_cast<uint8_t>((block.skip ? mode_info::skip : 0) |
                                     block.tx_size << mode_info::tx_size_shift |
                                     (block.is_small() ? mode_info::small : 0));
  ModeInfo* row = block.unit;
  for (uint32_t y = 0; y < block.visible_height; ++y, row += frame_->mi_cols)
    for (uint32_t x = 0; x < block.visible_width; ++x) row[x] = info;
  if (block.is_small() && block.is_inter) {
    frame_->above_small[block.mi_col] = {block.sub_mvs[0][2], block.sub_mvs[1][2]};
    left_small_[block.mi_row % 8] = {block.sub_mvs[0][1], block.sub_mvs[1][1]};
  }
  add_record(block);
}

[[gnu::always_inline]] inline void TileParser::place(Block& block) const {
  const FrameContext& frame = *frame_;
  block.width = 1u << width_8_log2[block.size];
  block.height = 1u << height_8_log2[block.size];
  block.visible_width = std::min(block.width, frame.mi_cols - block.mi_col);
  block.visible_height = std::min(block.height, frame.mi_rows - block.mi_row);
  block.unit = frame.field->infos.data() + std::size_t{block.mi_row} * frame.mi_cols + block.mi_col;
  block.above = block.mi_row > 0 ? block.unit - frame.mi_cols : &no_block;
  block.left = block.mi_col > mi_col_begin_ ? block.unit - 1 : &no_block;
}

[[gnu::always_inline]] inline Partition TileParser::read_partition(uint32_t mi_row, uint32_t mi_col,
                                                                   uint32_t width_log2) {
  const uint32_t half = 1u << width_log2 >> 1;
  const bool has_rows = mi_row + half < frame_->mi_rows;
  const bool has_cols = mi_col + half < frame_->mi_cols;
  const uint32_t above = above_->partition[mi_col % 8] >> width_log2 & 1;
  const uint32_t left = left_.partition[mi_row % 8] >> width_log2 & 1;
  const uint32_t context = width_log2 * 4 + left * 2 + above;
  const uint8_t* const probs = frame_->header.intra()
                                   ? default_intra_partition_probs[context]
                                   : frame_->probabilities.partition[context].data();
  Partition partition = partition_split;
  if (has_rows && has_cols)
    partition = !decoder_.read(probs[0])   ? partition_none
                : !decoder_.read(probs[1]) ? partition_horz
                : !decoder_.read(probs[2]) ? partition_vert
                                           : partition_split;
  else if (has_cols)
    partition = decoder_.read(probs[1]) ? partition_split : partition_horz;
  else if (has_rows)
    partition = decoder_.read(probs[2]) ? partition_split : partition_vert;
  ++counts.partition[context][partition];
  return partition;
}

void TileParser::partition(uint32_t mi_row, uint32_t mi_col, uint32_t width_log2) {
  if (mi_row >= frame_->mi_rows || mi_col >= frame_->mi_cols) return;
  const Partition partition = read_partition(mi_row, mi_col, width_log2);
  // Sizes of a square go up by three from one width to the next.
  const uint32_t square = block_8x8 + 3 * width_log2;
  const uint32_t half = 1u << width_log2 >> 1;
  auto size = static_cast<BlockSize>(square);
  if (partition == partition_horz) size = static_cast<BlockSize>(square - 1);
  if (partition == partition_vert) size = static_cast<BlockSize>(square - 2);
  if (partition == partition_split) size = static_cast<BlockSize>(square - 3);

  if (partition == partition_split && half != 0) {
    this->partition(mi_row, mi_col, width_log2 - 1);
    this->partition(mi_row, mi_col + half, width_log2 - 1);
    this->partition(mi_row + half, mi_col, width_log2 - 1);
    this->partition(mi_row + half, mi_col + half, width_log2 - 1);
    return;
  }
  block(mi_row, mi_col, size);
  if (partition == partition_horz && half != 0 && mi_row + half < frame_->mi_rows)
    block(mi_row + half, mi_col, size);
  if (partition == partition_vert && half != 0 && mi_col + half < frame_->mi_cols)
    block(mi_row, mi_col + half, size);
  fill_partition(&above_->partition[mi_col % 8], above_partition[size], width_log2);
  fill_partition(&left_.partition[mi_row % 8], left_partition[size], width_log2);
}

void TileParser::block(uint32_t mi_row, uint32_t mi_col, BlockSize size) {
  Block block;
  block.mi_row = mi_row;
  block.mi_col = mi_col;
  block.size = size;
  place(block);
  modes(block);
  if (block.skip) reset_coefficient_contexts(block);
  if (block.is_inter) {
    leave_no_intra(block);
    // From here on a block without coefficients counts as skipped.
    if (!block.skip && !inter_residual(block) && !block.is_small()) block.skip = true;
  } else {
    intra_residual(block);
  }
  finish(block);
}

void TileParser::conceal(uint32_t mi_row_begin, uint32_t mi_row_end, uint32_t ref_frame) {
  broken_ = false;
  const bool copies_map = frame_->map_before && !frame_->field->segment_ids.empty();
  for (uint32_t mi_row = mi_row_begin; mi_row < mi_row_end; mi_row += 8) {
    if (copies_map) frame_->map_before->wait_for_row(mi_row / 8);
    begin_superblock_row();
    for (uint32_t mi_col = mi_col_begin_; mi_col < mi_col_end_; mi_col += 8) {
      begin_superblock(mi_col);
      conceal_superblock(mi_row, mi_col, ref_frame);
      end_superblock(mi_row, mi_col);
    }
    frame_->field->add_parsed(mi_row / 8);
  }
}

void TileParser::conceal_superblock(uint32_t mi_row, uint32_t mi_col, uint32_t ref_frame) {
  Block block;
  block.mi_row = mi_row;
  block.mi_col = mi_col;
  block.size = block_64x64;
  place(block);
  block.skip = true;
  block.tx_size = tx_32x32;
  reset_coefficient_contexts(block);
  block.info.mv = {};
  block.is_inter = ref_frame != intra_frame;
  if (block.is_inter) {
    block.info.ref_frame[0] = static_cast<uint8_t>(ref_frame);
    block.info.mode = zero_mv;
    block.info.kind = kind_of_single(ref_frame);
    block.info.interp_filter = eighttap;
    leave_no_intra(block);
  } else {
    block.info.kind = ReferenceKind::intra;
    intra_residual(block);
  }
  finish(block);
  conceal_segment_ids(block);
}

// The map stays unchanged.
void TileParser::conceal_segment_ids(const Block& block) {
  if (frame_->field->segment_ids.empty()) return;
  for (uint32_t y = 0; y < block.visible_height; ++y) {
    const std::size_t first = std::size_t{block.mi_row + y} * frame_->mi_cols + block.mi_col;
    uint8_t* const to = frame_->field->segment_ids.data() + first;
    if (frame_->map_before)
      std::copy_n(frame_->map_before->segment_ids.data() + first, block.visible_width, to);
    else
      std::fill_n(to, block.visible_width, uint8_t{0});
  }
}

}  // namespace daedalus::vp9
