// SPDX-License-Identifier: MIT
#include "av1/motion_field.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

namespace daedalus::av1 {
namespace {

constexpr int32_t max_frame_distance = 31;
constexpr uint32_t max_offset_width = 8;  // in units of 8 luma samples
constexpr int32_t refmvs_limit = (1 << 12) - 1;
constexpr uint32_t mfmv_stack_size = 3;

// 7.9.3
constexpr std::array<int32_t, 32> div_mult = {
    0,    16384, 8192, 5461, 4096, 3276, 2730, 2340, 2048, 1820, 1638, 1489, 1365, 1260, 1170, 1092,
    1024, 963,   910,  862,  819,  780,  744,  712,  682,  655,  630,  606,  585,  564,  546,  528};

// How far a vector's component moves a block, in units of 8 luma samples, rounded towards zero.
int32_t in_8s(int32_t component) {
  return (component + (component >> 31 & 63)) >> 6;
}

int32_t distance(const FrameContext& frame, uint32_t a, uint32_t b) {
  return relative_distance(a, b, frame.picture->order_hint_bits);
}

bool is_saved(const FrameContext& frame, const BlockInfo& block, uint32_t list) {
  const int32_t ref = block.ref_frame[list];
  const Mv mv = block.mv[list];
  return ref > intra_frame && frame.is_past[static_cast<uint32_t>(ref)] &&
         std::abs(mv.y) <= refmvs_limit && std::abs(mv.x) <= refmvs_limit;
}

}  // namespace

int32_t projection_scale(int32_t numerator, int32_t denominator) {
  return std::clamp(numerator, -max_frame_distance, max_frame_distance) *
         div_mult[static_cast<uint32_t>(std::clamp(denominator, 0, max_frame_distance))];
}

void MotionField::begin(const FrameContext& frame) {
  const PictureParameters& picture = *frame.picture;
  width_8_ = frame.mi_cols >> 1;
  height_8_ = frame.mi_rows >> 1;
  source_count_ = 0;
  for (uint32_t ref = last_frame; ref <= altref_frame; ++ref) {
    const int32_t to_reference = distance(frame, picture.order_hint, frame.order_hints[ref]);
    for (int32_t denominator = 0; denominator <= max_frame_distance; ++denominator)
      to_reference_[ref][static_cast<uint32_t>(denominator)] =
          projection_scale(to_reference, denominator);
  }

  const auto& last = frame.references[0];
  if (last && last->saved_order_hints[altref_frame] != frame.order_hints[golden_frame])
    add_source(frame, last_frame, -1);
  int32_t stamp = mfmv_stack_size - 2;
  for (const uint32_t ref : {bwdref_frame, altref2_frame, altref_frame}) {
    if (distance(frame, frame.order_hints[ref], picture.order_hint) <= 0) continue;
    if (ref == altref_frame && stamp < 0) continue;
    if (add_source(frame, ref, 1)) --stamp;
  }
  if (stamp >= 0) add_source(frame, last2_frame, -1);
}

// The projection process. Returns its output: whether the reference is usable.
bool MotionField::add_source(const FrameContext& frame, uint32_t ref_frame, int32_t direction) {
  const auto& reference = frame.references[ref_frame - 1];
  if (!reference || reference->mi_rows != frame.mi_rows || reference->mi_cols != frame.mi_cols ||
      reference->frame_type == FrameType::key || reference->frame_type == FrameType::intra_only ||
      !reference->has_motion_size())
    return false;
  Source& source = sources_[source_count_++];
  source = {.frame = reference.get(), .direction = direction, .distance = {}, .to_current = {}};
  const uint8_t hint = frame.order_hints[ref_frame];
  const int32_t to_current = distance(frame, hint, frame.picture->order_hint);
  for (uint32_t ref = last_frame; ref <= altref_frame; ++ref) {
    const int32_t offset = distance(frame, hint, reference->saved_order_hints[ref]);
    if (std::abs(to_current) > max_frame_distance || offset <= 0 || offset > max_frame_distance)
      continue;
    source.distance[ref] = static_cast<uint8_t>(offset);
    source.to_current[ref] = projection_scale(to_current * direction, offset);
  }
  return true;
}

void TileMotionField::begin(uint32_t mi_col_start, uint32_t mi_col_end) {
  column_begin_ = mi_col_start >> 1;
  column_end_ = mi_col_end >> 1;
  stride_ = column_end_ - column_begin_;
  mvs_.resize(std::size_t{rows} * stride_);
}

void TileMotionField::project(const MotionField& field, uint32_t row64) {
  const auto first = mvs_.begin() + static_cast<std::ptrdiff_t>((row64 * 8 & (rows - 1)) * stride_);
  std::fill(first, first + static_cast<std::ptrdiff_t>(8 * stride_), TemporalMv{});
  for (uint32_t index = 0; index < field.sources().size(); ++index)
    project_source(field, index, row64);
}

void TileMotionField::project_source(const MotionField& field, uint32_t index, uint32_t row64) {
  const MotionField::Source& source = field.sources()[index];
  source.frame->wait_for_row(row64);
  const auto begin = static_cast<int32_t>(column_begin_), end = static_cast<int32_t>(column_end_);
  constexpr auto reach_x = static_cast<int32_t>(max_offset_width);
  Reach reach;
  reach.first_row = mvs_.data() + (row64 * 8 & (rows - 1)) * stride_;
  reach.height = static_cast<int32_t>(std::min(field.height_8() - row64 * 8, 8u));
  reach.precedence = index << place_bits;
  // A tile begins at a multiple of 64 luma columns, but may end anywhere at the frame's edge.
  const uint32_t first_square = column_begin_ / 8 - (column_begin_ == 0 ? 0 : 1);
  const uint32_t end_square = (std::min(column_end_ + max_offset_width, field.width_8()) + 7) / 8;
  for (uint32_t column64 = first_square; column64 < end_square; ++column64) {
    reach.column = static_cast<int32_t>(column64 * 8);
    reach.low = std::max(reach.column - reach_x, begin);
    reach.high = std::min(reach.column + 8 + reach_x, end);
    for (const SavedMotion& motion : source.frame->motion(row64, column64))
      project_block(source, motion, reach);
  }
}

void TileMotionField::project_block(const MotionField::Source& source, const SavedMotion& motion,
                                    const Reach& reach) const {
  const uint32_t ref_frame = motion.ref_frame(), distance = source.distance[ref_frame];
  if (distance == 0) return;
  const Mv mv = motion.mv();
  const int32_t scale = source.to_current[ref_frame];
  const int32_t down = source.direction * in_8s(scaled_component(mv.y, scale));
  const int32_t right = source.direction * in_8s(scaled_component(mv.x, scale));
  const int32_t x = reach.column + static_cast<int32_t>(motion.column()) + right;
  const int32_t first_x = std::max(x, reach.low);
  const int32_t end_x = std::min(x + static_cast<int32_t>(motion.width()), reach.high);
  if (first_x >= end_x) return;
  const int32_t y = static_cast<int32_t>(motion.row()) + down;
  const int32_t first_y = std::max(y, 0);
  const int32_t end_y = std::min(y + static_cast<int32_t>(motion.height()), reach.height);
  // For vectors that land in reach, both differences are positive and the second fits in
  // `column_bits`.
  const auto precedence = reach.precedence + (static_cast<uint32_t>(8 - down) << column_bits) +
                          static_cast<uint32_t>(16 - right);
  const TemporalMv temporal(mv, distance, precedence);
  for (int32_t row = first_y; row < end_y; ++row) {
    TemporalMv* const places =
        reach.first_row + row * static_cast<std::ptrdiff_t>(stride_) - column_begin_;
    for (int32_t column = first_x; column < end_x; ++column) places[column].take_larger(temporal);
  }
}

void save_motion(const FrameContext& frame, const BlockInfo& block, SavedFrame& saved) {
  if (!block.is_inter) return;
  // The second reference's vector takes precedence.
  const uint32_t list = is_saved(frame, block, 1) ? 1 : 0;
  if (list == 0 && !is_saved(frame, block, 0)) return;
  // The 8x8 blocks whose unit at odd row and column belongs to the block.
  const uint32_t row_begin = block.mi_row >> 1, column_begin = block.mi_col >> 1;
  const uint32_t row_end =
      std::min((block.mi_row + units_high(block.size)) >> 1, saved.mi_rows >> 1);
  const uint32_t column_end =
      std::min((block.mi_col + units_wide(block.size)) >> 1, saved.mi_cols >> 1);
  const auto ref_frame = static_cast<uint32_t>(block.ref_frame[list]);
  for (uint32_t row = row_begin; row < row_end; row += 8)
    for (uint32_t column = column_begin; column < column_end; column += 8)
      saved.add_motion(row / 8, column / 8,
                       {block.mv[list], ref_frame, row & 7, column & 7, std::min(row_end - row, 8u),
                        std::min(column_end - column, 8u)});
}

}  // namespace daedalus::av1
