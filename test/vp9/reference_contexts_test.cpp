// SPDX-License-Identifier: MIT
#include "vp9/reference_contexts.h"

#include <gtest/gtest.h>

namespace daedalus::vp9 {
namespace {

using Kind = ReferenceKind;

class Contexts : public testing::Test {
 protected:
  const ReferenceContexts& of(Kind above, Kind left) {
    return table[static_cast<std::size_t>(above)][static_cast<std::size_t>(left)];
  }

  // Only ALTREF_FRAME is on the other side.
  const CompoundReferences references = compound_references({false, false, false, true});
  const ReferenceContextTable table = reference_context_table(references);
};

TEST_F(Contexts, CompoundReferences) {
  EXPECT_EQ(references.fixed, altref_frame);
  EXPECT_EQ(references.variable, (std::array{last_frame, golden_frame}));
  const auto golden = compound_references({false, false, true, false});
  EXPECT_EQ(golden.fixed, golden_frame);
  EXPECT_EQ(golden.variable, (std::array{last_frame, altref_frame}));
  const auto last = compound_references({false, true, false, false});
  EXPECT_EQ(last.fixed, last_frame);
  EXPECT_EQ(last.variable, (std::array{golden_frame, altref_frame}));
}

TEST_F(Contexts, WithoutNeighbours) {
  const auto& contexts = of(Kind::none, Kind::none);
  EXPECT_EQ(contexts.is_inter, 0);
  EXPECT_EQ(contexts.comp_mode, 1);
  EXPECT_EQ(contexts.comp_ref, 2);
  EXPECT_EQ(contexts.single_ref_p1, 2);
  EXPECT_EQ(contexts.single_ref_p2, 2);
}

TEST_F(Contexts, IntraNeighbours) {
  EXPECT_EQ(of(Kind::intra, Kind::intra).is_inter, 3);
  EXPECT_EQ(of(Kind::intra, Kind::last).is_inter, 1);
  EXPECT_EQ(of(Kind::intra, Kind::none).is_inter, 2);
  EXPECT_EQ(of(Kind::intra, Kind::compound_0).comp_mode, 3);
  EXPECT_EQ(of(Kind::intra, Kind::last).single_ref_p1, 4);
  EXPECT_EQ(of(Kind::golden, Kind::intra).single_ref_p2, 4);
}

TEST_F(Contexts, SingleNeighbours) {
  EXPECT_EQ(of(Kind::altref, Kind::last).comp_mode, 1);
  EXPECT_EQ(of(Kind::altref, Kind::altref).comp_mode, 0);
  EXPECT_EQ(of(Kind::last, Kind::last).single_ref_p1, 4);
  EXPECT_EQ(of(Kind::last, Kind::altref).single_ref_p1, 2);
  EXPECT_EQ(of(Kind::last, Kind::last).single_ref_p2, 3);
  EXPECT_EQ(of(Kind::last, Kind::golden).single_ref_p2, 4);
  EXPECT_EQ(of(Kind::altref, Kind::golden).single_ref_p2, 2);
  EXPECT_EQ(of(Kind::golden, Kind::golden).comp_ref, 0);
  EXPECT_EQ(of(Kind::altref, Kind::last).comp_ref, 4);
  EXPECT_EQ(of(Kind::last, Kind::last).comp_ref, 3);
}

TEST_F(Contexts, CompoundNeighbours) {
  EXPECT_EQ(of(Kind::compound_0, Kind::compound_1).comp_mode, 4);
  EXPECT_EQ(of(Kind::compound_0, Kind::none).comp_mode, 3);
  EXPECT_EQ(of(Kind::compound_0, Kind::compound_0).comp_ref, 4);
  EXPECT_EQ(of(Kind::compound_1, Kind::compound_1).comp_ref, 0);
  EXPECT_EQ(of(Kind::compound_0, Kind::compound_1).comp_ref, 2);
  EXPECT_EQ(of(Kind::compound_1, Kind::last).comp_ref, 1);
  EXPECT_EQ(of(Kind::compound_1, Kind::compound_1).single_ref_p1, 1);
  EXPECT_EQ(of(Kind::compound_0, Kind::compound_1).single_ref_p1, 2);
  EXPECT_EQ(of(Kind::compound_1, Kind::compound_1).single_ref_p2, 3);
  EXPECT_EQ(of(Kind::compound_0, Kind::golden).single_ref_p2, 3);
  EXPECT_EQ(of(Kind::compound_1, Kind::altref).single_ref_p2, 1);
}

// Swapping the neighbours gives the same context.
TEST_F(Contexts, AreSymmetric) {
  for (std::size_t a = 0; a < 7; ++a)
    for (std::size_t b = 0; b < 7; ++b) {
      const auto& one = table[a][b];
      const auto& other = table[b][a];
      EXPECT_EQ(one.is_inter, other.is_inter);
      EXPECT_EQ(one.comp_mode, other.comp_mode);
      EXPECT_EQ(one.comp_ref, other.comp_ref);
      EXPECT_EQ(one.single_ref_p1, other.single_ref_p1);
      EXPECT_EQ(one.single_ref_p2, other.single_ref_p2);
      EXPECT_LE(one.is_inter, 3);
      EXPECT_LE(one.comp_mode, 4);
      EXPECT_LE(one.comp_ref, 4);
      EXPECT_LE(one.single_ref_p1, 4);
      EXPECT_LE(one.single_ref_p2, 4);
    }
}

}  // namespace
}  // namespace daedalus::vp9
