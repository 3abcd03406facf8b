// SPDX-License-Identifier: MIT
// What frames derive from the order of their references, and vectors of intra block copy.
#include "av1/frame_motion.h"

#include <gtest/gtest.h>

#include "av1/inter_mode_info.h"
#include "av1/motion_field.h"

namespace daedalus::av1 {
namespace {

class FrameMotion : public testing::Test {
 protected:
  void SetUp() override {
    picture_.frame_type = FrameType::inter;
    picture_.order_hint_bits = 4;
    picture_.upscaled_width = 64;
    picture_.height = 48;
    frame_.picture = &picture_;
    frame_.mi_cols = 16;
    frame_.mi_rows = 12;
  }
  void refer_to(const std::array<uint8_t, 7>& hints) {
    for (uint32_t i = 0; i < hints.size(); ++i) {
      auto saved = std::make_shared<SavedFrame>();
      saved->order_hint = hints[i];
      saved->upscaled_width = 64;
      saved->width = 64;
      saved->height = 48;
      frame_.references[i] = saved;
    }
  }
  std::array<int8_t, 2> skip_mode_frames() {
    derive_motion(frame_);
    return frame_.skip_mode_frames;
  }

  PictureParameters picture_;
  FrameContext frame_;
};

TEST_F(FrameMotion, SkipModeTakesTheNearestOfBothSides) {
  picture_.order_hint = 2;
  refer_to({14, 0, 15, 0, 6, 4, 4});  // hints wrap at 16
  EXPECT_EQ(skip_mode_frames(), (std::array<int8_t, 2>{last2_frame, altref2_frame}));
  refer_to({14, 0, 15, 0, 0, 14, 2});
  EXPECT_EQ(skip_mode_frames(), (std::array<int8_t, 2>{last2_frame, last3_frame}));
}

TEST_F(FrameMotion, SignBiasIsOfLaterReferences) {
  picture_.order_hint = 2;
  refer_to({14, 0, 2, 0, 6, 4, 4});
  derive_motion(frame_);
  EXPECT_EQ(frame_.sign_bias, (std::array<bool, 8>{0, 0, 0, 0, 0, 1, 1, 1}));
  picture_.order_hint_bits = 0;
  derive_motion(frame_);
  EXPECT_EQ(frame_.sign_bias, (std::array<bool, 8>{}));
}

TEST_F(FrameMotion, OtherSizesAreScaled) {
  refer_to({});
  std::const_pointer_cast<SavedFrame>(frame_.references[2])->height = 47;
  frame_.references[6] = nullptr;
  derive_motion(frame_);
  EXPECT_EQ(frame_.is_scaled, (std::array<bool, 8>{0, 0, 0, 1, 0, 0, 0, 0}));
  EXPECT_TRUE(is_scale_valid(picture_, {128, 96}));
  EXPECT_FALSE(is_scale_valid(picture_, {129, 96}));
  EXPECT_FALSE(is_scale_valid(picture_, {128, 97}));
  EXPECT_TRUE(is_scale_valid(picture_, {4, 3}));
  EXPECT_FALSE(is_scale_valid(picture_, {3, 3}));
  EXPECT_FALSE(is_scale_valid(picture_, {4, 2}));
}

TEST_F(FrameMotion, GlobalMotionIsBounded) {
  refer_to({});
  picture_.global_motion[0] = {.type = 2, .params = {INT32_MIN, INT32_MAX, 65536, 5, -5, 65536}};
  picture_.global_motion[1] = {.type = 3, .params = {0, 0, 0, 1 << 30, 0, 65536}};
  picture_.global_motion[2] = {.type = 7, .params = {1, 2, 3, 4, 5, 6}};
  derive_motion(frame_);
  EXPECT_EQ(frame_.global_motion[1].params,
            (std::array<int32_t, 6>{-(1 << 22), 1 << 22, 65536, 5, -5, 65536}));
  EXPECT_TRUE(frame_.warp_valid[1]);
  EXPECT_EQ(frame_.global_motion[2].params,
            (std::array<int32_t, 6>{0, 0, 65536 - 8192, 8192, 0, 65536}));
  EXPECT_FALSE(frame_.warp_valid[2]);
  EXPECT_EQ(frame_.global_motion[3].type, 0);
}

TEST_F(FrameMotion, NearerReferencesWeighMore) {
  picture_.order_hint = 8;
  const auto weight = [&](uint8_t first, uint8_t second) {
    refer_to({first, second, 0, 0, 0, 0, 0});
    derive_motion(frame_);
    return forward_weight(frame_, last_frame, last2_frame);
  };
  EXPECT_EQ(weight(7, 9), 7u);    // 1 and 1
  EXPECT_EQ(weight(7, 10), 11u);  // 1 and 2
  EXPECT_EQ(weight(6, 9), 5u);
  EXPECT_EQ(weight(7, 13), 13u);
  EXPECT_EQ(weight(3, 9), 3u);
  EXPECT_EQ(weight(8, 9), 13u);
  EXPECT_EQ(weight(7, 8), 3u);
}

class IntraBlockCopy : public testing::Test {
 protected:
  void SetUp() override {
    frame_.picture = &picture_;
    tile_.frame = &frame_;
    tile_.mi_row_start = 16;
    tile_.mi_row_end = 96;
    tile_.mi_col_start = 32;
    tile_.mi_col_end = 32 + 16 * 12;
  }
  // An 8x8 block at (y, x) that copies from (from_y, from_x), in luma samples from the tile's
  // corner.
  bool is_valid(int32_t y, int32_t x, int32_t from_y, int32_t from_x, uint8_t size = block_8x8) {
    Block block{};
    block.info.size = size;
    block.info.has_chroma = true;
    block.mi_row = static_cast<uint32_t>(64 + y) / 4;
    block.mi_col = static_cast<uint32_t>(128 + x) / 4;
    block.width = units_wide(size);
    block.height = units_high(size);
    return is_intrabc_mv_valid(
        tile_, block,
        {static_cast<int16_t>((from_y - y) * 8), static_cast<int16_t>((from_x - x) * 8)});
  }

  PictureParameters picture_;
  FrameContext frame_;
  TileContext tile_;
};

TEST_F(IntraBlockCopy, SourcesAreFourSuperblocksBack) {
  EXPECT_TRUE(is_valid(0, 320, 0, 56));   // column 5 from column 0
  EXPECT_FALSE(is_valid(0, 320, 0, 57));  // reaches into column 1
  EXPECT_FALSE(is_valid(0, 256, 0, 0));
  EXPECT_TRUE(is_valid(64, 0, 0, 0));  // one row up: 0 < 0 - 4 + 5
  EXPECT_FALSE(is_valid(64, 0, 0, 57));
  EXPECT_TRUE(is_valid(128, 0, 0, 64 * 5 + 56));
  EXPECT_FALSE(is_valid(128, 0, 0, 64 * 5 + 57));
  EXPECT_FALSE(is_valid(0, 320, 64, 0));  // further down
}

TEST_F(IntraBlockCopy, SourcesAreInTheTile) {
  EXPECT_FALSE(is_valid(64, 0, 0, -1));
  EXPECT_FALSE(is_valid(64, 0, -1, 0));
  EXPECT_TRUE(is_valid(64, 4, 4, 4, block_4x4));
  EXPECT_FALSE(is_valid(64, 4, 4, 0, block_4x4));  // chroma begins 4 samples before
  EXPECT_FALSE(is_valid(68, 4, 3, 4, block_4x4));
}

TEST_F(IntraBlockCopy, VectorsAreWholeSamples) {
  Block block{};
  block.info.size = block_8x8;
  block.mi_row = 32;
  block.mi_col = 64;
  block.width = block.height = 2;
  EXPECT_TRUE(is_intrabc_mv_valid(tile_, block, {-64 * 8, 0}));
  EXPECT_FALSE(is_intrabc_mv_valid(tile_, block, {-64 * 8 - 4, 0}));
  EXPECT_FALSE(is_intrabc_mv_valid(tile_, block, {-64 * 8, 1}));
}

}  // namespace
}  // namespace daedalus::av1
