// SPDX-License-Identifier: MIT
#include "h264/motion.h"

#include <algorithm>

namespace daedalus::h264 {

namespace {

// Without a branch: compilers turn a plain comparison into one, which is hard to predict.
int32_t median(int32_t a, int32_t b, int32_t c) {
  const int32_t less = std::min(a - b, 0);
  return std::max(b + less, std::min(a - less, c));
}

Candidate on_edge(const MbEdge& edge, uint32_t list, uint32_t block) {
  return {edge.mv[list][block], edge.ref_idx[list][block]};
}

Candidate or_else(const Candidate& c, const Candidate& d) {
  return c.ref_idx == ref_idx_unavailable ? d : c;
}

Candidate on_corner(const Neighbourhood& neighbourhood, uint32_t list) {
  const auto& corner = *neighbourhood.above_left;
  return {corner.mv[list], corner.ref_idx[list]};
}

Candidate part_candidate(const Motion& part, uint32_t list) {
  return {part.mv[list], part.ref_idx[list]};
}

constexpr uint32_t z_order(uint32_t x, uint32_t y) {
  return (x & 1) | (y & 1) << 1 | (x & 2) << 1 | (y & 2) << 2;
}

// Bit y * 4 + x: whether neighbour C of a block of this width is decoded before it, or outside of
// the macroblock, above.
constexpr uint32_t c_decoded_before(uint32_t width) {
  uint32_t mask = 0x000f;
  for (uint32_t y = 1; y < 4; ++y)
    for (uint32_t x = 0; x + width < 4; ++x)
      if (z_order(x + width, y - 1) < z_order(x, y)) mask |= 1u << (y * 4 + x);
  return mask;
}
constexpr std::array<uint32_t, 3> c_masks = {0, c_decoded_before(1), c_decoded_before(2)};

// MbMotion::entry() of the four quarters' first blocks, by shape.
constexpr std::array<std::array<uint8_t, 4>, 5> make_corners() {
  std::array<std::array<uint8_t, 4>, 5> corners{};
  for (uint32_t shape = 0; shape < 5; ++shape)
    for (uint32_t quarter = 0; quarter < 4; ++quarter)
      corners[shape][quarter] = static_cast<uint8_t>(
          MbMotion::entry(static_cast<MotionShape>(shape), quarter % 2 * 2, quarter / 2 * 2));
  return corners;
}
constexpr auto all_corners = make_corners();

const std::array<uint8_t, 4>& corners_of(MotionShape shape) {
  return all_corners[static_cast<uint32_t>(shape)];
}

// The list from which a co-located block's motion is taken.
uint32_t list_of(const Motion& part) {
  return part.ref_idx[0] >= 0 ? 0 : 1;
}

template <uint32_t count>
void keep_blocks(MbEdge& edge, uint32_t list, uint32_t first, const Motion& part) {
  std::fill_n(edge.mv[list].begin() + first, count, part.mv[list]);
  std::fill_n(edge.ref_idx[list].begin() + first, count, static_cast<int8_t>(part.ref_idx[list]));
}

}  // namespace

void MbMotion::simplify() {
  if (shape == MotionShape::blocks) {
    for (uint32_t corner : {0u, 2u, 8u, 10u}) {
      const Motion& part = parts[corner];
      if (parts[corner + 1] != part || parts[corner + 4] != part || parts[corner + 5] != part)
        return;
    }
    shape = MotionShape::quarters;
    parts[1] = parts[2];
    parts[2] = parts[8];
    parts[3] = parts[10];
  }
  if (shape != MotionShape::quarters) return;
  const bool rows = parts[0] == parts[1] && parts[2] == parts[3];
  const bool columns = parts[0] == parts[2] && parts[1] == parts[3];
  if (rows) {
    shape = columns ? MotionShape::whole : MotionShape::rows;
    parts[1] = parts[2];
  } else if (columns) {
    shape = MotionShape::columns;
  }
}

Candidates candidates_of_mb(const Neighbourhood& neighbourhood, uint32_t list) {
  return {
      .a = on_edge(neighbourhood.left, list, 0),
      .b = on_edge(*neighbourhood.above, list, 0),
      .c = or_else(on_edge(*neighbourhood.above_right, list, 0), on_corner(neighbourhood, list))};
}

Mv predict_mv(const Candidates& candidates, int ref_idx) {
  const auto& [a, b, c] = candidates;
  const bool a_matches = a.ref_idx == ref_idx;
  const bool b_matches = b.ref_idx == ref_idx;
  const bool c_matches = c.ref_idx == ref_idx;
  if (b.ref_idx == ref_idx_unavailable && c.ref_idx == ref_idx_unavailable &&
      a.ref_idx != ref_idx_unavailable)
    return a.mv;
  // Without branches: which of them match is hard to predict.
  const Mv matching = a.mv.only_if(a_matches) | b.mv.only_if(b_matches) | c.mv.only_if(c_matches);
  const Mv medians = {median(a.mv.x(), b.mv.x(), c.mv.x()), median(a.mv.y(), b.mv.y(), c.mv.y())};
  const bool is_single = a_matches + b_matches + c_matches == 1;
  return matching.only_if(is_single) | medians.only_if(!is_single);
}

Motion predict_p_skip(const Neighbourhood& neighbourhood) {
  const Candidates candidates = candidates_of_mb(neighbourhood, 0);
  const auto stops = [](const Candidate& candidate) {
    return candidate.ref_idx == ref_idx_unavailable ||
           (candidate.ref_idx == 0 && candidate.mv == Mv{});
  };
  Mv mv;
  if (!stops(candidates.a) && !stops(candidates.b)) mv = predict_mv(candidates, 0);
  return make_motion(mv, {}, 0, ref_idx_unused);
}

Mv predict_partition(const Neighbourhood& neighbourhood, MotionShape shape, uint32_t part,
                     uint32_t list, int ref_idx, const Motion& first) {
  Candidates candidates = candidates_of_mb(neighbourhood, list);
  auto& [a, b, c] = candidates;
  const Candidate* preferred = nullptr;
  if (shape == MotionShape::rows && part == 0) {
    preferred = &b;
  } else if (shape == MotionShape::rows) {
    a = on_edge(neighbourhood.left, list, 2);
    b = part_candidate(first, list);
    const auto* diagonal = neighbourhood.left_diagonal;
    c = diagonal ? Candidate{diagonal->mv[list][2], diagonal->ref_idx[list][2]}
                 : on_edge(neighbourhood.left, list, 1);
    preferred = &a;
  } else if (shape == MotionShape::columns && part == 0) {
    c = or_else(on_edge(*neighbourhood.above, list, 2), on_corner(neighbourhood, list));
    preferred = &a;
  } else if (shape == MotionShape::columns) {
    a = part_candidate(first, list);
    b = on_edge(*neighbourhood.above, list, 2);
    c = or_else(on_edge(*neighbourhood.above_right, list, 0),
                on_edge(*neighbourhood.above, list, 1));
    preferred = &c;
  }
  if (preferred && preferred->ref_idx == ref_idx) return preferred->mv;
  return predict_mv(candidates, ref_idx);
}

void MotionGrid::enter(const Neighbourhood& neighbourhood, uint32_t list) {
  auto& mv = mv_[list];
  auto& ref_idx = ref_idx_[list];
  left_diagonal_ = neighbourhood.left_diagonal;
  const auto& left = neighbourhood.left;
  const auto& above = *neighbourhood.above;
  const auto& above_right = *neighbourhood.above_right;
  const auto& above_left = *neighbourhood.above_left;
  mv[0] = above_left.mv[list];
  ref_idx[0] = above_left.ref_idx[list];
  std::copy_n(above.mv[list].begin(), 4, mv.begin() + 1);
  std::copy_n(above.ref_idx[list].begin(), 4, ref_idx.begin() + 1);
  mv[5] = above_right.mv[list][0];
  ref_idx[5] = above_right.ref_idx[list][0];
  for (uint32_t y = 0; y < 4; ++y) {
    mv[index(0, y) - 1] = left.mv[list][y];
    ref_idx[index(0, y) - 1] = left.ref_idx[list][y];
  }
}

void MotionGrid::set(const BlockRect& rect, uint32_t list, Mv mv) {
  for (uint32_t y = rect.y; y < rect.y + rect.height; ++y)
    for (uint32_t x = rect.x; x < rect.x + rect.width; ++x) mv_[list][index(x, y)] = mv;
}

void MotionGrid::set_quarter_ref_idx(uint32_t quarter, uint32_t list, int ref_idx) {
  const uint32_t i = index(quarter % 2 * 2, quarter / 2 * 2);
  auto& indexes = ref_idx_[list];
  indexes[i] = indexes[i + 1] = indexes[i + stride] = indexes[i + stride + 1] =
      static_cast<int8_t>(ref_idx);
}

void MotionGrid::set_block(uint32_t x, uint32_t y, const Motion& motion) {
  for (uint32_t list = 0; list < 2; ++list) {
    mv_[list][index(x, y)] = motion.mv[list];
    ref_idx_[list][index(x, y)] = static_cast<int8_t>(motion.ref_idx[list]);
  }
}

Motion MotionGrid::block(uint32_t x, uint32_t y) const {
  const uint32_t i = index(x, y);
  return make_motion(mv_[0][i], mv_[1][i], ref_idx_[0][i], ref_idx_[1][i]);
}

Mv MotionGrid::predict(const BlockRect& rect, uint32_t list) const {
  const uint32_t i = index(rect.x, rect.y);
  Candidates candidates = {.a = candidate(list, i - 1),
                           .b = candidate(list, i - stride),
                           .c = candidate(list, i - stride - 1)};
  if (left_diagonal_ && rect.x == 0 && rect.y > 0)
    candidates.c = {left_diagonal_->mv[list][rect.y], left_diagonal_->ref_idx[list][rect.y]};
  if (c_masks[rect.width] >> (rect.y * 4 + rect.x) & 1)
    candidates.c = or_else(candidate(list, i - stride + rect.width), candidates.c);
  return predict_mv(candidates, ref_idx_[list][i]);
}

void keep_motion(const MbMotion& motion, uint32_t list_count, Neighbourhood& neighbourhood) {
  auto& left = neighbourhood.left;
  auto& above = *neighbourhood.above;
  const auto& parts = motion.parts;
  if (motion.shape == MotionShape::whole) {
    for (uint32_t list = 0; list < list_count; ++list) {
      keep_blocks<4>(above, list, 0, parts[0]);
      keep_blocks<4>(left, list, 0, parts[0]);
    }
    return;
  }
  if (motion.shape == MotionShape::blocks) {
    for (uint32_t list = 0; list < list_count; ++list) {
      for (uint32_t i = 0; i < 4; ++i) {
        keep_blocks<1>(above, list, i, parts[12 + i]);
        keep_blocks<1>(left, list, i, parts[i * 4 + 3]);
      }
    }
    return;
  }
  const auto& corners = corners_of(motion.shape);
  for (uint32_t list = 0; list < list_count; ++list) {
    keep_blocks<2>(above, list, 0, parts[corners[2]]);
    keep_blocks<2>(above, list, 2, parts[corners[3]]);
    keep_blocks<2>(left, list, 0, parts[corners[1]]);
    keep_blocks<2>(left, list, 2, parts[corners[3]]);
  }
}

void keep_no_motion(uint32_t list_count, Neighbourhood& neighbourhood) {
  for (auto* edge : {&neighbourhood.left, neighbourhood.above}) {
    for (uint32_t list = 0; list < list_count; ++list) {
      edge->mv[list].fill({});
      edge->ref_idx[list].fill(ref_idx_unused);
    }
  }
}

void keep_motion(const MbMotion& motion, const SliceContext& context, ColocatedMb& colocated) {
  if (motion.shape == MotionShape::whole) {
    const Motion& part = motion.parts[0];
    const uint32_t list = list_of(part);
    colocated.mv.fill(part.mv[list]);
    colocated.ref_idx.fill(static_cast<int8_t>(part.ref_idx[list]));
    colocated.ref_serial.fill(context.serial(list, part.ref_idx[list]));
    return;
  }
  const auto& corners = corners_of(motion.shape);
  for (uint32_t quarter = 0; quarter < 4; ++quarter) {
    const Motion& part = motion.parts[corners[quarter]];
    const uint32_t list = list_of(part);
    colocated.ref_idx[quarter] = static_cast<int8_t>(part.ref_idx[list]);
    colocated.ref_serial[quarter] = context.serial(list, part.ref_idx[list]);
    auto* const first = &colocated.mv[quarter / 2 * 8 + quarter % 2 * 2];
    first[0] = first[1] = first[4] = first[5] = part.mv[list];
  }
  if (motion.shape != MotionShape::blocks) return;
  for (uint32_t i = 0; i < 16; ++i) colocated.mv[i] = motion.parts[i].mv[list_of(motion.parts[i])];
}

}  // namespace daedalus::h264
