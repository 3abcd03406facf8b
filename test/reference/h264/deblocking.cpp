// SPDX-License-Identifier: MIT
#include "reference/h264/deblocking.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace daedalus::h264::scalar {
namespace {

// Table 8-16
constexpr std::array<uint8_t, 52> alpha_table = {
    0,  0,  0,  0,  0,  0,  0,   0,   0,   0,   0,   0,   0,   0,   0,   0,  4,  4,
    5,  6,  7,  8,  9,  10, 12,  13,  15,  17,  20,  22,  25,  28,  32,  36, 40, 45,
    50, 56, 63, 71, 80, 90, 101, 113, 127, 144, 162, 182, 203, 226, 255, 255};
constexpr std::array<uint8_t, 52> beta_table = {
    0, 0, 0, 0, 0, 0, 0, 0, 0,  0,  0,  0,  0,  0,  0,  0,  2,  2,  2,  3,  3,  3,  3,  4,  4,  4,
    6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13, 14, 14, 15, 15, 16, 16, 17, 17, 18, 18};

// Table 8-17: t'C0 by indexA for bS 1, 2, 3
constexpr std::array<std::array<uint8_t, 3>, 52> tc0_table = {{
    {0, 0, 0},    {0, 0, 0},    {0, 0, 0},    {0, 0, 0},  {0, 0, 0},   {0, 0, 0},   {0, 0, 0},
    {0, 0, 0},    {0, 0, 0},    {0, 0, 0},    {0, 0, 0},  {0, 0, 0},   {0, 0, 0},   {0, 0, 0},
    {0, 0, 0},    {0, 0, 0},    {0, 0, 0},    {0, 0, 1},  {0, 0, 1},   {0, 0, 1},   {0, 0, 1},
    {0, 1, 1},    {0, 1, 1},    {1, 1, 1},    {1, 1, 1},  {1, 1, 1},   {1, 1, 1},   {1, 1, 2},
    {1, 1, 2},    {1, 1, 2},    {1, 1, 2},    {1, 2, 3},  {1, 2, 3},   {2, 2, 3},   {2, 2, 4},
    {2, 3, 4},    {2, 3, 4},    {3, 3, 5},    {3, 4, 6},  {3, 4, 6},   {4, 5, 7},   {4, 5, 8},
    {4, 6, 9},    {5, 7, 10},   {6, 8, 11},   {6, 8, 13}, {7, 10, 14}, {8, 11, 16}, {9, 12, 18},
    {10, 13, 20}, {11, 15, 23}, {13, 17, 25},
}};

enum class Direction { vertical, horizontal };  // of the edge

// A 4x4 luma block of a macroblock.
struct BlockPosition {
  const Macroblock* mb;
  int column, row;
};

// "contains non-zero transform coefficients", for the transform block at this position. Not used
// for intra macroblocks, so Intra16x16DCLevel is irrelevant.
bool has_coefficients(const BlockPosition& block) {
  auto index = static_cast<uint32_t>(luma_block_index(block.column, block.row));
  if (block.mb->transform_8x8()) index &= ~3u;
  return block.mb->is_coded(coded_block::luma_block + index);
}

// By at least a whole sample of a frame, or half a sample of a field, vertically.
bool far_apart(const std::array<int16_t, 2>& a, const std::array<int16_t, 2>& b, bool is_field) {
  return std::abs(a[0] - b[0]) >= 4 || std::abs(a[1] - b[1]) >= (is_field ? 2 : 4);
}

// Whether two blocks are predicted from different pictures, with different numbers of vectors, or
// with vectors that differ by a sample or more. It does not matter which list names a picture.
bool motion_differs(const MotionEntry& p, const MotionEntry& q, bool is_field) {
  const uint32_t p0 = p.slots & 0xff, p1 = p.slots >> 8 & 0xff;
  const uint32_t q0 = q.slots & 0xff, q1 = q.slots >> 8 & 0xff;
  const bool same = (p0 == q0 && p1 == q1), crossed = (p0 == q1 && p1 == q0);
  if (!same && !crossed) return true;

  const auto pair_differs = [&](bool exchange) {
    const auto& other_l0 = exchange ? q.mv_l1 : q.mv_l0;
    const auto& other_l1 = exchange ? q.mv_l0 : q.mv_l1;
    return (p0 != no_reference && far_apart(p.mv_l0, other_l0, is_field)) ||
           (p1 != no_reference && far_apart(p.mv_l1, other_l1, is_field));
  };
  // Both are true if a block is predicted twice from one picture: then one matching pair is enough.
  return !(same && !pair_differs(false)) && !(crossed && !pair_differs(true));
}

// 8.7.2.1
int boundary_strength(const BlockPosition& p, const BlockPosition& q, Direction direction) {
  const bool is_field_picture = p.mb->job().structure != PictureStructure::frame;
  const bool p_is_field = is_field_picture || p.mb->is_field();
  const bool q_is_field = is_field_picture || q.mb->is_field();
  const bool mb_edge = p.mb->address() != q.mb->address();
  const bool strongest =
      mb_edge && (direction == Direction::vertical || (!p_is_field && !q_is_field));
  if (p.mb->is_intra() || q.mb->is_intra()) return strongest ? 4 : 3;
  if (has_coefficients(p) || has_coefficients(q)) return 2;
  if (p_is_field != q_is_field) return 1;
  const bool differs =
      motion_differs(p.mb->motion(p.column, p.row), q.mb->motion(q.column, q.row), q_is_field);
  return differs ? 1 : 0;
}

// The results of 8.7.2.2 for an edge between or inside macroblocks.
struct Thresholds {
  int index_a, alpha, beta;
};

Thresholds thresholds(const Macroblock& q, int qp_p, int qp_q) {
  const int qp_average = (qp_p + qp_q + 1) >> 1;
  const int index_a = std::clamp(qp_average + q.filter_offset_a(), 0, 51);
  const int index_b = std::clamp(qp_average + q.filter_offset_b(), 0, 51);
  return {index_a, alpha_table[static_cast<size_t>(index_a)],
          beta_table[static_cast<size_t>(index_b)]};
}

// 8.7.2 for one line of samples across an edge: q0 is the first sample after the edge, `step` leads
// away from it.
void filter_line(uint8_t* q0_sample, std::ptrdiff_t step, int bs, const Thresholds& t,
                 bool chroma) {
  const auto sample = [&](int i) -> uint8_t& { return q0_sample[i * step]; };
  const int p0 = sample(-1), p1 = sample(-2), q0 = sample(0), q1 = sample(1);
  if (bs == 0 || std::abs(p0 - q0) >= t.alpha || std::abs(p1 - p0) >= t.beta ||
      std::abs(q1 - q0) >= t.beta) {
    return;
  }
  // Chroma uses only p1 to q1.
  const int p2 = chroma ? 0 : sample(-3), q2 = chroma ? 0 : sample(2);
  const bool ap_small = !chroma && std::abs(p2 - p0) < t.beta;
  const bool aq_small = !chroma && std::abs(q2 - q0) < t.beta;
  const auto set = [&](int i, int value) { sample(i) = static_cast<uint8_t>(value); };

  if (bs < 4) {  // 8.7.2.3
    const int tc0 = tc0_table[static_cast<size_t>(t.index_a)][static_cast<size_t>(bs - 1)];
    const int tc = chroma ? tc0 + 1 : tc0 + (ap_small ? 1 : 0) + (aq_small ? 1 : 0);
    const int delta = std::clamp((((q0 - p0) * 4) + (p1 - q1) + 4) >> 3, -tc, tc);
    set(-1, clip1(p0 + delta));
    set(0, clip1(q0 - delta));
    const int middle = (p0 + q0 + 1) >> 1;
    if (ap_small) set(-2, p1 + std::clamp((p2 + middle - 2 * p1) >> 1, -tc0, tc0));
    if (aq_small) set(1, q1 + std::clamp((q2 + middle - 2 * q1) >> 1, -tc0, tc0));
    return;
  }

  // 8.7.2.4
  const bool flat = std::abs(p0 - q0) < (t.alpha >> 2) + 2;
  if (ap_small && flat) {
    const int p3 = sample(-4);
    set(-1, (p2 + 2 * p1 + 2 * p0 + 2 * q0 + q1 + 4) >> 3);
    set(-2, (p2 + p1 + p0 + q0 + 2) >> 2);
    set(-3, (2 * p3 + 3 * p2 + p1 + p0 + q0 + 4) >> 3);
  } else {
    set(-1, (2 * p1 + p0 + q1 + 2) >> 2);
  }
  if (aq_small && flat) {
    const int q3 = sample(3);
    set(0, (p1 + 2 * p0 + 2 * q0 + 2 * q1 + q2 + 4) >> 3);
    set(1, (p0 + q0 + q1 + q2 + 2) >> 2);
    set(2, (2 * q3 + 3 * q2 + q1 + q0 + p0 + 4) >> 3);
  } else {
    set(0, (2 * q1 + q0 + p1 + 2) >> 2);
  }
}

// Filters edge number `edge` (0..3, in 4 luma samples from the left or top) of one component.
// `neighbour` is the macroblock before edge 0.
void filter_edge(const Macroblock& mb, const Macroblock& neighbour, Component component,
                 Direction direction, int edge, Plane samples) {
  const bool chroma = component != Component::y;
  const int size = chroma ? 8 : 16;
  const Macroblock& p_mb = edge == 0 ? neighbour : mb;
  const Thresholds t = chroma ? thresholds(mb, p_mb.chroma_qp(component), mb.chroma_qp(component))
                              : thresholds(mb, p_mb.qp(), mb.qp());

  for (int i = 0; i < size; ++i) {
    const int along = i * 4 / size, before = (edge + 3) % 4;
    const int position = edge * size / 4;
    if (direction == Direction::vertical) {
      const int bs = boundary_strength({&p_mb, before, along}, {&mb, edge, along}, direction);
      filter_line(&samples(position, i), samples.step, bs, t, chroma);
    } else {
      const int bs = boundary_strength({&p_mb, along, before}, {&mb, along, edge}, direction);
      filter_line(&samples(i, position), samples.pitch, bs, t, chroma);
    }
  }
}

Thresholds thresholds_of(const Macroblock& p, const Macroblock& q, Component component) {
  return component == Component::y ? thresholds(q, p.qp(), q.qp())
                                   : thresholds(q, p.chroma_qp(component), q.chroma_qp(component));
}

// The left edge of a macroblock next to a pair of the other kind: the neighbour of each row is the
// macroblock with samples in the same picture row.
void filter_mixed_left_edge(const Macroblock& mb, Component component, Plane samples) {
  const int size = component == Component::y ? 16 : 8;
  const Macroblock first = mb.first_of_pair(-1, 0);
  const int k = mb.is_second_of_pair() ? 1 : 0;
  for (int row = 0; row < size; ++row) {
    const int row_of_pair = mb.is_field() ? 2 * row + k : size * k + row;
    const bool second = mb.is_field() ? row_of_pair >= size : row_of_pair % 2 == 1;
    const int beside = mb.is_field() ? row_of_pair % size : row_of_pair / 2;
    const Macroblock left = second ? first.second_of_pair() : first;
    const int bs = boundary_strength({&left, 3, beside * 4 / size}, {&mb, 0, row * 4 / size},
                                     Direction::vertical);
    filter_line(&samples(0, row), samples.step, bs, thresholds_of(left, mb, component),
                component != Component::y);
  }
}

// The top edge of a frame macroblock below a field pair: first filters the top field's rows, then
// the bottom field's.
void filter_top_edge_by_fields(const Macroblock& mb, Component component, Plane samples) {
  const int size = component == Component::y ? 16 : 8;
  const Macroblock first = mb.first_of_pair(0, -1);
  for (int field = 0; field < 2; ++field) {
    const Macroblock above = field == 0 ? first : first.second_of_pair();
    for (int x = 0; x < size; ++x) {
      const int along = x * 4 / size;
      const int bs = boundary_strength({&above, along, 3}, {&mb, along, 0}, Direction::horizontal);
      filter_line(&samples(x, field), samples.pitch * 2, bs, thresholds_of(above, mb, component),
                  component != Component::y);
    }
  }
}

// The left or top edge of a macroblock of an MBAFF frame.
void filter_outer_edge_of_pair(const Macroblock& mb, Component component, Direction direction,
                               Plane samples) {
  if (direction == Direction::vertical) {
    const Macroblock first = mb.first_of_pair(-1, 0);
    if (first.is_field() != mb.is_field()) return filter_mixed_left_edge(mb, component, samples);
    const Macroblock left = mb.is_second_of_pair() ? first.second_of_pair() : first;
    return filter_edge(mb, left, component, direction, 0, samples);
  }
  if (mb.is_second_of_pair() && !mb.is_field())
    return filter_edge(mb, mb.first_of_pair(0, 0), component, direction, 0, samples);
  const Macroblock first = mb.first_of_pair(0, -1);
  if (first.is_field() && !mb.is_field()) return filter_top_edge_by_fields(mb, component, samples);
  const bool is_first = first.is_field() && !mb.is_second_of_pair();
  filter_edge(mb, is_first ? first : first.second_of_pair(), component, direction, 0, samples);
}

// Filters all edges of one direction in one component.
void filter_edges(const Macroblock& mb, Component component, Direction direction, Plane samples) {
  const bool vertical = direction == Direction::vertical;
  const bool outer = mb.has(vertical ? mb_head::filter_left : mb_head::filter_top);
  if (outer && mb.job().is_mbaff) {
    filter_outer_edge_of_pair(mb, component, direction, samples);
  } else if (outer) {
    const uint32_t distance = vertical ? 1 : mb.job().width_in_mbs;
    filter_edge(mb, Macroblock(mb.job(), mb.address() - distance), component, direction, 0,
                samples);
  }
  if (!mb.has(mb_head::filter_inside)) return;
  // In 4:2:0 chroma has one inner edge, regardless of the luma transform.
  const bool only_middle = component != Component::y || mb.transform_8x8();
  for (const int edge : {1, 2, 3}) {
    if (edge == 2 || !only_middle) filter_edge(mb, mb, component, direction, edge, samples);
  }
}

}  // namespace

void deblock_macroblock(const Macroblock& mb, const PictureView& picture) {
  for (const Component component : {Component::y, Component::cb, Component::cr}) {
    const Plane samples = mb.samples(picture, component);
    filter_edges(mb, component, Direction::vertical, samples);
    filter_edges(mb, component, Direction::horizontal, samples);
  }
}

}  // namespace daedalus::h264::scalar
