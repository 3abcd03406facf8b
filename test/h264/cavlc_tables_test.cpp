// SPDX-License-Identifier: MIT
#include "h264/cavlc_tables.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>

namespace daedalus::h264::cavlc {
namespace {

struct Decoded {
  uint32_t length, value;
};

// Looks up every 16-bit window. A value must always have the same length and the same first bits,
// and as many windows as a code of that length leaves room for: then it has one code, which is no
// prefix of another. Returns the sum of 2^-length over all values, times 2^16.
uint32_t check_code(const std::function<Decoded(uint64_t window)>& look_up, std::size_t values) {
  struct Code {
    uint32_t length, bits, windows;
  };
  std::map<uint32_t, Code> codes;
  for (uint32_t window = 0; window < 1 << 16; ++window) {
    const auto [length, value] = look_up(uint64_t{window} << 48);
    if (length == 0) continue;
    EXPECT_LE(length, 16u);
    const uint32_t bits = window >> (16 - length);
    const auto [code, is_new] = codes.try_emplace(value, Code{length, bits, 0});
    EXPECT_EQ(code->second.length, length);
    EXPECT_EQ(code->second.bits, bits);
    ++code->second.windows;
  }
  EXPECT_EQ(codes.size(), values);
  uint32_t sum = 0;
  for (const auto& [value, code] : codes) {
    EXPECT_EQ(code.windows, 1u << (16 - code.length)) << value;
    sum += code.windows;
  }
  return sum;
}

uint32_t check_tokens(TokenTable table, std::size_t values) {
  return check_code(
      [table](uint64_t window) {
        const auto token = look_up_coeff_token(table, window);
        return Decoded{token.length, token.total_coeff * 4u + token.trailing_ones};
      },
      values);
}

constexpr uint32_t everything = 1 << 16;

TEST(CavlcTables, CoeffTokens) {
  // All combinations of 0 to 16 levels with up to 3 trailing ones: 1 + 2 + 3 + 14 * 4.
  EXPECT_EQ(check_tokens(TokenTable::nc_0_1, 62), everything - 2);
  EXPECT_EQ(check_tokens(TokenTable::nc_2_3, 62), everything - 8);
  EXPECT_EQ(check_tokens(TokenTable::nc_4_7, 62), everything - 64);
  EXPECT_EQ(check_tokens(TokenTable::nc_8, 62), everything - 2 * 1024);
  EXPECT_EQ(check_tokens(TokenTable::chroma_dc, 14), everything);
}

TEST(CavlcTables, SomeCoeffTokens) {
  const auto expect = [](TokenTable table, uint32_t bits, uint32_t length, int total, int ones) {
    const auto token = look_up_coeff_token(table, uint64_t{bits} << (64 - length));
    EXPECT_EQ(token.length, length);
    EXPECT_EQ(token.total_coeff, total);
    EXPECT_EQ(token.trailing_ones, ones);
  };
  expect(TokenTable::nc_0_1, 0b1, 1, 0, 0);
  expect(TokenTable::nc_0_1, 0b000'0100, 7, 5, 3);
  expect(TokenTable::nc_0_1, 0b000'0000'0000'0001, 15, 13, 1);
  expect(TokenTable::nc_2_3, 0b10, 2, 1, 1);
  expect(TokenTable::nc_4_7, 0b1111, 4, 0, 0);
  expect(TokenTable::nc_8, 0b000011, 6, 0, 0);
  expect(TokenTable::nc_8, 0b111111, 6, 16, 3);
  expect(TokenTable::chroma_dc, 0b01, 2, 0, 0);
}

TEST(CavlcTables, TotalZeros) {
  for (uint32_t tz_vlc_index = 1; tz_vlc_index < 16; ++tz_vlc_index) {
    const uint32_t sum = check_code(
        [=](uint64_t window) {
          const auto code = look_up_total_zeros(tz_vlc_index, window);
          return Decoded{code.length, code.value};
        },
        17 - tz_vlc_index);
    EXPECT_EQ(sum, tz_vlc_index == 1 ? everything - 128 : everything) << tz_vlc_index;
  }
}

TEST(CavlcTables, ChromaDcTotalZeros) {
  for (uint32_t tz_vlc_index = 1; tz_vlc_index < 4; ++tz_vlc_index)
    EXPECT_EQ(check_code(
                  [=](uint64_t window) {
                    const auto code = chroma_dc_total_zeros[tz_vlc_index][window >> 61];
                    return Decoded{code.length, code.value};
                  },
                  5 - tz_vlc_index),
              everything);
}

TEST(CavlcTables, RunBefore) {
  for (uint32_t zeros_left = 1; zeros_left < 7; ++zeros_left)
    EXPECT_EQ(check_code(
                  [=](uint64_t window) {
                    const auto code = run_before[zeros_left][window >> 61];
                    return Decoded{code.length, code.value};
                  },
                  zeros_left + 1),
              everything);
  EXPECT_EQ(check_code(
                [](uint64_t window) {
                  const auto code = look_up_long_run_before(window);
                  return code.value <= 14 ? Decoded{code.length, code.value} : Decoded{0, 0};
                },
                15),
            everything - 32);
}

TEST(CavlcTables, TokenTableOfNeighbours) {
  EXPECT_EQ(token_table_of_sum[0], TokenTable::nc_0_1);
  EXPECT_EQ(token_table_of_sum[2 + 1], TokenTable::nc_2_3);  // (2 + 1 + 1) >> 1
  EXPECT_EQ(token_table_of_sum[16 + 16], TokenTable::nc_8);
  EXPECT_EQ(token_table_of_sum[unavailable_total_coeff + 3], TokenTable::nc_2_3);
  EXPECT_EQ(token_table_of_sum[unavailable_total_coeff + 16], TokenTable::nc_8);
  EXPECT_EQ(token_table_of_sum[2 * unavailable_total_coeff], TokenTable::nc_0_1);
}

TEST(CavlcTables, CodedBlockPatterns) {
  for (const auto& table : {intra_coded_block_pattern, inter_coded_block_pattern}) {
    uint64_t seen = 0;
    for (uint8_t pattern : table) seen |= uint64_t{1} << pattern;
    EXPECT_EQ(seen, (uint64_t{1} << 48) - 1);
  }
  EXPECT_EQ(intra_coded_block_pattern[3], 0);
  EXPECT_EQ(inter_coded_block_pattern[0], 0);
}

}  // namespace
}  // namespace daedalus::h264::cavlc
