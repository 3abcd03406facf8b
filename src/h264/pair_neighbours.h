// SPDX-License-Identifier: MIT
// The edges around the macroblocks of MBAFF frames (H.264 6.4.12.2). A macroblock's Neighbourhood
// has copies, converted to its own kind, frame or field (8.4.1.3.1, 9.3.3.1.1.6, 9.3.3.1.1.7). So
// parsing a macroblock is the same as elsewhere.
//
// Neighbours are found by samples: the one above is a row further up in the macroblock's own rows,
// the ones on the left are in the same rows of the picture.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "h264/neighbours.h"

namespace daedalus::h264 {

class PairNeighbours {
 public:
  // The start of a slice.
  void reset(uint32_t width_in_mbs, bool entropy_coding_mode_flag,
             bool constrained_intra_pred_flag);

  // Steps to the pair in this column, from the one before it.
  void enter_pair(uint32_t mb_x);
  // mb_field_decoding_flag if it is not transmitted (7.4.4).
  bool inferred_field() const;
  // Its ctxIdxInc (9.3.3.1.1.2).
  uint32_t field_pair_count() const;

  // Fills in the neighbours of macroblock `k` of the pair, which is of this kind. They must not
  // have changed if the same one was entered before.
  void enter(bool field, uint32_t k, Neighbourhood& neighbourhood);
  // Keeps the parsed macroblock's edges. The lower edge is already in place.
  void leave(uint32_t k, const Neighbourhood& neighbourhood);
  // The first macroblock counts as skipped until it is parsed.
  void assume_skipped();
  void leave_pair(bool field);

 private:
  // Of both macroblocks of a pair.
  struct PairEdges {
    std::array<MbEdge, 2> mbs;
    bool available = false, field = false;

    // The edge of the macroblock above macroblock k, which is of this kind.
    const MbEdge& above(bool below_is_field, uint32_t k) const {
      return mbs[field && below_is_field ? k : 1];
    }
  };

  static const MbEdge* as_seen(const PairEdges& pair, bool field, uint32_t k, MbEdge& copy);
  void set_left(bool field, uint32_t k, Neighbourhood& neighbourhood);
  void mix_left(bool field, uint32_t k, MbEdge& edge) const;
  void set_left_diagonal(bool field, uint32_t k);
  void set_corner(bool field, uint32_t k);
  void resolve_pred_modes(const MbEdge& edge, std::array<int8_t, 4>& modes) const;

  uint32_t width_ = 0, mb_x_ = 0;
  bool constrained_intra_pred_ = false;
  static constexpr uint32_t nothing = ~0u;
  uint32_t entered_ = nothing;  // the macroblock whose neighbours were filled in last
  PairEdges unavailable_;
  std::vector<PairEdges> row_;   // lower edges
  PairEdges left_;               // right edges
  PairEdges above_left_;         // lower edges that row_ no longer has
  std::array<MbEdge, 2> right_;  // of this pair
  // Likewise. Each is at first the one above the macroblock, whose neighbourhood points to it, and
  // is updated in place.
  std::array<MbEdge, 2> lower_;

  // What the neighbourhood points to as well.
  MbEdge above_right_;
  Neighbourhood::Corner corner_;
  Neighbourhood::LeftDiagonal left_diagonal_;
};

}  // namespace daedalus::h264
