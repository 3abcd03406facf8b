// SPDX-License-Identifier: MIT
#include "av1/reference_contexts.h"

namespace daedalus::av1 {

ReferenceContexts::ReferenceContexts(const Block& block) {
  if (block.above) add(*block.above, above_);
  if (block.left) add(*block.left, left_);
}

void ReferenceContexts::add(const BlockInfo& info, Neighbour& neighbour) {
  neighbour = {.available = true, .ref_0 = info.ref_frame[0], .ref_1 = info.ref_frame[1]};
  ++counts_[static_cast<uint32_t>(neighbour.ref_0 + 1)];
  ++counts_[static_cast<uint32_t>(neighbour.ref_1 + 1)];
}

uint32_t ReferenceContexts::comp_mode() const {
  if (above_.available && left_.available) {
    if (above_.is_single() && left_.is_single())
      return above_.is_backward() != left_.is_backward() ? 1 : 0;
    if (above_.is_single()) return above_.is_backward() || above_.is_intra() ? 3 : 2;
    if (left_.is_single()) return left_.is_backward() || left_.is_intra() ? 3 : 2;
    return 4;
  }
  if (!above_.available && !left_.available) return 1;
  const Neighbour& one = above_.available ? above_ : left_;
  return one.is_single() ? uint32_t{one.is_backward()} : 3;
}

uint32_t ReferenceContexts::comp_ref_type() const {
  if (above_.available && !above_.is_intra() && left_.available && !left_.is_intra())
    return comp_ref_type_of_two();
  if (above_.available && left_.available) {
    if (above_.is_compound()) return above_.is_unidirectional() ? 3 : 1;
    if (left_.is_compound()) return left_.is_unidirectional() ? 3 : 1;
    return 2;
  }
  if (above_.is_compound()) return above_.is_unidirectional() ? 4 : 0;
  if (left_.is_compound()) return left_.is_unidirectional() ? 4 : 0;
  return 2;
}

// For two inter neighbours.
uint32_t ReferenceContexts::comp_ref_type_of_two() const {
  const uint32_t same = above_.is_backward() == left_.is_backward();
  const bool above_uni = above_.is_unidirectional(), left_uni = left_.is_unidirectional();
  if (!above_.is_compound() && !left_.is_compound()) return 1 + 2 * same;
  if (!above_.is_compound()) return left_uni ? 3 + same : 1;
  if (!left_.is_compound()) return above_uni ? 3 + same : 1;
  if (!above_uni && !left_uni) return 0;
  if (!above_uni || !left_uni) return 2;
  return 3 + uint32_t{(above_.ref_0 == bwdref_frame) == (left_.ref_0 == bwdref_frame)};
}

}  // namespace daedalus::av1
