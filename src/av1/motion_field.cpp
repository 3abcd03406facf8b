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

// How far a vector's component moves a block, in units of 8 luma samples: towards zero.
int32_t in_8s(int32_t component) {
  return component >= 0 ? component >> 6 : -(-component >> 6);
}

int32_t distance(const FrameContext& frame, uint32_t a, uint32_t b) {
  return relative_distance(a, b, frame.picture->order_hint_bits);
}

bool is_saved(const FrameContext& frame, const BlockInfo& block, uint32_t list) {
  const int32_t ref = block.ref_frame[list];
  const Mv mv = block.mv[list];
  return ref > intra_frame &&
         distance(frame, frame.order_hints[static_cast<uint32_t>(ref)], frame.picture->order_hint) <
             0 &&
         std::abs(mv.y) <= refmvs_limit && std::abs(mv.x) <= refmvs_limit;
}

// MfRefFrames and MfMvs: the second reference's vector goes before the first's.
SavedMotion motion_to_save(const FrameContext& frame, const BlockInfo& block) {
  if (!block.is_inter) return {};
  for (const uint32_t list : {1u, 0u})
    if (is_saved(frame, block, list)) return {block.mv[list], block.ref_frame[list]};
  return {};
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

// The projection process' output: whether the reference could be used at all.
bool MotionField::add_source(const FrameContext& frame, uint32_t ref_frame, int32_t direction) {
  const auto& reference = frame.references[ref_frame - 1];
  if (!reference || reference->mi_rows != frame.mi_rows || reference->mi_cols != frame.mi_cols ||
      reference->frame_type == FrameType::key || reference->frame_type == FrameType::intra_only ||
      reference->motion.size() < std::size_t{width_8_} * height_8_)
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
  for (const MotionField::Source& source : field.sources()) {
    source.frame->wait_for_row(row64);
    project_source(field, source, row64);
  }
}

void TileMotionField::project_source(const MotionField& field, const MotionField::Source& source,
                                     uint32_t row64) {
  const uint32_t end = std::min(row64 * 8 + 8, field.height_8());
  for (uint32_t row_8 = row64 * 8; row_8 < end; ++row_8) project_row(field, source, row_8);
}

void TileMotionField::project_row(const MotionField& field, const MotionField::Source& source,
                                  uint32_t row_8) {
  const SavedMotion* const saved =
      source.frame->motion.data() + std::size_t{row_8} * field.width_8();
  // A tile begins at a multiple of 64 luma columns; it may end at the frame's end.
  const uint32_t begin = column_begin_ - std::min(column_begin_, max_offset_width);
  const uint32_t end = std::min(column_end_ + max_offset_width, field.width_8());
  for (uint32_t column = begin; column < end;) {
    const uint32_t group_end = std::min((column & ~7u) + 8, end);
    Run run = {saved[column], column, column + 1};
    while (run.end < group_end && saved[run.end] == run.saved) ++run.end;
    column = run.end;
    if (source.distance[static_cast<uint32_t>(run.saved.ref_frame)] != 0)
      project_run(field, source, run, row_8);
  }
}

void TileMotionField::project_run(const MotionField& field, const MotionField::Source& source,
                                  const Run& run, uint32_t row_8) {
  const auto ref = static_cast<uint32_t>(run.saved.ref_frame);
  const Mv to_current = projected_mv(run.saved.mv, source.to_current[ref]);
  const int32_t y = static_cast<int32_t>(row_8) + source.direction * in_8s(to_current.y);
  const auto band = static_cast<int32_t>(row_8 & ~7u);
  if (y < band || y >= std::min(band + 8, static_cast<int32_t>(field.height_8()))) return;

  // Where the group of eight may go, inside of the tile.
  const auto group = static_cast<int32_t>(run.column & ~7u);
  constexpr auto reach = static_cast<int32_t>(max_offset_width);
  const int32_t low = std::max(group - reach, static_cast<int32_t>(column_begin_));
  const int32_t high = std::min(group + 8 + reach, static_cast<int32_t>(column_end_));
  const int32_t by = source.direction * in_8s(to_current.x);
  const int32_t first = std::max(static_cast<int32_t>(run.column) + by, low);
  const int32_t end = std::min(static_cast<int32_t>(run.end) + by, high);
  if (first >= end) return;
  TemporalMv* const row = mvs_.data() + (static_cast<uint32_t>(y) & (rows - 1)) * stride_;
  std::fill_n(row + (static_cast<uint32_t>(first) - column_begin_), end - first,
              TemporalMv{run.saved.mv, source.distance[ref]});
}

void save_motion(const FrameContext& frame, const BlockInfo& block, SavedFrame& saved) {
  const SavedMotion motion = motion_to_save(frame, block);
  // The 8x8 blocks whose unit at odd row and column is the block's.
  const uint32_t row_begin = block.mi_row >> 1, column_begin = block.mi_col >> 1;
  const uint32_t row_end =
      std::min((block.mi_row + units_high(block.size)) >> 1, saved.mi_rows >> 1);
  const uint32_t column_end =
      std::min((block.mi_col + units_wide(block.size)) >> 1, saved.mi_cols >> 1);
  const std::size_t stride = saved.mi_cols >> 1;
  for (std::size_t row = row_begin; row < row_end; ++row) {
    SavedMotion* const to = saved.motion.data() + row * stride;
    std::fill(to + column_begin, to + column_end, motion);
  }
}

}  // namespace daedalus::av1
