// SPDX-License-Identifier: MIT
// The codes of Tables 9-4, 9-5, 9-7 to 9-10 (H.264), and lookup tables built from them.
#include "h264/cavlc_tables.h"

#include <string_view>

namespace daedalus::h264::cavlc {

namespace {

using Code = std::string_view;  // its bits as 0 and 1; empty: none

// Table 9-5 by TotalCoeff and TrailingOnes. The column of nC >= 8 is a plain number, see below.
// clang-format off
constexpr Code coeff_token_codes[3][17][4] = {
    {  // 0 <= nC < 2
        {"1", "", "", ""},
        {"000101", "01", "", ""},
        {"00000111", "000100", "001", ""},
        {"000000111", "00000110", "0000101", "00011"},
        {"0000000111", "000000110", "00000101", "000011"},
        {"00000000111", "0000000110", "000000101", "0000100"},
        {"0000000001111", "00000000110", "0000000101", "00000100"},
        {"0000000001011", "0000000001110", "00000000101", "000000100"},
        {"0000000001000", "0000000001010", "0000000001101", "0000000100"},
        {"00000000001111", "00000000001110", "0000000001001", "00000000100"},
        {"00000000001011", "00000000001010", "00000000001101", "0000000001100"},
        {"000000000001111", "000000000001110", "00000000001001", "00000000001100"},
        {"000000000001011", "000000000001010", "000000000001101", "00000000001000"},
        {"0000000000001111", "000000000000001", "000000000001001", "000000000001100"},
        {"0000000000001011", "0000000000001110", "0000000000001101", "000000000001000"},
        {"0000000000000111", "0000000000001010", "0000000000001001", "0000000000001100"},
        {"0000000000000100", "0000000000000110", "0000000000000101", "0000000000001000"},
    },
    {  // 2 <= nC < 4
        {"11", "", "", ""},
        {"001011", "10", "", ""},
        {"000111", "00111", "011", ""},
        {"0000111", "001010", "001001", "0101"},
        {"00000111", "000110", "000101", "0100"},
        {"00000100", "0000110", "0000101", "00110"},
        {"000000111", "00000110", "00000101", "001000"},
        {"00000001111", "000000110", "000000101", "000100"},
        {"00000001011", "00000001110", "00000001101", "0000100"},
        {"000000001111", "00000001010", "00000001001", "000000100"},
        {"000000001011", "000000001110", "000000001101", "00000001100"},
        {"000000001000", "000000001010", "000000001001", "00000001000"},
        {"0000000001111", "0000000001110", "0000000001101", "000000001100"},
        {"0000000001011", "0000000001010", "0000000001001", "0000000001100"},
        {"0000000000111", "00000000001011", "0000000000110", "0000000001000"},
        {"00000000001001", "00000000001000", "00000000001010", "0000000000001"},
        {"00000000000111", "00000000000110", "00000000000101", "00000000000100"},
    },
    {  // 4 <= nC < 8
        {"1111", "", "", ""},
        {"001111", "1110", "", ""},
        {"001011", "01111", "1101", ""},
        {"001000", "01100", "01110", "1100"},
        {"0001111", "01010", "01011", "1011"},
        {"0001011", "01000", "01001", "1010"},
        {"0001001", "001110", "001101", "1001"},
        {"0001000", "001010", "001001", "1000"},
        {"00001111", "0001110", "0001101", "01101"},
        {"00001011", "00001110", "0001010", "001100"},
        {"000001111", "00001010", "00001101", "0001100"},
        {"000001011", "000001110", "00001001", "00001100"},
        {"000001000", "000001010", "000001101", "00001000"},
        {"0000001101", "000000111", "000001001", "000001100"},
        {"0000001001", "0000001100", "0000001011", "0000001010"},
        {"0000000101", "0000001000", "0000000111", "0000000110"},
        {"0000000001", "0000000100", "0000000011", "0000000010"},
    },
};
constexpr Code chroma_dc_coeff_token_codes[5][4] = {
    {"01", "", "", ""},
    {"000111", "1", "", ""},
    {"000100", "000110", "001", ""},
    {"000011", "0000011", "0000010", "000101"},
    {"000010", "00000011", "00000010", "0000000"},
};

// Tables 9-7 and 9-8 by tzVlcIndex - 1 and total_zeros.
constexpr Code total_zeros_codes[15][16] = {
    {"1", "011", "010", "0011", "0010", "00011", "00010", "000011",
     "000010", "0000011", "0000010", "00000011", "00000010", "000000011", "000000010", "000000001"},
    {"111", "110", "101", "100", "011", "0101", "0100", "0011",
     "0010", "00011", "00010", "000011", "000010", "000001", "000000"},
    {"0101", "111", "110", "101", "0100", "0011", "100",
     "011", "0010", "00011", "00010", "000001", "00001", "000000"},
    {"00011", "111", "0101", "0100", "110", "101", "100",
     "0011", "011", "0010", "00010", "00001", "00000"},
    {"0101", "0100", "0011", "111", "110", "101",
     "100", "011", "0010", "00001", "0001", "00000"},
    {"000001", "00001", "111", "110", "101", "100",
     "011", "010", "0001", "001", "000000"},
    {"000001", "00001", "101", "100", "011",
     "11", "010", "0001", "001", "000000"},
    {"000001", "0001", "00001", "011", "11", "10", "010", "001", "000000"},
    {"000001", "000000", "0001", "11", "10", "001", "01", "00001"},
    {"00001", "00000", "001", "11", "10", "01", "0001"},
    {"0000", "0001", "001", "010", "1", "011"},
    {"0000", "0001", "01", "1", "001"},
    {"000", "001", "1", "01"},
    {"00", "01", "1"},
    {"0", "1"},
};
// Table 9-9 (a).
constexpr Code chroma_dc_total_zeros_codes[3][4] = {
    {"1", "01", "001", "000"},
    {"1", "01", "00"},
    {"1", "0"},
};

// Table 9-10 by zerosLeft - 1 and run_before.
constexpr Code run_before_codes[6][7] = {
    {"1", "0"},
    {"1", "01", "00"},
    {"11", "10", "01", "00"},
    {"11", "10", "01", "001", "000"},
    {"11", "10", "011", "010", "001", "000"},
    {"11", "000", "001", "011", "010", "101", "100"},
};
// clang-format on

// Whether the code is a prefix of `pattern`, whose first bit is bit 31.
constexpr bool begins(Code code, uint32_t pattern) {
  for (std::size_t i = 0; i < code.size(); ++i)
    if ((pattern >> (31 - i) & 1) != static_cast<uint32_t>(code[i] - '0')) return false;
  return !code.empty();
}

template <std::size_t count>
constexpr ShortCode find(const Code (&codes)[count], uint32_t pattern) {
  for (std::size_t value = 0; value < count; ++value)
    if (begins(codes[value], pattern))
      return {static_cast<uint8_t>(codes[value].size()), static_cast<uint8_t>(value)};
  return {};
}

template <std::size_t rows>
constexpr CoeffToken find(const Code (&codes)[rows][4], uint32_t pattern) {
  for (std::size_t total_coeff = 0; total_coeff < rows; ++total_coeff) {
    const auto [length, trailing_ones] = find(codes[total_coeff], pattern);
    if (length > 0) return {length, static_cast<uint8_t>(total_coeff), trailing_ones};
  }
  return {};
}

// The bits that an index encodes: it consists of the number of leading zeros, and the `count` bits
// after the first one.
constexpr uint32_t pattern_of(uint32_t index, uint32_t count) {
  const uint32_t zeros = index >> count;
  const uint32_t rest = index & ((1u << count) - 1);
  return (1u << count | rest) << (31 - count - zeros);
}

// nC >= 8: TotalCoeff - 1 in four bits, TrailingOnes in two; 000011 for none.
constexpr CoeffToken long_coeff_token(uint32_t bits) {
  if (bits == 3) return {6, 0, 0};
  const auto total_coeff = static_cast<uint8_t>((bits >> 2) + 1);
  const auto trailing_ones = static_cast<uint8_t>(bits & 3);
  return {static_cast<uint8_t>(trailing_ones <= total_coeff ? 6 : 0), total_coeff, trailing_ones};
}

constexpr auto make_coeff_tokens() {
  std::array<std::array<CoeffToken, 16 * 8>, 5> tables{};
  for (uint32_t index = 0; index < 16 * 8; ++index) {
    const uint32_t pattern = pattern_of(index, 3);
    for (std::size_t column = 0; column < 3; ++column)
      tables[column][index] = find(coeff_token_codes[column], pattern);
    if (index < 64) tables[3][index] = long_coeff_token(index);
    tables[4][index] = find(chroma_dc_coeff_token_codes, pattern);
  }
  return tables;
}

constexpr auto make_total_zeros() {
  std::array<std::array<ShortCode, 10 * 4>, 16> tables{};
  for (std::size_t tz_vlc_index = 1; tz_vlc_index < 16; ++tz_vlc_index)
    for (uint32_t index = 0; index < 10 * 4; ++index)
      tables[tz_vlc_index][index] = find(total_zeros_codes[tz_vlc_index - 1], pattern_of(index, 2));
  return tables;
}

// Tables by the next three bits; the first row is not used.
template <std::size_t rows, std::size_t count>
constexpr auto make_three_bit_tables(const Code (&codes)[rows][count]) {
  std::array<std::array<ShortCode, 8>, rows + 1> tables{};
  for (std::size_t row = 0; row < rows; ++row)
    for (uint32_t bits = 0; bits < 8; ++bits) tables[row + 1][bits] = find(codes[row], bits << 29);
  return tables;
}

constexpr TokenTable token_table_of(uint32_t nc) {
  if (nc < 2) return TokenTable::nc_0_1;
  if (nc < 4) return TokenTable::nc_2_3;
  return nc < 8 ? TokenTable::nc_4_7 : TokenTable::nc_8;
}

constexpr auto make_token_table_of_sum() {
  std::array<TokenTable, 2 * unavailable_total_coeff + 1> tables{};
  for (uint32_t sum = 0; sum < tables.size(); ++sum) {
    const bool both = sum < unavailable_total_coeff;
    tables[sum] = token_table_of(both ? (sum + 1) / 2 : sum % unavailable_total_coeff);
  }
  return tables;
}

}  // namespace

constexpr std::array<TokenTable, 2 * unavailable_total_coeff + 1> token_table_of_sum =
    make_token_table_of_sum();
constexpr std::array<std::array<CoeffToken, 16 * 8>, 5> coeff_tokens = make_coeff_tokens();
constexpr std::array<std::array<ShortCode, 10 * 4>, 16> total_zeros = make_total_zeros();
constexpr std::array<std::array<ShortCode, 8>, 4> chroma_dc_total_zeros =
    make_three_bit_tables(chroma_dc_total_zeros_codes);
constexpr std::array<std::array<ShortCode, 8>, 7> run_before =
    make_three_bit_tables(run_before_codes);

// clang-format off
constexpr std::array<uint8_t, 48> intra_coded_block_pattern = {
    47, 31, 15,  0, 23, 27, 29, 30,  7, 11, 13, 14, 39, 43, 45, 46,
    16,  3,  5, 10, 12, 19, 21, 26, 28, 35, 37, 42, 44,  1,  2,  4,
     8, 17, 18, 20, 24,  6,  9, 22, 25, 32, 33, 34, 36, 40, 38, 41,
};
constexpr std::array<uint8_t, 48> inter_coded_block_pattern = {
     0, 16,  1,  2,  4,  8, 32,  3,  5, 10, 12, 15, 47,  7, 11, 13,
    14,  6,  9, 31, 35, 37, 42, 44, 33, 34, 36, 40, 39, 43, 45, 46,
    17, 18, 20, 24, 19, 21, 26, 28, 23, 27, 29, 30, 22, 25, 38, 41,
};
constexpr std::array<uint8_t, 16> intra_coded_block_pattern_luma = {
    15,  0,  7, 11, 13, 14,  3,  5, 10, 12,  1,  2,  4,  8,  6,  9,
};
constexpr std::array<uint8_t, 16> inter_coded_block_pattern_luma = {
     0,  1,  2,  4,  8,  3,  5, 10, 12, 15,  7, 11, 13, 14,  6,  9,
};
// clang-format on

}  // namespace daedalus::h264::cavlc
