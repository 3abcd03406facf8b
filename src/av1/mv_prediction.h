// SPDX-License-Identifier: MIT
// Motion vector prediction (7.10.2): the candidate list that vectors are chosen from or coded
// against, and the contexts of inter modes that result.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "av1/motion_field.h"
#include "av1/tile_context.h"
#include "av1/warp.h"

namespace daedalus::av1 {

// The vectors of both lists in one word. For single prediction the second one is 0.
using MvPair = uint64_t;
constexpr MvPair mv_pair(Mv first, Mv second = {}) {
  return std::bit_cast<uint32_t>(first) | uint64_t{std::bit_cast<uint32_t>(second)} << 32;
}
constexpr Mv mv_of(MvPair pair, uint32_t list) {
  return std::bit_cast<Mv>(static_cast<uint32_t>(pair >> 32 * list));
}

// RefStackMv and the other results of find_mv_stack().
struct MvStack {
  static constexpr uint32_t capacity = 8;  // MAX_REF_MV_STACK_SIZE

  uint32_t count = 0;          // NumMvFound
  uint32_t nearest_count = 0;  // numNearest: candidates with REF_CAT_LEVEL in their weight
  // The last element takes candidates that arrive when the stack is full.
  std::array<MvPair, capacity + 1> pairs{};
  // WeightStack without REF_CAT_LEVEL. The last two elements are never read: they take the weights
  // of candidates that arrive when the stack is full, and of those that do not match.
  std::array<uint32_t, capacity + 2> weights{};
  std::array<Mv, 2> global_mvs;  // GlobalMvs
  uint8_t new_mv_context = 0, ref_mv_context = 0, zero_mv_context = 0;
  int32_t row_low, row_high, col_low, col_high;  // for clamp_mv_row() and clamp_mv_col()

  // RefStackMv[idx][list]. `idx` must be below the count, or below 2.
  Mv mv(uint32_t idx, uint32_t list) const {
    const Mv found = mv_of(pairs[idx], list);
    if (idx >= count) return found;
    return {static_cast<int16_t>(std::clamp<int32_t>(found.y, row_low, row_high)),
            static_cast<int16_t>(std::clamp<int32_t>(found.x, col_low, col_high))};
  }
  // DrlCtxStack[idx]. idx + 1 must be below the count.
  uint32_t drl_context(uint32_t idx) const {
    if (idx >= nearest_count) return 2;
    return idx + 1 >= nearest_count ? 1 : 0;
  }
};

// find_mv_stack() for the references of block.info. `temporal` is null without use_ref_frame_mvs.
void find_mv_stack(const TileContext& tile, const TileMotionField* temporal, const Block& block,
                   MvStack& stack);

// lower_mv_precision() (7.10.2.10)
Mv lower_mv_precision(const PictureParameters& picture, Mv mv);

// has_overlappable_candidates() (7.10.3)
bool has_overlappable_candidates(const TileContext& tile, const Block& block);

// find_warp_samples() (7.10.4), for block.info's reference and vector.
struct WarpSamples {
  uint32_t count = 0;  // NumSamples
  std::array<WarpSample, least_squares_samples_max> list;
};
WarpSamples find_warp_samples(const TileContext& tile, const Block& block);

}  // namespace daedalus::av1
