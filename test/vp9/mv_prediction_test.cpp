// SPDX-License-Identifier: MIT
#include "vp9/mv_prediction.h"

#include <gtest/gtest.h>

#include <vector>

namespace daedalus::vp9 {
namespace {

constexpr uint32_t columns = 24, rows = 20;

ModeInfo inter(uint8_t ref_frame, Mv mv, PredictionMode mode = new_mv) {
  ModeInfo info;
  info.mv = {mv, Mv{}};
  info.ref_frame = {ref_frame, intra_frame};
  info.mode = mode;
  info.kind = kind_of_single(ref_frame);
  return info;
}

ModeInfo compound(uint8_t ref_0, Mv mv_0, uint8_t ref_1, Mv mv_1) {
  ModeInfo info = inter(ref_0, mv_0);
  info.mv[1] = mv_1;
  info.ref_frame[1] = ref_1;
  return info;
}

class MvPrediction : public testing::Test {
 protected:
  MvPrediction() : infos(columns * rows), previous(columns * rows) {
    for (auto& info : infos) info.kind = ReferenceKind::intra;
  }

  MvNeighbourhood at(uint32_t row, uint32_t column, BlockSize size) {
    const bool inside = row >= 3 && column >= tile_begin + 3 &&
                        row + (1u << height_8_log2[size]) <= rows &&
                        column + (1u << width_8_log2[size]) <= tile_end;
    return {.frame = &frame,
            .mi_row = row,
            .mi_col = column,
            .tile_begin = tile_begin,
            .tile_end = tile_end,
            .size = size,
            .all_inside = inside,
            .unit = &infos[row * columns + column],
            .previous = uses_previous ? &previous[row * columns + column] : nullptr,
            .above_small = &above_small,
            .left_small = &left_small};
  }
  ModeInfo& info(uint32_t row, uint32_t column) { return infos[row * columns + column]; }

  MvFrame frame = mv_frame(rows, columns, {false, false, false, true}, true);
  uint32_t tile_begin = 0, tile_end = columns;
  bool uses_previous = false;
  std::vector<ModeInfo> infos, previous;
  SmallBlockMvs above_small{}, left_small{};
};

TEST_F(MvPrediction, NothingAround) {
  EXPECT_EQ(nearest_mv_of(at(8, 8, block_16x16), last_frame), (Mv{0, 0}));
  EXPECT_EQ(near_mv_of(at(8, 8, block_16x16), last_frame), (Mv{0, 0}));
  EXPECT_EQ(inter_mode_context(at(8, 8, block_16x16)), 6u);
}

TEST_F(MvPrediction, OrderOfTheNeighbours) {
  info(7, 8) = inter(last_frame, {8, 16});   // above
  info(8, 7) = inter(last_frame, {24, 32});  // left
  EXPECT_EQ(nearest_mv_of(at(8, 8, block_16x16), last_frame), (Mv{8, 16}));
  EXPECT_EQ(near_mv_of(at(8, 8, block_16x16), last_frame), (Mv{24, 32}));
  // 8x16 scans left first.
  EXPECT_EQ(nearest_mv_of(at(8, 8, block_8x16), last_frame), (Mv{24, 32}));
  EXPECT_EQ(inter_mode_context(at(8, 8, block_16x16)), 4u) << "both new";
}

TEST_F(MvPrediction, EqualVectorsCountOnce) {
  info(7, 8) = inter(last_frame, {8, 16});
  info(8, 7) = inter(last_frame, {8, 16});
  info(5, 8) = inter(last_frame, {2, 2});
  EXPECT_EQ(near_mv_of(at(8, 8, block_16x16), last_frame), (Mv{2, 2}));
}

TEST_F(MvPrediction, OtherReferencesComeLastAndInverted) {
  info(7, 8) = inter(altref_frame, {8, 16});
  info(5, 5) = inter(last_frame, {40, 40});
  EXPECT_EQ(nearest_mv_of(at(8, 8, block_16x16), last_frame), (Mv{40, 40}));
  EXPECT_EQ(near_mv_of(at(8, 8, block_16x16), last_frame), (Mv{-8, -16}));
  EXPECT_EQ(near_mv_of(at(8, 8, block_16x16), golden_frame), (Mv{40, 40}));
}

// libvpx compares the second vector with the first before it inverts either.
TEST_F(MvPrediction, SecondVectorIsComparedBeforeInversion) {
  info(7, 8) = compound(golden_frame, {8, 8}, altref_frame, {8, 8});
  EXPECT_EQ(nearest_mv_of(at(8, 8, block_16x16), last_frame), (Mv{8, 8}));
  EXPECT_EQ(near_mv_of(at(8, 8, block_16x16), last_frame), (Mv{0, 0}));
  info(7, 8) = compound(golden_frame, {8, 8}, altref_frame, {-8, -8});
  EXPECT_EQ(near_mv_of(at(8, 8, block_16x16), last_frame), (Mv{0, 0})) << "equal when turned";
  info(7, 8) = compound(golden_frame, {8, 8}, altref_frame, {4, 4});
  EXPECT_EQ(near_mv_of(at(8, 8, block_16x16), last_frame), (Mv{-4, -4}));
}

TEST_F(MvPrediction, PreviousFrame) {
  uses_previous = true;
  previous[8 * columns + 8] = inter(last_frame, {12, 12});
  info(7, 8) = inter(golden_frame, {8, 16});
  EXPECT_EQ(nearest_mv_of(at(8, 8, block_16x16), last_frame), (Mv{12, 12}));
  EXPECT_EQ(near_mv_of(at(8, 8, block_16x16), last_frame), (Mv{8, 16}));
  EXPECT_EQ(near_mv_of(at(8, 8, block_16x16), golden_frame), (Mv{12, 12}));
}

TEST_F(MvPrediction, TilesEndToTheLeftButNotAbove) {
  info(8, 7) = inter(last_frame, {24, 32});
  info(7, 8) = inter(last_frame, {8, 16});
  tile_begin = 8;
  EXPECT_EQ(nearest_mv_of(at(8, 8, block_8x16), last_frame), (Mv{8, 16}));
  EXPECT_EQ(near_mv_of(at(8, 8, block_8x16), last_frame), (Mv{0, 0}));
  EXPECT_EQ(inter_mode_context(at(8, 8, block_8x16)), 3u) << "the left unit is outside the tile";
}

TEST_F(MvPrediction, UnitsBeyondTheFrameAreIgnored) {
  info(19, 7) = inter(last_frame, {24, 32});
  // The unit two rows below is outside.
  EXPECT_EQ(nearest_mv_of(at(18, 8, block_16x32), last_frame), (Mv{0, 0}));
  info(0, 7) = inter(last_frame, {24, 32});
  EXPECT_EQ(nearest_mv_of(at(0, 8, block_16x16), last_frame), (Mv{24, 32}));
}

TEST_F(MvPrediction, IsClampedAndOfThePrecisionAllowed) {
  info(7, 0) = inter(last_frame, {-9000, -9000});
  EXPECT_EQ(nearest_mv_of(at(8, 0, block_8x8), last_frame), (Mv{-8 * 64 - 128, -128}));
  info(7, 0) = inter(last_frame, {9001, 9001});
  EXPECT_EQ(nearest_mv_of(at(8, 0, block_8x8), last_frame),
            (Mv{(20 - 1 - 8) * 64 + 128, (24 - 1) * 64 + 128}));
  info(7, 8) = inter(last_frame, {63, -7});
  EXPECT_EQ(nearest_mv_of(at(8, 8, block_8x8), last_frame), (Mv{63, -7}));
  info(7, 8) = inter(last_frame, {65, -7});
  EXPECT_EQ(nearest_mv_of(at(8, 8, block_8x8), last_frame), (Mv{64, -6}));
  frame.allow_high_precision_mv = false;
  info(7, 8) = inter(last_frame, {63, -7});
  EXPECT_EQ(nearest_mv_of(at(8, 8, block_8x8), last_frame), (Mv{62, -6}));
}

TEST_F(MvPrediction, SmallBlocksSeeTheSubBlocksBesideThem) {
  info(7, 8) = inter(last_frame, {4, 4});  // its last sub-block's
  info(7, 8).flags = mode_info::small;
  above_small = {Mv{2, 2}, Mv{}};  // its third sub-block's
  const std::array<Mv, 4> none{};
  EXPECT_EQ(small_nearest_mv(at(8, 8, block_4x4), last_frame, 0, none), (Mv{2, 2}));
  EXPECT_EQ(small_near_mv(at(8, 8, block_4x4), last_frame, 1, none), (Mv{4, 4}));
  // Whole blocks use the last sub-block's vector.
  EXPECT_EQ(nearest_mv_of(at(8, 8, block_8x8), last_frame), (Mv{4, 4}));
}

TEST_F(MvPrediction, SmallBlocksSeeTheirOwnEarlierOnes) {
  const std::array<Mv, 4> earlier = {Mv{2, 2}, Mv{4, 4}, Mv{6, 6}, Mv{}};
  const auto place = at(8, 8, block_4x4);
  EXPECT_EQ(small_nearest_mv(place, last_frame, 1, earlier), (Mv{2, 2}));
  EXPECT_EQ(small_nearest_mv(place, last_frame, 2, earlier), (Mv{2, 2}));
  EXPECT_EQ(small_nearest_mv(place, last_frame, 3, earlier), (Mv{6, 6}));
  EXPECT_EQ(small_near_mv(place, last_frame, 3, earlier), (Mv{4, 4}));
  const std::array<Mv, 4> same = {Mv{2, 2}, Mv{6, 6}, Mv{6, 6}, Mv{}};
  EXPECT_EQ(small_near_mv(place, last_frame, 3, same), (Mv{2, 2}));
  const std::array<Mv, 4> all = {Mv{6, 6}, Mv{6, 6}, Mv{6, 6}, Mv{}};
  info(7, 8) = inter(last_frame, {10, 10});
  EXPECT_EQ(small_near_mv(place, last_frame, 3, all), (Mv{10, 10}));
}

}  // namespace
}  // namespace daedalus::vp9
