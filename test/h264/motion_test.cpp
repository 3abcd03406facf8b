// SPDX-License-Identifier: MIT
#include "h264/motion.h"

#include <gtest/gtest.h>

namespace daedalus::h264 {
namespace {

constexpr Candidate none{};

TEST(PredictMv, MedianOfThree) {
  const Candidate a{{1, 10}, 0}, b{{5, -7}, 0}, c{{3, 2}, 0};
  EXPECT_EQ(predict_mv({a, b, c}, 0), (Mv{3, 2}));
}

TEST(PredictMv, TheOnlyOneWithTheReference) {
  const Candidate a{{1, 10}, 1}, b{{5, -7}, 0}, c{{3, 2}, 2};
  EXPECT_EQ(predict_mv({a, b, c}, 1), a.mv);
  EXPECT_EQ(predict_mv({a, b, c}, 0), b.mv);
  EXPECT_EQ(predict_mv({a, b, c}, 2), c.mv);
  EXPECT_EQ(predict_mv({a, b, c}, 3), (Mv{3, 2}));
}

TEST(PredictMv, LeftAloneAtTheTop) {
  const Candidate a{{1, 10}, 3};
  EXPECT_EQ(predict_mv({a, none, none}, 0), a.mv);
  EXPECT_EQ(predict_mv({none, none, none}, 0), Mv{});
}

struct Edges : Neighbourhood {
  Edges() {
    reset(3, true);
    enter(0);
    enter(1);
  }
};

MbEdge edge(int16_t x, int8_t ref_idx) {
  MbEdge result;
  for (auto& list : result.mv) list.fill({x, 0});
  for (auto& list : result.ref_idx) list.fill(ref_idx);
  return result;
}

TEST(PredictPartition, Directions) {
  Edges edges;
  edges.left = edge(1, 0);
  *edges.above = edge(2, 0);
  const MbEdge right = edge(3, 0);
  edges.above_right = &right;
  const auto predict = [&](MotionShape shape, uint32_t part) {
    Motion first;
    first.mv[0] = {9, 0};
    first.ref_idx[0] = 1;
    return predict_partition(edges, shape, part, 0, 0, first).x();
  };
  EXPECT_EQ(predict(MotionShape::whole, 0), 2);
  EXPECT_EQ(predict(MotionShape::rows, 0), 2);
  EXPECT_EQ(predict(MotionShape::rows, 1), 1);
  EXPECT_EQ(predict(MotionShape::columns, 0), 1);
  EXPECT_EQ(predict(MotionShape::columns, 1), 3);
}

// The left partition uses neighbour D for C, not the macroblock at the top right.
TEST(PredictPartition, LeftPartitionDoesNotSeeTheTopRight) {
  Edges edges;
  edges.left = edge(1, 1);
  const MbEdge right = edge(3, 0);
  edges.above_right = &right;
  EXPECT_EQ(predict_partition(edges, MotionShape::columns, 0, 0, 0, {}).x(), 1);
}

TEST(PredictPSkip, ZeroAtTheEdgeOrBesideStillness) {
  Edges edges;
  EXPECT_EQ(predict_p_skip(edges).mv[0], Mv{});
  edges.left = edge(4, 0);
  *edges.above = edge(4, 0);
  EXPECT_EQ(predict_p_skip(edges).mv[0], (Mv{4, 0}));
  *edges.above = edge(0, 0);
  EXPECT_EQ(predict_p_skip(edges).mv[0], Mv{});
  *edges.above = edge(0, 1);
  EXPECT_EQ(predict_p_skip(edges).mv[0], (Mv{4, 0}));
}

TEST(MotionGrid, FollowsDecodingOrder) {
  Edges edges;
  edges.left = edge(0, 0);
  MotionGrid grid;
  grid.enter(edges, 0);
  for (uint32_t quarter = 0; quarter < 4; ++quarter) grid.set_quarter_ref_idx(quarter, 0, 0);
  grid.set({0, 0, 2, 2}, 0, {8, 0});
  grid.set({2, 0, 2, 2}, 0, {16, 0});
  // Quarter 2: left 0, above 8, above right 16.
  EXPECT_EQ(grid.predict({0, 2, 2, 2}, 0).x(), 8);
  grid.set({0, 2, 2, 2}, 0, {-4, 0});
  // Quarter 3 has nothing above right, so it uses above left instead.
  EXPECT_EQ(grid.predict({2, 2, 2, 2}, 0).x(), 8);
}

Motion motion(int16_t x) {
  Motion result;
  result.mv[0] = {x, 0};
  result.ref_idx[0] = 0;
  return result;
}

MbMotion quarters(int16_t a, int16_t b, int16_t c, int16_t d) {
  MbMotion result;
  result.shape = MotionShape::quarters;
  const std::array<int16_t, 4> vectors = {a, b, c, d};
  for (std::size_t i = 0; i < 4; ++i) result.parts[i] = motion(vectors[i]);
  return result;
}

TEST(MbMotion, Simplifies) {
  struct Case {
    MbMotion motion;
    MotionShape shape;
  };
  for (auto [before, shape] : {Case{quarters(1, 1, 1, 1), MotionShape::whole},
                               Case{quarters(1, 1, 2, 2), MotionShape::rows},
                               Case{quarters(1, 2, 1, 2), MotionShape::columns},
                               Case{quarters(1, 2, 2, 1), MotionShape::quarters}}) {
    MbMotion blocks;
    blocks.shape = MotionShape::blocks;
    for (uint32_t i = 0; i < 16; ++i) blocks.parts[i] = before.at(i % 4, i / 4);
    for (MbMotion after : {before, blocks}) {
      after.simplify();
      EXPECT_EQ(after.shape, shape);
      for (uint32_t i = 0; i < 16; ++i) EXPECT_EQ(after.at(i % 4, i / 4), before.at(i % 4, i / 4));
    }
  }
  MbMotion fine;
  fine.shape = MotionShape::blocks;
  fine.parts.fill(motion(1));
  fine.parts[15] = motion(2);
  fine.simplify();
  EXPECT_EQ(fine.shape, MotionShape::blocks);
}

}  // namespace
}  // namespace daedalus::h264
