// SPDX-License-Identifier: MIT
// mb_pred() of intra macroblocks (H.264 7.3.5.1) with the prediction of their modes (8.3.1.1,
// 8.3.2.1).
#pragma once

#include <cstdint>

#include "h264/neighbours.h"
#include "h264/syntax.h"

namespace daedalus::h264 {

// Neighbouring samples that intra prediction may use, or that a mode requires.
struct IntraNeighbours {
  // On the left of the macroblock's upper and lower half: different in MBAFF frames only.
  bool left = false, left_below = false;
  bool top = false, top_right = false, top_left = false;

  IntraNeighbours() = default;
  IntraNeighbours(const Neighbourhood& neighbourhood, bool constrained_intra_pred_flag);

  // As bits of MbRecord::head.
  uint32_t head_bits() const;
};

template <typename Syntax>
class IntraParser {
 public:
  IntraParser(Syntax& syntax, Neighbourhood& neighbourhood, bool constrained_intra_pred_flag)
      : syntax_(syntax),
        neighbourhood_(neighbourhood),
        constrained_intra_pred_(constrained_intra_pred_flag) {}

  // Intra4x4PredMode or Intra8x8PredMode of all blocks, 4 bits each, first in the low bits. False
  // if a mode requires unavailable samples.
  bool pred_modes(bool transform_8x8, const IntraNeighbours& available, uint64_t& modes);

  bool intra_chroma_pred_mode(const IntraNeighbours& available, uint32_t& mode);
  static bool is_possible_16x16(uint32_t mode, const IntraNeighbours& available);

 private:
  void enter_pred_modes(MbEdge& edge) const;

  Syntax& syntax_;
  Neighbourhood& neighbourhood_;
  const bool constrained_intra_pred_;
};

}  // namespace daedalus::h264
