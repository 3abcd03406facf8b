// SPDX-License-Identifier: MIT
#include "h264/level_scale.h"

#include <algorithm>

#include "h264/scans.h"

namespace daedalus::h264 {

namespace {

// normAdjust4x4: at even rows and columns, at odd ones, elsewhere.
constexpr uint8_t norm_adjust_4x4_values[6][3] = {
    {10, 16, 13}, {11, 18, 14}, {13, 20, 16}, {14, 23, 18}, {16, 25, 20}, {18, 29, 23},
};

// normAdjust8x8, by class below.
constexpr uint8_t norm_adjust_8x8_values[6][6] = {
    {20, 18, 32, 19, 25, 24}, {22, 19, 35, 21, 28, 26}, {26, 23, 42, 24, 33, 31},
    {28, 25, 45, 26, 35, 33}, {32, 28, 51, 30, 40, 38}, {36, 32, 58, 34, 46, 43},
};

constexpr uint32_t norm_adjust_4x4(uint32_t m, uint32_t i, uint32_t j) {
  const uint32_t kind = i % 2 != j % 2 ? 2 : i % 2;
  return norm_adjust_4x4_values[m][kind];
}

constexpr uint32_t norm_adjust_8x8(uint32_t m, uint32_t i, uint32_t j) {
  const bool i_odd = i % 2 == 1, j_odd = j % 2 == 1;
  const bool i_fourth = i % 4 == 0, j_fourth = j % 4 == 0;
  uint32_t kind = 0;
  if (i_odd && j_odd)
    kind = 1;
  else if (i_odd != j_odd)
    kind = i_fourth || j_fourth ? 3 : 5;
  else if (!i_fourth && !j_fourth)
    kind = 2;
  else if (i_fourth != j_fourth)
    kind = 4;
  return norm_adjust_8x8_values[m][kind];
}

// Table 8-15, QP_C for qP_I from 30 on.
constexpr uint8_t qp_c[22] = {29, 30, 31, 32, 32, 33, 34, 34, 35, 35, 36,
                              36, 37, 37, 37, 38, 38, 38, 39, 39, 39, 39};

}  // namespace

uint32_t chroma_qp(int qp_y, int chroma_qp_index_offset) {
  const int qp_i = std::clamp(qp_y + chroma_qp_index_offset, 0, 51);
  return qp_i < 30 ? static_cast<uint32_t>(qp_i) : qp_c[qp_i - 30];
}

void level_scale_4x4(const std::array<uint8_t, 16>& scaling_list, uint32_t m,
                     uint32_t (&scale)[16]) {
  for (uint32_t i = 0; i < 16; ++i) {
    const uint32_t raster = zig_zag_4x4[i];
    scale[raster] = scaling_list[i] * norm_adjust_4x4(m, raster / 4, raster % 4);
  }
}

void level_scale_8x8(const std::array<uint8_t, 64>& scaling_list, uint32_t m,
                     uint32_t (&scale)[64]) {
  for (uint32_t i = 0; i < 64; ++i) {
    const uint32_t raster = zig_zag_8x8[i];
    scale[raster] = scaling_list[i] * norm_adjust_8x8(m, raster / 8, raster % 8);
  }
}

void write_tables(const PictureParameters& picture, PictureTables& tables) {
  for (int qp = 0; qp < 52; ++qp)
    tables.chroma_qp[static_cast<std::size_t>(qp)] =
        chroma_qp(qp, picture.chroma_qp_index_offset) |
        chroma_qp(qp, picture.second_chroma_qp_index_offset) << 8;
  // The job may be write-combined memory: tables are computed elsewhere and copied in order.
  for (std::size_t list = 0; list < 6; ++list) {
    for (uint32_t m = 0; m < 6; ++m) {
      uint32_t scale[16];
      level_scale_4x4(picture.scaling_list_4x4[list], m, scale);
      std::copy_n(scale, 16, tables.level_scale_4x4[list][m]);
    }
  }
  for (std::size_t list = 0; list < 2; ++list) {
    for (uint32_t m = 0; m < 6; ++m) {
      uint32_t scale[64];
      level_scale_8x8(picture.scaling_list_8x8[list], m, scale);
      std::copy_n(scale, 64, tables.level_scale_8x8[list][m]);
    }
  }
}

}  // namespace daedalus::h264
