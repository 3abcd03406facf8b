// SPDX-License-Identifier: MIT
// A macroblock's motion while it is parsed, and its prediction from neighbours (H.264 8.4.1).
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "daedalus/h264/job.h"
#include "h264/motion_field.h"
#include "h264/neighbours.h"
#include "h264/slice_context.h"
#include "h264/syntax.h"

namespace daedalus::h264 {

// The motion of one partition or block. A list without a reference index has a zero vector.
struct Motion {
  std::array<Mv, 2> mv{};
  std::array<int16_t, 2> ref_idx = {ref_idx_unused, ref_idx_unused};
  friend bool operator==(const Motion& a, const Motion& b) {
    return std::bit_cast<uint64_t>(a.mv) == std::bit_cast<uint64_t>(b.mv) &&
           std::bit_cast<uint32_t>(a.ref_idx) == std::bit_cast<uint32_t>(b.ref_idx);
  }
};

// With one store for both vectors and one for both indexes (see Mv).
inline Motion make_motion(Mv mv_l0, Mv mv_l1, int ref_idx_l0, int ref_idx_l1) {
  const uint64_t mv[2] = {std::bit_cast<uint32_t>(mv_l0), std::bit_cast<uint32_t>(mv_l1)};
  const uint32_t ref_idx[2] = {static_cast<uint16_t>(ref_idx_l0),
                               static_cast<uint16_t>(ref_idx_l1)};
  constexpr uint32_t low = std::endian::native == std::endian::little ? 0 : 1;
  return {.mv = std::bit_cast<std::array<Mv, 2>>(mv[low] | mv[1 - low] << 32),
          .ref_idx = std::bit_cast<std::array<int16_t, 2>>(ref_idx[low] | ref_idx[1 - low] << 16)};
}

// The motion of a whole macroblock: as many parts as its shape has entries.
struct MbMotion {
  MotionShape shape = MotionShape::whole;
  std::array<Motion, 16> parts;

  const Motion& at(uint32_t x, uint32_t y) const { return parts[entry(shape, x, y)]; }
  uint32_t part_count() const {
    constexpr std::array<uint32_t, 5> counts = {1, 2, 2, 4, 16};
    return counts[static_cast<uint32_t>(shape)];
  }

  // MotionShape's entry(x, y).
  static constexpr uint32_t entry(MotionShape shape, uint32_t x, uint32_t y) {
    switch (shape) {
      case MotionShape::whole:
        return 0;
      case MotionShape::rows:
        return y / 2;
      case MotionShape::columns:
        return x / 2;
      case MotionShape::quarters:
        return y / 2 * 2 + x / 2;
      case MotionShape::blocks:
        return y * 4 + x;
    }
    return 0;
  }

  // Replaces the shape by the coarsest one with the same motion.
  void simplify();
};

// A neighbouring partition, as seen by prediction.
struct Candidate {
  Mv mv;
  int ref_idx = ref_idx_unavailable;
};

// Neighbours A, B and C of a partition; C is D if there is no C (8.4.1.3.2).
struct Candidates {
  Candidate a, b, c;
};

Candidates candidates_of_mb(const Neighbourhood& neighbourhood, uint32_t list);

// Median prediction (8.4.1.3.1).
Mv predict_mv(const Candidates& candidates, int ref_idx);

// P_Skip (8.4.1.1).
Motion predict_p_skip(const Neighbourhood& neighbourhood);

// Partition `part` of a macroblock that is whole or has two partitions (8.4.1.3). For the
// second one, `first` is the first one's motion.
Mv predict_partition(const Neighbourhood& neighbourhood, MotionShape shape, uint32_t part,
                     uint32_t list, int ref_idx, const Motion& first);

// The blocks of a macroblock with sub-macroblocks, and those around them: columns and rows -1 to
// 4 and -1 to 3.
class MotionGrid {
 public:
  // Fetches the neighbours of this list.
  void enter(const Neighbourhood& neighbourhood, uint32_t list);

  void set(const BlockRect& rect, uint32_t list, Mv mv);
  void set_quarter_ref_idx(uint32_t quarter, uint32_t list, int ref_idx);
  void set_block(uint32_t x, uint32_t y, const Motion& motion);
  Motion block(uint32_t x, uint32_t y) const;

  // Median prediction of a sub-macroblock partition.
  Mv predict(const BlockRect& rect, uint32_t list) const;

 private:
  static constexpr uint32_t stride = 8;
  static constexpr std::array<std::array<int8_t, 5 * stride>, 2> unused_ref_idx() {
    std::array<std::array<int8_t, 5 * stride>, 2> lists{};
    for (auto& list : lists) list.fill(ref_idx_unused);  // list 1 stays so in P slices
    return lists;
  }
  static constexpr uint32_t index(uint32_t x, uint32_t y) { return (y + 1) * stride + x + 1; }
  Candidate candidate(uint32_t list, uint32_t i) const { return {mv_[list][i], ref_idx_[list][i]}; }

  const Neighbourhood::LeftDiagonal* left_diagonal_ = nullptr;
  std::array<std::array<Mv, 5 * stride>, 2> mv_{};
  std::array<std::array<int8_t, 5 * stride>, 2> ref_idx_ = unused_ref_idx();
};

// Stores a macroblock's motion for later macroblocks.
void keep_motion(const MbMotion& motion, uint32_t list_count, Neighbourhood& neighbourhood);
void keep_no_motion(uint32_t list_count, Neighbourhood& neighbourhood);  // intra

// Stores it for later pictures.
void keep_motion(const MbMotion& motion, const SliceContext& context, ColocatedMb& colocated);
inline void keep_no_motion(ColocatedMb& colocated) {
  colocated.ref_idx.fill(ref_idx_unused);
}

}  // namespace daedalus::h264
