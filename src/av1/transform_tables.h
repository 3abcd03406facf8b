// SPDX-License-Identifier: MIT
// How transform sizes, block sizes and transform types relate (AV1 specification, 5.11 and 9.3).
#pragma once

#include <array>
#include <cstdint>

#include "av1/syntax.h"
#include "daedalus/av1/job.h"

namespace daedalus::av1 {

// The TxSize of a width and height, given as logarithms. There must be such a TxSize.
constexpr TxSize find_tx_size(uint32_t width_log2, uint32_t height_log2) {
  uint32_t size = 0;
  while (size + 1 < tx_size_count &&
         (tx_width_log2[size] != width_log2 || tx_height_log2[size] != height_log2))
    ++size;
  return static_cast<TxSize>(size);
}

constexpr uint32_t width_log2_of(TxSize size) {
  return tx_width_log2[static_cast<uint32_t>(size)];
}
constexpr uint32_t height_log2_of(TxSize size) {
  return tx_height_log2[static_cast<uint32_t>(size)];
}
// In units.
constexpr uint32_t units_wide(TxSize size) {
  return 1u << (width_log2_of(size) - 2);
}
constexpr uint32_t units_high(TxSize size) {
  return 1u << (height_log2_of(size) - 2);
}

// Tx_Size_Sqr and Tx_Size_Sqr_Up: 0 (4x4) to 4 (64x64).
constexpr uint32_t tx_size_sqr(TxSize size) {
  const uint32_t width = width_log2_of(size), height = height_log2_of(size);
  return (width < height ? width : height) - 2;
}
constexpr uint32_t tx_size_sqr_up(TxSize size) {
  const uint32_t width = width_log2_of(size), height = height_log2_of(size);
  return (width > height ? width : height) - 2;
}

// Max_Tx_Size_Rect
constexpr TxSize max_tx_size(uint8_t block_size) {
  const uint32_t width = block_width_log2[block_size], height = block_height_log2[block_size];
  return find_tx_size(width > 6 ? 6 : width, height > 6 ? 6 : height);
}
inline constexpr std::array<uint8_t, block_size_count> max_tx_depth = {
    0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 4, 4, 4, 2, 2, 3, 3, 4, 4};

// Split_Tx_Size: splits squares into four, others across their longer side.
constexpr TxSize split_tx_size(TxSize size) {
  const uint32_t width = width_log2_of(size), height = height_log2_of(size);
  if (width == height)
    return find_tx_size(width == 2 ? 2 : width - 1, height == 2 ? 2 : height - 1);
  return width > height ? find_tx_size(width - 1, height) : find_tx_size(width, height - 1);
}

// get_tx_size() for chroma of blocks that are not lossless (those use TX_4X4).
constexpr TxSize chroma_tx_size(uint8_t block_size) {
  const auto side = [](uint32_t log2) { return log2 <= 3 ? 2u : log2 - 1 > 5 ? 5u : log2 - 1; };
  return find_tx_size(side(block_width_log2[block_size]), side(block_height_log2[block_size]));
}

// get_tx_set(): TX_SET_DCTONLY, TX_SET_INTRA_1 and 2, TX_SET_INTER_1 to 3.
constexpr uint32_t tx_set_of(TxSize size, bool is_inter, bool reduced_tx_set) {
  const uint32_t up = tx_size_sqr_up(size), down = tx_size_sqr(size);
  if (up > 3) return 0;
  if (is_inter) return reduced_tx_set || up == 3 ? 3 : down == 2 ? 2 : 1;
  if (up == 3) return 0;
  return reduced_tx_set || down == 2 ? 2 : 1;
}

// Tx_Type_In_Set_Intra and Tx_Type_In_Set_Inter, as a bit for each type.
inline constexpr std::array<uint16_t, 3> intra_set_types = {0x0001, 0x0e0f, 0x020f};
inline constexpr std::array<uint16_t, 4> inter_set_types = {0x0001, 0xffff, 0x0fff, 0x0201};

// Tx_Type_Intra_Inv_Set1, 2 and Tx_Type_Inter_Inv_Set1 to 3: types by symbol.
inline constexpr std::array<uint8_t, 7> intra_types_1 = {9, 0, 10, 11, 3, 1, 2};
inline constexpr std::array<uint8_t, 5> intra_types_2 = {9, 0, 3, 1, 2};
inline constexpr std::array<uint8_t, 16> inter_types_1 = {9, 10, 11, 12, 13, 14, 15, 0,
                                                          1, 2,  4,  5,  3,  6,  7,  8};
inline constexpr std::array<uint8_t, 12> inter_types_2 = {9, 10, 11, 0, 1, 2, 4, 5, 3, 6, 7, 8};
inline constexpr std::array<uint8_t, 2> inter_types_3 = {9, 0};

// Mode_To_Txfm for chroma's intra modes up to UV_CFL_PRED.
inline constexpr std::array<uint8_t, 14> mode_tx_type = {0, 1, 2, 0, 3, 1, 2, 2, 1, 3, 1, 2, 3, 0};

}  // namespace daedalus::av1
