// SPDX-License-Identifier: MIT
// Which inter prediction records result from blocks and their neighbours.
#include "av1/prediction_writer.h"

#include <gtest/gtest.h>

#include <vector>

#include "av1/motion_field.h"

namespace daedalus::av1 {
namespace {

namespace head = prediction_head;

uint32_t bits(uint32_t word, uint32_t shift, uint32_t count) {
  return word >> shift & ((1u << count) - 1);
}

// A record's fields as tests name them.
struct Area {
  uint32_t x, y, width, height;
  bool operator==(const Area&) const = default;
};
Area area_of(const PredictionRecord& record) {
  return {2 * bits(record.place, prediction_place::x_shift, 12),
          2 * bits(record.place, prediction_place::y_shift, 12),
          2u << bits(record.place, prediction_place::width_shift, 3),
          2u << bits(record.place, prediction_place::height_shift, 3)};
}
struct Span {
  uint32_t offset, length, depth;
  bool operator==(const Span&) const = default;
};
Span span_of(const OverlapRecord& overlap) {
  return {bits(overlap.span, 0, 8), bits(overlap.span, 8, 8), bits(overlap.span, 16, 8)};
}

class PredictionWriter : public testing::Test {
 protected:
  void SetUp() override {
    frame_.picture = &picture_;
    picture_.order_hint_bits = 5;
    frame_.mi_cols = frame_.mi_rows = frame_.grid_stride = 64;
    frame_.grid.resize(64 * 64);
    frame_.blocks.resize(64 * 64);
    tile_.frame = &frame_;
    tile_.mi_row_end = tile_.mi_col_end = 64;
  }

  // Puts an inter block, or with `ref_frame` 0 an intra block, into the grid.
  Block put(uint32_t row, uint32_t col, uint8_t size, int8_t ref_frame, Mv mv = {}) {
    Block block{};
    BlockInfo& info = block.info;
    info.size = size;
    info.mi_row = static_cast<uint16_t>(row);
    info.mi_col = static_cast<uint16_t>(col);
    info.is_inter = ref_frame > intra_frame;
    info.ref_frame = {ref_frame, no_ref};
    info.y_mode = info.is_inter ? newmv : dc_pred;
    info.mv[0] = mv;
    block.mi_row = row;
    block.mi_col = col;
    block.width = units_wide(size);
    block.height = units_high(size);
    info.has_chroma = !((block.width == 1 && col % 2 == 0) || (block.height == 1 && row % 2 == 0));
    block.avail_u = row > 0;
    block.avail_l = col > 0;
    place(block);
    return block;
  }
  void place(const Block& block) {
    frame_.blocks[tile_.next_block] = block.info;
    for (uint32_t y = block.mi_row; y < block.mi_row + block.height; ++y)
      for (uint32_t x = block.mi_col; x < block.mi_col + block.width; ++x)
        frame_.grid[y * 64 + x] = tile_.next_block;
    ++tile_.next_block;
  }

  // Writes only this block's records.
  void write(const Block& block) {
    to_.clear();
    place(block);
    add_predictions(tile_, block, to_);
  }
  std::vector<PredictionRecord> records(uint32_t plane, PredictionKind kind) {
    const auto list = to_.records[plane][static_cast<uint32_t>(kind)].records();
    return {list.begin(), list.end()};
  }
  PredictionRecord only(uint32_t plane, PredictionKind kind) {
    const auto list = records(plane, kind);
    EXPECT_EQ(list.size(), 1u);
    return list.empty() ? PredictionRecord{} : list[0];
  }

  PictureParameters picture_;
  FrameContext frame_;
  TileContext tile_;
  TilePredictions to_;
};

TEST_F(PredictionWriter, ABlockIsARecordOfLumaAndOneOfChroma) {
  Block block = put(8, 16, block_32x16, altref_frame, {-5, 300});
  block.info.interp_filter = {eighttap_sharp, eighttap_smooth};
  write(block);
  const PredictionRecord luma = only(0, PredictionKind::simple);
  EXPECT_EQ(area_of(luma), (Area{64, 32, 32, 16}));
  EXPECT_EQ(luma.mv_0, (MotionVector{-5, 300}));
  EXPECT_EQ(bits(luma.head, head::reference_0_shift, 3), 6u);
  EXPECT_EQ(bits(luma.head, head::reference_1_shift, 3), no_reference);
  EXPECT_EQ(bits(luma.head, head::kernel_x_shift, 3), 1u);
  EXPECT_EQ(bits(luma.head, head::kernel_y_shift, 3), 2u);
  EXPECT_EQ(bits(luma.head, head::compound_shift, 3), static_cast<uint32_t>(Compound::none));
  EXPECT_EQ(luma.block_size, block_32x16);
  EXPECT_EQ(area_of(only(1, PredictionKind::simple)), (Area{32, 16, 16, 8}));
}

TEST_F(PredictionWriter, FourSamplesTakeShortKernels) {
  for (const auto& [filter, short_kernel] :
       {std::pair{eighttap, 4u}, {eighttap_smooth, 5u}, {eighttap_sharp, 4u}, {bilinear, 3u}}) {
    Block block = put(8, 16, block_8x16, last_frame);
    block.info.interp_filter = {filter, filter};
    write(block);
    const PredictionRecord chroma = only(1, PredictionKind::simple);
    EXPECT_EQ(bits(chroma.head, head::kernel_x_shift, 3), short_kernel);
    EXPECT_EQ(bits(chroma.head, head::kernel_y_shift, 3), filter);
  }
}

TEST_F(PredictionWriter, ChromaOfFourSmallBlocksHasTheirVectors) {
  put(4, 6, block_4x4, last_frame, {1, 1});
  put(4, 7, block_4x4, golden_frame, {2, 2});
  put(5, 6, block_4x4, last_frame, {3, 3});
  const Block block = put(5, 7, block_4x4, bwdref_frame, {4, 4});
  write(block);
  const auto chroma = records(1, PredictionKind::simple);
  ASSERT_EQ(chroma.size(), 4u);
  for (uint32_t i = 0; i < 4; ++i) {
    const auto component = static_cast<int16_t>(i + 1);
    EXPECT_EQ(chroma[i].mv_0, (MotionVector{component, component}));
    EXPECT_EQ(area_of(chroma[i]), (Area{12 + i % 2 * 2, 8 + i / 2 * 2, 2, 2}));
  }
  EXPECT_EQ(bits(chroma[1].head, head::reference_0_shift, 3), 3u);
}

TEST_F(PredictionWriter, ChromaOfHalfSmallBlocksHasTwoParts) {
  put(4, 6, block_4x16, last_frame, {1, 1});
  write(put(4, 7, block_4x16, last_frame, {2, 2}));
  auto chroma = records(1, PredictionKind::simple);
  ASSERT_EQ(chroma.size(), 2u);
  EXPECT_EQ(area_of(chroma[0]), (Area{12, 8, 2, 8}));
  EXPECT_EQ(area_of(chroma[1]), (Area{14, 8, 2, 8}));
  EXPECT_EQ(chroma[0].mv_0, (MotionVector{1, 1}));

  put(8, 8, block_16x4, last_frame, {3, 3});
  write(put(9, 8, block_16x4, last_frame, {4, 4}));
  chroma = records(1, PredictionKind::simple);
  ASSERT_EQ(chroma.size(), 2u);
  EXPECT_EQ(area_of(chroma[0]), (Area{16, 16, 8, 2}));
  EXPECT_EQ(area_of(chroma[1]), (Area{16, 18, 8, 2}));
  EXPECT_EQ(chroma[0].mv_0, (MotionVector{3, 3}));
}

TEST_F(PredictionWriter, ChromaBesideAnIntraBlockIsOne) {
  put(4, 6, block_4x4, last_frame, {1, 1});
  put(4, 7, block_4x4, intra_frame);
  put(5, 6, block_4x4, last_frame, {3, 3});
  write(put(5, 7, block_4x4, last_frame, {4, 4}));
  const PredictionRecord chroma = only(1, PredictionKind::simple);
  EXPECT_EQ(area_of(chroma), (Area{12, 8, 4, 4}));
  EXPECT_EQ(chroma.mv_0, (MotionVector{4, 4}));
}

TEST_F(PredictionWriter, WithoutChromaThereIsLumaAlone) {
  write(put(4, 6, block_4x4, last_frame));
  only(0, PredictionKind::simple);
  for (const auto& list : to_.records[1]) EXPECT_EQ(list.size(), 0u);
}

TEST_F(PredictionWriter, CompoundsSayHowTheyAreMade) {
  frame_.order_hints[last_frame] = 10;
  frame_.order_hints[altref_frame] = 13;
  picture_.order_hint = 12;
  Block block = put(8, 8, block_16x16, last_frame, {1, 2});
  block.info.ref_frame[1] = altref_frame;
  block.info.mv[1] = {3, 4};
  write(block);
  PredictionRecord record = only(0, PredictionKind::simple);
  EXPECT_EQ(record.mv_1, (MotionVector{3, 4}));
  EXPECT_EQ(bits(record.head, head::reference_1_shift, 3), 6u);
  EXPECT_EQ(bits(record.head, head::compound_shift, 3), static_cast<uint32_t>(Compound::average));

  // d0 = 1, d1 = 2: 1 * 3 > 2 * 2 is false, 1 * 5 > 2 * 2 is true.
  block.compound_type = compound_distance;
  write(block);
  record = only(0, PredictionKind::simple);
  EXPECT_EQ(bits(record.head, head::compound_shift, 3), static_cast<uint32_t>(Compound::distance));
  EXPECT_EQ(bits(record.head, head::weight_0_shift, 4), 5u);

  block.compound_type = compound_wedge;
  block.wedge_index = 13;
  block.wedge_sign = true;
  write(block);
  record = only(1, PredictionKind::special);
  EXPECT_EQ(bits(record.head, head::compound_shift, 3), static_cast<uint32_t>(Compound::wedge));
  EXPECT_EQ(bits(record.head, head::wedge_index_shift, 4), 13u);
  EXPECT_NE(record.head & head::wedge_sign, 0u);

  block.compound_type = compound_diffwtd;
  block.mask_type = true;
  write(block);
  record = only(1, PredictionKind::special);
  EXPECT_EQ(bits(record.head, head::compound_shift, 3),
            static_cast<uint32_t>(Compound::difference));
  EXPECT_NE(record.head & head::mask_inverse, 0u);
}

TEST_F(PredictionWriter, ScaledReferencesAreAKindOfTheirOwn) {
  frame_.is_scaled[golden_frame] = true;
  write(put(8, 8, block_16x16, golden_frame));
  only(0, PredictionKind::scaled);
  only(1, PredictionKind::scaled);
}

TEST_F(PredictionWriter, LocalWarpsHaveAMatrixInLargeAreas) {
  Block block = put(8, 8, block_8x8, last_frame);
  block.info.motion_mode = local_warp;
  block.local_warp_valid = true;
  block.local_warp_params = {100, 200, (1 << 16) + 300, 40, -50, 1 << 16};
  write(block);
  const PredictionRecord luma = only(0, PredictionKind::special);
  EXPECT_NE(luma.head & head::warp_0, 0u);
  EXPECT_EQ(luma.warp, reference_count);
  ASSERT_EQ(to_.warps.size(), 1u);
  EXPECT_EQ(to_.warps.records()[0].matrix, block.local_warp_params);
  EXPECT_EQ(only(1, PredictionKind::simple).head & head::warp_0, 0u);  // 4x4

  picture_.force_integer_mv = true;
  write(block);
  EXPECT_EQ(only(0, PredictionKind::simple).head & head::warp_0, 0u);
}

TEST_F(PredictionWriter, GlobalWarpsAreOfEachReference) {
  frame_.global_motion[last_frame] = {.type = 2, .params = {0, 0, 65600, 10, -10, 65600}};
  frame_.global_motion[altref_frame] = {.type = 3, .params = {0, 0, 65500, 10, 10, 65600}};
  frame_.warp_valid[last_frame] = frame_.warp_valid[altref_frame] = true;
  Block block = put(8, 8, block_16x16, last_frame);
  block.info.ref_frame[1] = altref_frame;
  block.info.y_mode = global_globalmv;
  write(block);
  PredictionRecord record = only(1, PredictionKind::special);
  EXPECT_EQ(record.head & (head::warp_0 | head::warp_1), head::warp_0 | head::warp_1);
  EXPECT_EQ(record.warp, 0u);

  frame_.warp_valid[last_frame] = false;
  write(block);
  record = only(0, PredictionKind::special);
  EXPECT_EQ(record.head & (head::warp_0 | head::warp_1), head::warp_1);

  block.info.y_mode = new_newmv;
  write(block);
  only(0, PredictionKind::simple);
  EXPECT_EQ(global_warps(frame_)[6].matrix, frame_.global_motion[altref_frame].params);
}

// Above a 32x32 block are 4x8 blocks, an intra block and a wide one.
TEST_F(PredictionWriter, OverlapsFollowTheEdges) {
  put(6, 8, block_4x8, last_frame, {1, 1});
  put(6, 9, block_4x8, last_frame, {2, 2});
  put(6, 10, block_8x8, intra_frame);
  put(4, 12, block_16x16, golden_frame, {3, 3});
  put(0, 0, block_32x64, altref_frame, {4, 4});
  Block block = put(8, 8, block_32x32, last_frame);
  block.info.motion_mode = obmc;
  write(block);

  const PredictionRecord luma = only(0, PredictionKind::special);
  EXPECT_NE(luma.head & head::has_overlaps, 0u);
  EXPECT_EQ(luma.overlaps, 0u | 2u << 24 | 1u << 28);
  const auto overlaps = to_.overlaps.records();
  ASSERT_EQ(overlaps.size(), 6u);
  EXPECT_EQ(span_of(overlaps[0]), (Span{0, 8, 16}));
  EXPECT_EQ(overlaps[0].mv, (MotionVector{2, 2}));  // the odd unit's
  EXPECT_EQ(span_of(overlaps[1]), (Span{16, 16, 16}));
  EXPECT_EQ(bits(overlaps[1].head, head::reference_0_shift, 3), 3u);
  EXPECT_EQ(span_of(overlaps[2]), (Span{0, 32, 16}));
  EXPECT_EQ(bits(overlaps[2].head, head::reference_0_shift, 3), 6u);
  const PredictionRecord chroma = only(1, PredictionKind::special);
  EXPECT_EQ(chroma.overlaps, 3u | 2u << 24 | 1u << 28);
  EXPECT_EQ(span_of(overlaps[3]), (Span{0, 4, 8}));
  EXPECT_EQ(bits(overlaps[3].head, head::kernel_x_shift, 3), 4u);
  EXPECT_EQ(bits(overlaps[3].head, head::kernel_y_shift, 3), 0u);
  EXPECT_EQ(span_of(overlaps[4]), (Span{8, 8, 8}));
  EXPECT_EQ(span_of(overlaps[5]), (Span{0, 16, 8}));

  frame_.is_scaled[golden_frame] = true;
  write(block);
  only(0, PredictionKind::scaled);
}

TEST_F(PredictionWriter, SmallChromaTakesNoOverlapFromAbove) {
  put(6, 8, block_8x8, last_frame);
  Block block = put(8, 8, block_8x8, last_frame);
  put(8, 6, block_8x8, intra_frame);
  block.info.motion_mode = obmc;
  write(block);
  EXPECT_EQ(only(0, PredictionKind::special).overlaps, 1u << 24);
  EXPECT_EQ(only(1, PredictionKind::simple).head & head::has_overlaps, 0u);

  put(8, 6, block_8x8, last_frame);
  write(block);
  EXPECT_EQ(only(1, PredictionKind::special).overlaps, 2u | 1u << 28);
  EXPECT_EQ(span_of(to_.overlaps.records()[2]), (Span{0, 4, 2}));
}

TEST_F(PredictionWriter, ManyNeighboursAreCutOff) {
  for (uint32_t i = 0; i < 16; ++i) put(14, 16 + 2 * i, block_8x8, last_frame);
  Block block = put(16, 16, block_128x128, last_frame);
  block.info.motion_mode = obmc;
  put(16, 0, block_64x128, last_frame);
  write(block);
  const PredictionRecord luma = only(0, PredictionKind::special);
  EXPECT_EQ(luma.overlaps, 4u << 24 | 2u << 28);
  const auto overlaps = to_.overlaps.records();
  EXPECT_EQ(span_of(overlaps[3]), (Span{24, 8, 32}));
  EXPECT_EQ(span_of(overlaps[4]), (Span{0, 64, 32}));
  EXPECT_EQ(span_of(overlaps[5]), (Span{64, 64, 32}));
}

TEST_F(PredictionWriter, ReturnsToAMark) {
  const Block block = put(8, 8, block_16x16, last_frame);
  add_predictions(tile_, block, to_);
  const auto mark = to_.mark();
  add_predictions(tile_, block, to_);
  EXPECT_EQ(records(0, PredictionKind::simple).size(), 2u);
  to_.return_to(mark);
  EXPECT_EQ(records(0, PredictionKind::simple).size(), 1u);
  EXPECT_EQ(records(1, PredictionKind::simple).size(), 1u);
}

}  // namespace
}  // namespace daedalus::av1
