// SPDX-License-Identifier: MIT
// What parsing a macroblock needs of those left of and above it (H.264 6.4.11).
//
// An edge is the information that a macroblock leaves for its right or lower neighbour. Most of it
// is kept per 4x4 block along the edge and updated in place: when a block is parsed, `left` has its
// left neighbour's value in its row, and `above` its upper neighbour's in its column, whether those
// are in this macroblock or another.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "h264/mv.h"

namespace daedalus::h264 {

// Values of a reference index that stand for no index.
inline constexpr int8_t ref_idx_unused = -1;       // no prediction from this list, or intra
inline constexpr int8_t ref_idx_unavailable = -2;  // no such partition

// Most are named for the case in which CABAC's condTermFlagN is 1, and are clear if there is no
// macroblock, so that a ctxIdxInc is a sum of bits (9.3.3.1.1).
namespace mb_flags {
inline constexpr uint16_t available = 1 << 0;
inline constexpr uint16_t intra = 1 << 1;
inline constexpr uint16_t not_skipped = 1 << 2;
inline constexpr uint16_t not_i_nxn = 1 << 3;
inline constexpr uint16_t not_direct = 1 << 4;  // neither B_Skip nor B_Direct_16x16
inline constexpr uint16_t transform_8x8 = 1 << 5;
inline constexpr uint16_t chroma_predicted = 1 << 6;  // intra_chroma_pred_mode is not 0 (DC)
inline constexpr uint16_t has_pred_modes = 1 << 7;    // Intra_4x4 or Intra_8x8
// On the left of a field macroblock beside a frame pair: for the lower half `intra` has the
// opposite value.
inline constexpr uint16_t intra_differs_below = 1 << 8;
}  // namespace mb_flags

// The same for both edges of a macroblock.
struct MbSummary {
  uint16_t flags = 0;
  int16_t intra_level = -1;            // -1: not intra
  uint8_t coded_block_pattern = 0x0f;  // as it counts where there is no macroblock (9.3.3.1.1.4)
  uint8_t coded_dc = 0;                // CABAC's coded_block_flag of the DC blocks, Y, Cb, Cr
};

// absMvdComp of both components, x in the low byte, with the precision that ctxIdxInc needs
// (9.3.3.1.1.7): only whether a sum of two is above 2 and above 32. So sums never carry.
class AbsMvd {
 public:
  AbsMvd() = default;
  AbsMvd(int32_t x, int32_t y) : packed_(static_cast<uint16_t>(kept(x) | kept(y) << 8)) {}
  uint32_t x() const { return packed_ & 255u; }
  uint32_t y() const { return packed_ >> 8; }
  friend AbsMvd operator+(AbsMvd a, AbsMvd b) {
    a.packed_ = static_cast<uint16_t>(a.packed_ + b.packed_);
    return a;
  }

 private:
  // Twice what matters, because MBAFF halves it.
  static int32_t kept(int32_t mvd) { return std::min(std::abs(mvd), 66); }

  uint16_t packed_ = 0;
};

struct MbEdge {
  // Motion of the four blocks by list. A vector is zero if its index is negative.
  alignas(16) std::array<std::array<Mv, 4>, 2> mv{};
  std::array<std::array<int8_t, 4>, 2> ref_idx{};
  // CABAC's absMvdComp by list and block, and by list and half whether the reference
  // index is positive (9.3.3.1.1.6).
  std::array<std::array<AbsMvd, 4>, 2> abs_mvd{};
  std::array<std::array<uint8_t, 2>, 2> ref_idx_positive{};
  // total_coeff (CAVLC) or coded_block_flag (CABAC): four luma blocks, two Cb, two Cr.
  std::array<uint8_t, 8> coded{};
  // Intra4x4PredMode or Intra8x8PredMode, if the flags say that they exist.
  std::array<int8_t, 4> pred_modes{};
  MbSummary mb;
};

// Prediction modes that blocks assume for neighbours without a mode (8.3.1.1).
inline constexpr int8_t intra_dc_mode = 2;
inline constexpr int8_t dc_pred_mode_predicted = -1;  // dcPredModePredictedFlag

// Sets `count` (1, 2 or 4) blocks of an edge to a value.
template <typename Value>
inline void fill_part(std::array<Value, 4>& edge, uint32_t first, uint32_t count, Value value) {
  if (count == 4) {
    edge.fill(value);
    return;
  }
  edge[first] = value;
  if (count == 2) edge[first + 1] = value;
}

// The edge if there is no macroblock of the slice.
MbEdge unavailable_edge(bool entropy_coding_mode_flag);

// The edges around the current macroblock of a slice.
class Neighbourhood {
 public:
  // Resets everything: the start of a slice.
  void reset(uint32_t width_in_mbs, bool entropy_coding_mode_flag);

  // Steps to the macroblock in this column, from the one before it.
  void enter(uint32_t mb_x) {
    if (mb_x == 0) {
      left = unavailable_;
      above_left = &unavailable_corner_;
    } else {
      above_left = &corners_[(mb_x - 1) % 2];
    }
    above = &row_[mb_x];
    above_right = mb_x + 1 < width_ ? above + 1 : &unavailable_;
    corners_[mb_x % 2].keep(*above);
  }

  // What parsing needs of the block at an edge's corner.
  struct Corner {
    std::array<Mv, 2> mv{};
    std::array<int8_t, 2> ref_idx{};
    MbSummary mb;

    void keep(const MbEdge& edge) {
      for (std::size_t list = 0; list < 2; ++list) {
        mv[list] = edge.mv[list][3];
        ref_idx[list] = edge.ref_idx[list][3];
      }
      mb = edge.mb;
    }
  };

  // Neighbours D of the blocks in rows 1 to 3 of the first column, if the left pair is of the other
  // kind. Otherwise each is neighbour A of the block above.
  struct LeftDiagonal {
    std::array<std::array<Mv, 4>, 2> mv{};
    std::array<std::array<int8_t, 4>, 2> ref_idx{};
  };

  MbEdge left;
  MbEdge* above = nullptr;
  const MbEdge* above_right = nullptr;
  const Corner* above_left = nullptr;
  const LeftDiagonal* left_diagonal = nullptr;  // null where they are the same

 private:
  std::vector<MbEdge> row_;
  MbEdge unavailable_;
  Corner unavailable_corner_;
  // The corners of row_'s edges in the last even and the last odd column, kept before a macroblock
  // overwrites its edge there: above_left of the next macroblock.
  std::array<Corner, 2> corners_;
  uint32_t width_ = 0;
};

}  // namespace daedalus::h264
