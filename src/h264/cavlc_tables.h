// SPDX-License-Identifier: MIT
// The codes of CAVLC residual blocks (H.264 9.2) as lookup tables.
#pragma once

#include <array>
#include <cstdint>

#include "h264/bit_reader.h"

namespace daedalus::h264::cavlc {

// The column of Table 9-5 for a block's coeff_token. `sum` is nA + nB of 9.2.1, with
// unavailable_total_coeff for a missing block.
inline constexpr uint32_t unavailable_total_coeff = 0x40;
enum class TokenTable : uint8_t { nc_0_1 = 0, nc_2_3 = 1, nc_4_7 = 2, nc_8 = 3, chroma_dc = 4 };
extern const std::array<TokenTable, 2 * unavailable_total_coeff + 1> token_table_of_sum;

struct CoeffToken {
  uint8_t length;  // 0: no such code
  uint8_t total_coeff;
  uint8_t trailing_ones;
};

// The leading zeros and the three bits after the first one identify every code, except where
// nC >= 8.
extern const std::array<std::array<CoeffToken, 16 * 8>, 5> coeff_tokens;

// Looks a coeff_token up at the top of the window.
inline CoeffToken look_up_coeff_token(TokenTable table, uint64_t window) {
  const auto& tokens = coeff_tokens[static_cast<uint32_t>(table)];
  if (table == TokenTable::nc_8) return tokens[window >> 58];
  const auto zeros = static_cast<uint32_t>(std::countl_zero(window | uint64_t{1} << 48));
  return tokens[zeros << 3 | (window << zeros >> 60 & 7)];
}

struct ShortCode {
  uint8_t length;  // 0: no such code
  uint8_t value;
};

// total_zeros (Tables 9-7, 9-8) by tzVlcIndex. The leading zeros (at most 9 of them count) and the
// two bits after the first one identify a code.
extern const std::array<std::array<ShortCode, 10 * 4>, 16> total_zeros;

inline ShortCode look_up_total_zeros(uint32_t tz_vlc_index, uint64_t window) {
  const auto zeros = static_cast<uint32_t>(std::countl_zero(window | uint64_t{1} << 54));
  return total_zeros[tz_vlc_index][zeros << 2 | (window << zeros >> 61 & 3)];
}

// Chroma DC (Table 9-9 a) by tzVlcIndex and the next three bits.
extern const std::array<std::array<ShortCode, 8>, 4> chroma_dc_total_zeros;

// run_before (Table 9-10) for zerosLeft up to 6 by the next 3 bits.
extern const std::array<std::array<ShortCode, 8>, 7> run_before;

// run_before for zerosLeft above 6, at the top of the window: 111 to 001, then one zero more for
// each run from 7 on.
inline ShortCode look_up_long_run_before(uint64_t window) {
  const auto first = static_cast<uint8_t>(window >> 61);
  if (first != 0) return {3, static_cast<uint8_t>(7 - first)};
  const auto zeros = static_cast<uint8_t>(std::countl_zero(window | 1));
  return {static_cast<uint8_t>(zeros + 1), static_cast<uint8_t>(zeros + 4)};
}

// me(v) for 4:2:0 (Table 9-4): coded_block_pattern of Intra_4x4 and Intra_8x8, and of Inter
// macroblocks.
extern const std::array<uint8_t, 48> intra_coded_block_pattern;
extern const std::array<uint8_t, 48> inter_coded_block_pattern;
// The same without chroma.
extern const std::array<uint8_t, 16> intra_coded_block_pattern_luma;
extern const std::array<uint8_t, 16> inter_coded_block_pattern_luma;

}  // namespace daedalus::h264::cavlc
