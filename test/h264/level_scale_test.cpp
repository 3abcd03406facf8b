// SPDX-License-Identifier: MIT
#include "h264/level_scale.h"

#include <gtest/gtest.h>

#include <numeric>

#include "h264/scans.h"

namespace daedalus::h264 {
namespace {

TEST(Scans, ZigZag) {
  EXPECT_EQ(zig_zag_4x4,
            (std::array<uint8_t, 16>{0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15}));
  const std::array<uint8_t, 12> first = {0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25};
  EXPECT_TRUE(std::equal(first.begin(), first.end(), zig_zag_8x8.begin()));
  EXPECT_EQ(zig_zag_8x8[62], 55 + 7);
  EXPECT_EQ(zig_zag_8x8[63], 63);
  EXPECT_EQ(frame_scans.interleaved_8x8[2][3], zig_zag_8x8[14]);
}

TEST(LevelScale, FlatLists) {
  std::array<uint8_t, 16> flat_4x4;
  flat_4x4.fill(16);
  uint32_t scale_4x4[16];
  level_scale_4x4(flat_4x4, 2, scale_4x4);
  const uint32_t rows[2][4] = {{13, 16, 13, 16}, {16, 20, 16, 20}};
  for (uint32_t i = 0; i < 16; ++i) EXPECT_EQ(scale_4x4[i], 16 * rows[i / 4 % 2][i % 4]);

  std::array<uint8_t, 64> flat_8x8;
  flat_8x8.fill(16);
  uint32_t scale_8x8[64];
  level_scale_8x8(flat_8x8, 0, scale_8x8);
  const uint32_t rows_8x8[4][4] = {
      {20, 19, 25, 19}, {19, 18, 24, 18}, {25, 24, 32, 24}, {19, 18, 24, 18}};
  for (uint32_t i = 0; i < 64; ++i)
    EXPECT_EQ(scale_8x8[i], 16 * rows_8x8[i / 8 % 4][i % 8 % 4]) << i;
}

TEST(LevelScale, ListsAreInZigZagOrder) {
  std::array<uint8_t, 16> list;
  std::iota(list.begin(), list.end(), uint8_t{1});
  uint32_t scale[16];
  level_scale_4x4(list, 0, scale);
  EXPECT_EQ(scale[1], 2u * 13);  // second of the scan: row 0, column 1
  EXPECT_EQ(scale[4], 3u * 13);
  EXPECT_EQ(scale[15], 16u * 16);
}

TEST(LevelScale, ChromaQp) {
  EXPECT_EQ(chroma_qp(0, 0), 0u);
  EXPECT_EQ(chroma_qp(29, 0), 29u);
  EXPECT_EQ(chroma_qp(30, 0), 29u);
  EXPECT_EQ(chroma_qp(51, 0), 39u);
  EXPECT_EQ(chroma_qp(51, 12), 39u);
  EXPECT_EQ(chroma_qp(0, -12), 0u);
  EXPECT_EQ(chroma_qp(40, -5), 33u);
}

TEST(LevelScale, Tables) {
  PictureParameters picture;
  for (auto& list : picture.scaling_list_4x4) list.fill(16);
  for (auto& list : picture.scaling_list_8x8) list.fill(16);
  picture.scaling_list_4x4[4][0] = 20;
  picture.scaling_list_8x8[1][63] = 30;
  picture.chroma_qp_index_offset = 1;
  picture.second_chroma_qp_index_offset = -1;
  PictureTables tables{};
  write_tables(picture, tables);
  EXPECT_EQ(tables.chroma_qp[20], 21u | 19u << 8);
  EXPECT_EQ(tables.level_scale_4x4[4][1][0], 20u * 11);
  EXPECT_EQ(tables.level_scale_4x4[3][1][0], 16u * 11);
  EXPECT_EQ(tables.level_scale_8x8[1][5][63], 30u * 32);
  EXPECT_EQ(tables.level_scale_8x8[0][5][63], 16u * 32);
}

}  // namespace
}  // namespace daedalus::h264
