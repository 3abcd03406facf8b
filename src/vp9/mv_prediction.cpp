// SPDX-License-Identifier: MIT
#include "vp9/mv_prediction.h"

namespace daedalus::vp9 {

constexpr std::array<std::array<CandidatePlace, candidate_places>, block_sizes> mv_ref_blocks = {{
    {{{-1, 0}, {0, -1}, {-1, -1}, {-2, 0}, {0, -2}, {-2, -1}, {-1, -2}, {-2, -2}}},
    {{{-1, 0}, {0, -1}, {-1, -1}, {-2, 0}, {0, -2}, {-2, -1}, {-1, -2}, {-2, -2}}},
    {{{-1, 0}, {0, -1}, {-1, -1}, {-2, 0}, {0, -2}, {-2, -1}, {-1, -2}, {-2, -2}}},
    {{{-1, 0}, {0, -1}, {-1, -1}, {-2, 0}, {0, -2}, {-2, -1}, {-1, -2}, {-2, -2}}},
    {{{0, -1}, {-1, 0}, {1, -1}, {-1, -1}, {0, -2}, {-2, 0}, {-2, -1}, {-1, -2}}},
    {{{-1, 0}, {0, -1}, {-1, 1}, {-1, -1}, {-2, 0}, {0, -2}, {-1, -2}, {-2, -1}}},
    {{{-1, 0}, {0, -1}, {-1, 1}, {1, -1}, {-1, -1}, {-3, 0}, {0, -3}, {-3, -3}}},
    {{{0, -1}, {-1, 0}, {2, -1}, {-1, -1}, {-1, 1}, {0, -3}, {-3, 0}, {-3, -3}}},
    {{{-1, 0}, {0, -1}, {-1, 2}, {-1, -1}, {1, -1}, {-3, 0}, {0, -3}, {-3, -3}}},
    {{{-1, 1}, {1, -1}, {-1, 2}, {2, -1}, {-1, -1}, {-3, 0}, {0, -3}, {-3, -3}}},
    {{{0, -1}, {-1, 0}, {4, -1}, {-1, 2}, {-1, -1}, {0, -3}, {-3, 0}, {2, -1}}},
    {{{-1, 0}, {0, -1}, {-1, 4}, {2, -1}, {-1, -1}, {-3, 0}, {0, -3}, {-1, 2}}},
    {{{-1, 3}, {3, -1}, {-1, 4}, {4, -1}, {-1, -1}, {-1, 0}, {0, -1}, {-1, 6}}},
}};

namespace {

// Collects up to `wanted` (1 or 2) different vectors.
template <uint32_t wanted>
struct Candidates {
  std::array<Mv, 2> list{};
  uint32_t count = 0;

  // Returns true once there are `wanted` vectors.
  [[gnu::always_inline]] bool add(Mv mv) {
    if (count == 0) {
      list[0] = mv;
      count = 1;
      return wanted == 1;
    }
    if (mv == list[0]) return false;
    list[1] = mv;
    return true;
  }
  // Another reference's vector: negated if that reference is on the other side in time.
  [[gnu::always_inline]] bool add_scaled(const MvFrame& frame, Mv mv, uint32_t from, uint32_t to) {
    return add(frame.ref_frame_sign_bias[from] != frame.ref_frame_sign_bias[to] ? -mv : mv);
  }
  [[gnu::always_inline]] bool add_other(const MvFrame& frame, const ModeInfo& from,
                                        uint32_t ref_frame) {
    const uint32_t ref_0 = from.ref_frame[0], ref_1 = from.ref_frame[1];
    if (ref_0 == intra_frame) return false;
    if (ref_0 != ref_frame && add_scaled(frame, from.mv[0], ref_0, ref_frame)) return true;
    // libvpx compares the vectors before negating them.
    return ref_1 != intra_frame && ref_1 != ref_frame && !(from.mv[1] == from.mv[0]) &&
           add_scaled(frame, from.mv[1], ref_1, ref_frame);
  }
};

// A candidate's vector for sub-block `block`: if the candidate is below 8x8, that of its sub-block
// next to `block`. ModeInfo has the last sub-block's.
Mv small_candidate(const MvNeighbourhood& at, const ModeInfo& candidate, uint32_t place,
                   uint32_t block, uint32_t list) {
  const bool is_above = mv_ref_blocks[at.size][place].column == 0;
  const bool is_last = is_above ? (block & 1) != 0 : block >= 2;
  if (is_last || (candidate.flags & mode_info::small) == 0) return candidate.mv[list];
  return (is_above ? *at.above_small : *at.left_small)[list];
}

template <uint32_t wanted, bool all_inside, bool small>
[[gnu::always_inline]] inline void search(const MvNeighbourhood& at, uint32_t ref_frame,
                                          uint32_t block, Candidates<wanted>& found) {
  bool any = false;
  for (uint32_t place = 0; place < candidate_places; ++place) {
    if (!all_inside && !at.inside(place)) continue;
    const ModeInfo& candidate = at.candidate(place);
    any = true;
    const bool is_first = candidate.ref_frame[0] == ref_frame;
    if (!is_first && candidate.ref_frame[1] != ref_frame) continue;
    const uint32_t list = is_first ? 0 : 1;
    const Mv mv = small && place < 2 ? small_candidate(at, candidate, place, block, list)
                                     : candidate.mv[list];
    if (found.add(mv)) return;
  }
  if (at.previous) {
    if (at.previous->ref_frame[0] == ref_frame) {
      if (found.add(at.previous->mv[0])) return;
    } else if (at.previous->ref_frame[1] == ref_frame) {
      if (found.add(at.previous->mv[1])) return;
    }
  }
  for (uint32_t place = 0; any && place < candidate_places; ++place) {
    if (!all_inside && !at.inside(place)) continue;
    if (found.add_other(*at.frame, at.candidate(place), ref_frame)) return;
  }
  if (at.previous) found.add_other(*at.frame, *at.previous, ref_frame);
}

// clamp_mv_ref(): at most 16 samples beyond the frame's edges.
Mv clamped(const MvNeighbourhood& at, Mv mv) {
  constexpr int32_t border = 16 << 3;
  const auto eighths = [](uint32_t units) { return static_cast<int32_t>(units) * 64; };
  const int32_t right = eighths(at.frame->mi_cols) - eighths(1u << width_8_log2[at.size]);
  const int32_t bottom = eighths(at.frame->mi_rows) - eighths(1u << height_8_log2[at.size]);
  const int32_t row = eighths(at.mi_row), column = eighths(at.mi_col);
  return {
      static_cast<int16_t>(std::clamp<int32_t>(mv.row, -row - border, bottom - row + border)),
      static_cast<int16_t>(std::clamp<int32_t>(mv.col, -column - border, right - column + border))};
}

template <uint32_t wanted, bool small>
std::array<Mv, 2> candidates(const MvNeighbourhood& at, uint32_t ref_frame, uint32_t block) {
  Candidates<wanted> found;
  if (at.all_inside)
    search<wanted, true, small>(at, ref_frame, block, found);
  else
    search<wanted, false, small>(at, ref_frame, block, found);
  return found.list;
}

}  // namespace

MvFrame mv_frame(uint32_t mi_rows, uint32_t mi_cols, const std::array<bool, 4>& sign_bias,
                 bool allow_high_precision_mv) {
  MvFrame frame{.mi_rows = mi_rows,
                .mi_cols = mi_cols,
                .ref_frame_sign_bias = sign_bias,
                .allow_high_precision_mv = allow_high_precision_mv,
                .distances = {}};
  for (std::size_t size = 0; size < block_sizes; ++size)
    for (std::size_t place = 0; place < candidate_places; ++place) {
      const CandidatePlace at = mv_ref_blocks[size][place];
      frame.distances[size][place] = at.row * static_cast<int32_t>(mi_cols) + at.column;
    }
  return frame;
}

uint32_t inter_mode_context(const MvNeighbourhood& at) {
  // mode_2_counter: the sum for the two nearest units, then the context of each sum.
  constexpr std::array<uint8_t, 14> addend = {9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 0, 0, 3, 1};
  constexpr std::array<uint8_t, 19> context = {2, 3, 4, 1, 3, 0, 0, 0, 0, 5,
                                               5, 0, 5, 0, 0, 0, 0, 0, 6};
  uint32_t sum = 0;
  for (uint32_t place = 0; place < 2; ++place)
    if (at.all_inside || at.inside(place)) sum += addend[at.candidate(place).mode];
  return context[sum];
}

Mv nearest_mv_of(const MvNeighbourhood& at, uint32_t ref_frame) {
  return lower_precision(clamped(at, candidates<1, false>(at, ref_frame, 0)[0]),
                         at.frame->allow_high_precision_mv);
}

Mv near_mv_of(const MvNeighbourhood& at, uint32_t ref_frame) {
  return lower_precision(clamped(at, candidates<2, false>(at, ref_frame, 0)[1]),
                         at.frame->allow_high_precision_mv);
}

Mv small_nearest_mv(const MvNeighbourhood& at, uint32_t ref_frame, uint32_t block,
                    const std::array<Mv, 4>& earlier) {
  if (block == 3) return earlier[2];
  if (block != 0) return earlier[0];
  return clamped(at, candidates<1, true>(at, ref_frame, 0)[0]);
}

Mv small_near_mv(const MvNeighbourhood& at, uint32_t ref_frame, uint32_t block,
                 const std::array<Mv, 4>& earlier) {
  Mv nearest = earlier[0];
  if (block == 3) {
    nearest = earlier[2];
    if (!(earlier[1] == nearest)) return earlier[1];
    if (!(earlier[0] == nearest)) return earlier[0];
  }
  const auto list = candidates<2, true>(at, ref_frame, block);
  const Mv first = clamped(at, list[0]), second = clamped(at, list[1]);
  if (block == 0) return second;
  if (!(first == nearest)) return first;
  return second == nearest ? Mv{} : second;
}

}  // namespace daedalus::vp9
