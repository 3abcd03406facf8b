// SPDX-License-Identifier: MIT
// Compares every pair of neighbours with the text of 8.3.2.
#include "av1/reference_contexts.h"

#include <gtest/gtest.h>

#include <vector>

namespace daedalus::av1 {
namespace {

// The specification's variables.
struct Text {
  bool avail_u, avail_l;
  std::array<int32_t, 2> above, left;  // AboveRefFrame, LeftRefFrame

  bool above_intra() const { return above[0] <= intra_frame; }
  bool left_intra() const { return left[0] <= intra_frame; }
  bool above_single() const { return above[1] <= intra_frame; }
  bool left_single() const { return left[1] <= intra_frame; }
  static bool check_backward(int32_t ref) { return ref >= bwdref_frame && ref <= altref_frame; }
  static bool is_samedir(int32_t a, int32_t b) {
    return (a >= bwdref_frame) == (b >= bwdref_frame);
  }

  uint32_t comp_mode() const {
    if (avail_u && avail_l) {
      if (above_single() && left_single())
        return check_backward(above[0]) ^ check_backward(left[0]);
      if (above_single()) return 2 + (check_backward(above[0]) || above_intra());
      if (left_single()) return 2 + (check_backward(left[0]) || left_intra());
      return 4;
    }
    if (avail_u) return above_single() ? check_backward(above[0]) : 3;
    if (avail_l) return left_single() ? check_backward(left[0]) : 3;
    return 1;
  }

  uint32_t comp_ref_type() const {
    const bool above_comp = avail_u && !above_intra() && !above_single();
    const bool left_comp = avail_l && !left_intra() && !left_single();
    const bool above_uni = above_comp && is_samedir(above[0], above[1]);
    const bool left_uni = left_comp && is_samedir(left[0], left[1]);
    if (avail_u && !above_intra() && avail_l && !left_intra()) {
      const bool samedir = is_samedir(above[0], left[0]);
      if (!above_comp && !left_comp) return 1 + 2 * samedir;
      if (!above_comp) return !left_uni ? 1 : 3 + samedir;
      if (!left_comp) return !above_uni ? 1 : 3 + samedir;
      if (!above_uni && !left_uni) return 0;
      if (!above_uni || !left_uni) return 2;
      return 3 + ((above[0] == bwdref_frame) == (left[0] == bwdref_frame));
    }
    if (avail_u && avail_l) {
      if (above_comp) return 1 + 2 * above_uni;
      if (left_comp) return 1 + 2 * left_uni;
      return 2;
    }
    if (above_comp) return 4 * above_uni;
    if (left_comp) return 4 * left_uni;
    return 2;
  }

  uint32_t count_refs(std::initializer_list<int32_t> refs) const {
    uint32_t count = 0;
    for (const int32_t ref : refs)
      for (uint32_t list = 0; list < 2; ++list)
        count += uint32_t{avail_u && above[list] == ref} + uint32_t{avail_l && left[list] == ref};
    return count;
  }
  uint32_t compared(std::initializer_list<int32_t> a, std::initializer_list<int32_t> b) const {
    const uint32_t count_a = count_refs(a), count_b = count_refs(b);
    return count_a < count_b ? 0 : count_a == count_b ? 1 : 2;
  }
};

std::vector<std::array<int8_t, 2>> all_references() {
  std::vector<std::array<int8_t, 2>> all = {{intra_frame, no_ref}};
  for (int8_t ref = last_frame; ref <= altref_frame; ++ref) {
    all.push_back({ref, no_ref});
    all.push_back({ref, intra_frame});
    for (auto second = static_cast<int8_t>(ref + 1); second <= altref_frame; ++second)
      all.push_back({ref, second});
  }
  return all;
}

void compare(const BlockInfo* above, const BlockInfo* left) {
  Block block{};
  block.above = above;
  block.left = left;
  Text text{above != nullptr, left != nullptr, {intra_frame, no_ref}, {intra_frame, no_ref}};
  if (above) text.above = {above->ref_frame[0], above->ref_frame[1]};
  if (left) text.left = {left->ref_frame[0], left->ref_frame[1]};
  const ReferenceContexts contexts(block);
  ASSERT_EQ(contexts.comp_mode(), text.comp_mode());
  ASSERT_EQ(contexts.comp_ref_type(), text.comp_ref_type());
  ASSERT_EQ(contexts.last_last2_or_last3_golden(), text.compared({1, 2}, {3, 4}));
  ASSERT_EQ(contexts.last_or_last2(), text.compared({1}, {2}));
  ASSERT_EQ(contexts.last3_or_golden(), text.compared({3}, {4}));
  ASSERT_EQ(contexts.bwd_alt2_or_alt(), text.compared({5, 6}, {7}));
  ASSERT_EQ(contexts.bwd_or_alt2(), text.compared({5}, {6}));
  ASSERT_EQ(contexts.forward_or_backward(), text.compared({1, 2, 3, 4}, {5, 6, 7}));
  ASSERT_EQ(contexts.last2_or_last3_golden(), text.compared({2}, {3, 4}));
}

TEST(ReferenceContexts, AreTheSpecifications) {
  ASSERT_NO_FATAL_FAILURE(compare(nullptr, nullptr));
  for (const auto& above_refs : all_references()) {
    BlockInfo above;
    above.ref_frame = above_refs;
    ASSERT_NO_FATAL_FAILURE(compare(&above, nullptr));
    ASSERT_NO_FATAL_FAILURE(compare(nullptr, &above));
    for (const auto& left_refs : all_references()) {
      BlockInfo left;
      left.ref_frame = left_refs;
      ASSERT_NO_FATAL_FAILURE(compare(&above, &left));
    }
  }
}

}  // namespace
}  // namespace daedalus::av1
