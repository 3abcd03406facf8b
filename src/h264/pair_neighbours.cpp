// SPDX-License-Identifier: MIT
#include "h264/pair_neighbours.h"

#include <algorithm>

namespace daedalus::h264 {

namespace {

// Converts a block or partition of a macroblock of the other kind to this kind.
Mv converted(Mv mv, bool to_field) {
  return {mv.x(), to_field ? mv.y() / 2 : mv.y() * 2};
}
int8_t converted(int8_t ref_idx, bool to_field) {
  if (ref_idx < 0) return ref_idx;
  return static_cast<int8_t>(to_field ? ref_idx * 2 : ref_idx >> 1);
}
AbsMvd converted(AbsMvd mvd, bool to_field) {
  const auto x = static_cast<int32_t>(mvd.x()), y = static_cast<int32_t>(mvd.y());
  return {x, to_field ? y / 2 : y * 2};
}

void convert_motion(MbEdge& edge, bool to_field) {
  for (std::size_t list = 0; list < 2; ++list) {
    for (std::size_t half = 0; half < 2; ++half)
      if (!to_field && edge.ref_idx[list][half * 2] <= 1) edge.ref_idx_positive[list][half] = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      edge.mv[list][i] = converted(edge.mv[list][i], to_field);
      edge.ref_idx[list][i] = converted(edge.ref_idx[list][i], to_field);
      edge.abs_mvd[list][i] = converted(edge.abs_mvd[list][i], to_field);
    }
  }
}

// The block at the right edge of a pair of the other kind that is beside row 4 * `y` of macroblock
// k; `y_offset` is -1 for the row above that. Samples beside each other are in the same row.
struct Beside {
  uint32_t mb, block;
};
Beside beside(bool field, uint32_t k, uint32_t y, uint32_t y_offset = 0) {
  const uint32_t row = 4 * y + y_offset;
  const uint32_t row_of_pair = field ? 2 * row + k : 16 * k + row;
  return field ? Beside{row_of_pair / 16, row_of_pair % 16 / 4}
               : Beside{row_of_pair % 2, row_of_pair / 2 / 4};
}

}  // namespace

void PairNeighbours::reset(uint32_t width_in_mbs, bool entropy_coding_mode_flag,
                           bool constrained_intra_pred_flag) {
  width_ = width_in_mbs;
  constrained_intra_pred_ = constrained_intra_pred_flag;
  unavailable_ = {};
  unavailable_.mbs.fill(unavailable_edge(entropy_coding_mode_flag));
  row_.assign(width_in_mbs, unavailable_);
  left_ = above_left_ = unavailable_;
}

void PairNeighbours::enter_pair(uint32_t mb_x) {
  mb_x_ = mb_x;
  entered_ = nothing;
  if (mb_x == 0) left_ = above_left_ = unavailable_;
}

bool PairNeighbours::inferred_field() const {
  if (left_.available) return left_.field;
  return row_[mb_x_].available && row_[mb_x_].field;
}

uint32_t PairNeighbours::field_pair_count() const {
  const auto is_field = [](const PairEdges& pair) { return pair.available && pair.field; };
  return uint32_t{is_field(left_)} + uint32_t{is_field(row_[mb_x_])};
}

// A pair's kind is read after skip flags whose contexts depend on it; usually the assumption was
// right.
void PairNeighbours::enter(bool field, uint32_t k, Neighbourhood& neighbourhood) {
  const uint32_t entered = k * 2 + (field ? 1 : 0);
  if (entered_ == entered) return;
  entered_ = entered;
  const bool is_lower_frame = !field && k == 1;
  set_left(field, k, neighbourhood);
  const PairEdges& above = row_[mb_x_];
  lower_[k] = is_lower_frame ? lower_[0] : above.above(field, k);
  if (!is_lower_frame && above.field != field) convert_motion(lower_[k], field);
  neighbourhood.above = &lower_[k];
  const PairEdges& right = mb_x_ + 1 < width_ && !is_lower_frame ? row_[mb_x_ + 1] : unavailable_;
  neighbourhood.above_right = as_seen(right, field, k, above_right_);
  set_corner(field, k);
  neighbourhood.above_left = &corner_;
}

// What is above a macroblock, or a copy of it where it is of the other kind.
const MbEdge* PairNeighbours::as_seen(const PairEdges& pair, bool field, uint32_t k, MbEdge& copy) {
  const MbEdge& edge = pair.above(field, k);
  if (!pair.available || pair.field == field) return &edge;
  copy = edge;
  convert_motion(copy, field);
  return &copy;
}

void PairNeighbours::set_left(bool field, uint32_t k, Neighbourhood& neighbourhood) {
  neighbourhood.left_diagonal = nullptr;
  if (left_.field == field || !left_.available) {
    neighbourhood.left = left_.mbs[k];
    return;
  }
  mix_left(field, k, neighbourhood.left);
  convert_motion(neighbourhood.left, field);
  set_left_diagonal(field, k);
  neighbourhood.left_diagonal = &left_diagonal_;
}

// What applies to a whole macroblock is taken from the first one. Of its coded_block_pattern only
// the right quarters are used.
void PairNeighbours::mix_left(bool field, uint32_t k, MbEdge& edge) const {
  edge = left_.mbs[0];
  std::array<std::array<int8_t, 4>, 2> modes;
  for (std::size_t i = 0; i < 2; ++i) resolve_pred_modes(left_.mbs[i], modes[i]);
  uint32_t pattern = left_.mbs[0].mb.coded_block_pattern & ~0xau;
  for (uint32_t y = 0; y < 4; ++y) {
    const auto [mb, block] = beside(field, k, y);
    const MbEdge& from = left_.mbs[mb];
    for (std::size_t list = 0; list < 2; ++list) {
      edge.mv[list][y] = from.mv[list][block];
      edge.ref_idx[list][y] = from.ref_idx[list][block];
      edge.abs_mvd[list][y] = from.abs_mvd[list][block];
      if (y % 2 == 0) edge.ref_idx_positive[list][y / 2] = from.ref_idx_positive[list][block / 2];
    }
    edge.coded[y] = from.coded[block];
    edge.pred_modes[y] = modes[mb][block];
    if (y % 2 == 0) pattern |= (from.mb.coded_block_pattern >> (block / 2 * 2 + 1) & 1u) << (y + 1);
  }
  for (uint32_t i = 0; i < 4; ++i) {
    const auto [mb, block] = beside(field, k, i % 2 * 2);  // a chroma block is two of luma high
    edge.coded[4 + i] = left_.mbs[mb].coded[4 + i / 2 * 2 + block / 2];
  }
  edge.mb.coded_block_pattern = static_cast<uint8_t>(pattern);
  edge.mb.intra_level = std::max(left_.mbs[0].mb.intra_level, left_.mbs[1].mb.intra_level);
  // Samples of both macroblocks are beside every block of a frame macroblock.
  const bool intra_0 = (left_.mbs[0].mb.flags & mb_flags::intra) != 0;
  const bool intra_1 = (left_.mbs[1].mb.flags & mb_flags::intra) != 0;
  const bool upper = field ? intra_0 : intra_0 && intra_1;
  const bool lower = field ? intra_1 : upper;
  edge.mb.flags = static_cast<uint16_t>((edge.mb.flags & ~mb_flags::intra) |
                                        mb_flags::has_pred_modes | (upper ? mb_flags::intra : 0) |
                                        (upper != lower ? mb_flags::intra_differs_below : 0));
}

// As IntraParser does for the edge of one macroblock.
void PairNeighbours::resolve_pred_modes(const MbEdge& edge, std::array<int8_t, 4>& modes) const {
  modes = edge.pred_modes;
  if (edge.mb.flags & mb_flags::has_pred_modes) return;
  const bool counts = !constrained_intra_pred_ || (edge.mb.flags & mb_flags::intra) != 0;
  modes.fill(counts ? intra_dc_mode : dc_pred_mode_predicted);
}

void PairNeighbours::set_left_diagonal(bool field, uint32_t k) {
  for (uint32_t y = 1; y < 4; ++y) {
    const auto [mb, block] = beside(field, k, y, ~0u);
    for (std::size_t list = 0; list < 2; ++list) {
      left_diagonal_.mv[list][y] = converted(left_.mbs[mb].mv[list][block], field);
      left_diagonal_.ref_idx[list][y] = converted(left_.mbs[mb].ref_idx[list][block], field);
    }
  }
}

void PairNeighbours::set_corner(bool field, uint32_t k) {
  if (field || k == 0) {
    corner_.keep(above_left_.above(field, k));
    if (!above_left_.available || above_left_.field == field) return;
    for (std::size_t list = 0; list < 2; ++list) {
      corner_.mv[list] = converted(corner_.mv[list], field);
      corner_.ref_idx[list] = converted(corner_.ref_idx[list], field);
    }
    return;
  }
  if (!left_.available || !left_.field) {
    corner_.keep(left_.mbs[0]);
    return;
  }
  // The row above the lower frame macroblock is one of the bottom field's.
  const auto [mb, block] = beside(false, 1, 0, ~0u);
  const MbEdge& from = left_.mbs[mb];
  corner_.mb = from.mb;
  for (std::size_t list = 0; list < 2; ++list) {
    corner_.mv[list] = converted(from.mv[list][block], false);
    corner_.ref_idx[list] = converted(from.ref_idx[list][block], false);
  }
}

void PairNeighbours::leave(uint32_t k, const Neighbourhood& neighbourhood) {
  right_[k] = neighbourhood.left;
}

void PairNeighbours::assume_skipped() {
  lower_[0].mb = {};
  lower_[0].mb.flags = mb_flags::available;
}

void PairNeighbours::leave_pair(bool field) {
  left_.mbs = right_;
  above_left_ = row_[mb_x_];
  row_[mb_x_].mbs = lower_;
  for (auto* pair : {&left_, &row_[mb_x_]}) {
    pair->available = true;
    pair->field = field;
  }
}

}  // namespace daedalus::h264
