// SPDX-License-Identifier: MIT
// Contexts of the syntax elements for a block's references (8.3.2), from the references of its
// neighbours above and left.
#pragma once

#include <array>
#include <cstdint>

#include "av1/block.h"

namespace daedalus::av1 {

class ReferenceContexts {
 public:
  explicit ReferenceContexts(const Block& block);

  uint32_t comp_mode() const;
  uint32_t comp_ref_type() const;

  // comp_ref, single_ref_p3
  uint32_t last_last2_or_last3_golden() const {
    return compared(count(last_frame) + count(last2_frame),
                    count(last3_frame) + count(golden_frame));
  }
  // comp_ref_p1, single_ref_p4
  uint32_t last_or_last2() const { return compared(count(last_frame), count(last2_frame)); }
  // comp_ref_p2, single_ref_p5, uni_comp_ref_p2
  uint32_t last3_or_golden() const { return compared(count(last3_frame), count(golden_frame)); }
  // comp_bwdref, single_ref_p2
  uint32_t bwd_alt2_or_alt() const {
    return compared(count(bwdref_frame) + count(altref2_frame), count(altref_frame));
  }
  // comp_bwdref_p1, single_ref_p6
  uint32_t bwd_or_alt2() const { return compared(count(bwdref_frame), count(altref2_frame)); }
  // single_ref_p1, uni_comp_ref
  uint32_t forward_or_backward() const {
    return compared(
        count(last_frame) + count(last2_frame) + count(last3_frame) + count(golden_frame),
        count(bwdref_frame) + count(altref2_frame) + count(altref_frame));
  }
  // uni_comp_ref_p1
  uint32_t last2_or_last3_golden() const {
    return compared(count(last2_frame), count(last3_frame) + count(golden_frame));
  }

 private:
  // A neighbour: AvailU (AvailL) and its RefFrame.
  struct Neighbour {
    bool available = false;
    int32_t ref_0 = intra_frame, ref_1 = no_ref;

    bool is_intra() const { return ref_0 <= intra_frame; }
    bool is_single() const { return ref_1 <= intra_frame; }
    bool is_compound() const { return available && !is_intra() && !is_single(); }
    bool is_backward() const { return ref_0 >= bwdref_frame; }
    bool is_unidirectional() const {
      return is_compound() && (ref_0 >= bwdref_frame) == (ref_1 >= bwdref_frame);
    }
  };

  void add(const BlockInfo& info, Neighbour& neighbour);
  uint32_t count(RefFrame ref) const { return counts_[static_cast<uint32_t>(ref + 1)]; }
  // ref_count_ctx()
  static uint32_t compared(uint32_t a, uint32_t b) { return a < b ? 0 : a == b ? 1 : 2; }
  uint32_t comp_ref_type_of_two() const;

  Neighbour above_, left_;
  std::array<uint8_t, 9> counts_{};  // count_refs(), from no_ref on
};

}  // namespace daedalus::av1
