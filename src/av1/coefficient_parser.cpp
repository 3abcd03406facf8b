// SPDX-License-Identifier: MIT
#include "av1/coefficient_parser.h"

#include <algorithm>

#include "av1/quantizer_tables.h"
#include "av1/transform_tables.h"

namespace daedalus::av1 {

namespace {

constexpr uint32_t base_levels = 2;        // NUM_BASE_LEVELS
constexpr uint32_t base_range = 12;        // COEFF_BASE_RANGE
constexpr uint32_t range_step = 3;         // BR_CDF_SIZE - 1
constexpr uint32_t first_1d_context = 26;  // SIG_COEF_CONTEXTS_2D

// Logarithms of what is coded of a size.
constexpr uint32_t coded_width_log2(TxSize size) {
  return std::min(width_log2_of(size), 5u);
}
constexpr uint32_t coded_height_log2(TxSize size) {
  return std::min(height_log2_of(size), 5u);
}

// txSzCtx
constexpr uint32_t size_context(TxSize size) {
  return (tx_size_sqr(size) + tx_size_sqr_up(size) + 1) >> 1;
}

// Coeff_Base_Ctx_Offset of squares, of higher and of wider blocks; row and column up to 4 each.
constexpr std::array<std::array<std::array<uint8_t, 5>, 5>, 3> base_offsets = {{
    {{{0, 1, 6, 6, 21},
      {1, 6, 6, 21, 21},
      {6, 6, 21, 21, 21},
      {6, 21, 21, 21, 21},
      {21, 21, 21, 21, 21}}},
    {{{0, 11, 11, 11, 11},
      {11, 11, 11, 11, 11},
      {6, 6, 21, 21, 21},
      {6, 21, 21, 21, 21},
      {21, 21, 21, 21, 21}}},
    {{{0, 16, 6, 6, 21},
      {16, 16, 6, 21, 21},
      {16, 16, 21, 21, 21},
      {16, 16, 21, 21, 21},
      {16, 16, 21, 21, 21}}},
}};

const std::array<std::array<uint8_t, 5>, 5>& base_offsets_of(TxSize size) {
  const uint32_t width = width_log2_of(size), height = height_log2_of(size);
  return base_offsets[width == height ? 0 : width < height ? 1 : 2];
}

// golomb_length_bit and golomb_data_bit; 0 where it is longer than any.
uint32_t read_golomb(SymbolDecoder& decoder) {
  uint32_t length = 1;
  while (!decoder.bit())
    if (++length > 32) return 0;
  uint32_t x = 1;
  for (uint32_t i = 1; i < length; ++i) x = x << 1 | decoder.bit();
  return x;
}

}  // namespace

Coefficients CoefficientParser::parse(SymbolDecoder& decoder, CoefficientCdfs& cdfs,
                                      const CodedBlock& block, const Dequantizer& dequantizer,
                                      uint32_t* words) {
  const TxClass tx_class = tx_class_of(block.type);
  const uint16_t* const scan = scan_of(block.size, tx_class);
  const uint32_t eob = read_eob(decoder, cdfs, block);
  position_count_ = 0;
  switch (tx_class) {
    case TxClass::two_dimensional:
      read_levels<TxClass::two_dimensional>(decoder, cdfs, block, scan, eob);
      break;
    case TxClass::horizontal:
      read_levels<TxClass::horizontal>(decoder, cdfs, block, scan, eob);
      break;
    case TxClass::vertical:
      read_levels<TxClass::vertical>(decoder, cdfs, block, scan, eob);
      break;
  }
  return write(decoder, cdfs, block, dequantizer, words);
}

uint32_t CoefficientParser::read_eob(SymbolDecoder& decoder, CoefficientCdfs& cdfs,
                                     const CodedBlock& block) {
  const uint32_t plane = block.of_chroma;
  const uint32_t context = tx_class_of(block.type) != TxClass::two_dimensional;
  uint32_t eob_pt = 1;
  switch (coded_width_log2(block.size) + coded_height_log2(block.size) - 4) {
    case 0:
      eob_pt += decoder.symbol(cdfs.eob_pt_16[plane][context]);
      break;
    case 1:
      eob_pt += decoder.symbol(cdfs.eob_pt_32[plane][context]);
      break;
    case 2:
      eob_pt += decoder.symbol(cdfs.eob_pt_64[plane][context]);
      break;
    case 3:
      eob_pt += decoder.symbol(cdfs.eob_pt_128[plane][context]);
      break;
    case 4:
      eob_pt += decoder.symbol(cdfs.eob_pt_256[plane][context]);
      break;
    case 5:
      eob_pt += decoder.symbol(cdfs.eob_pt_512[plane]);
      break;
    default:
      eob_pt += decoder.symbol(cdfs.eob_pt_1024[plane]);
      break;
  }
  if (eob_pt < 3) return eob_pt;
  const uint32_t bits = eob_pt - 2;
  uint32_t extra = decoder.boolean(cdfs.eob_extra[size_context(block.size)][plane][eob_pt - 3]);
  for (uint32_t i = 1; i < bits; ++i) extra = extra << 1 | decoder.bit();
  return (1u << bits) + 1 + extra;
}

template <TxClass tx_class>
void CoefficientParser::read_levels(SymbolDecoder& decoder, CoefficientCdfs& cdfs,
                                    const CodedBlock& block, const uint16_t* scan, uint32_t eob) {
  constexpr bool two_dimensional = tx_class == TxClass::two_dimensional;
  const uint32_t size = size_context(block.size), plane = block.of_chroma;
  const uint32_t width_log2 = coded_width_log2(block.size), column_mask = (1u << width_log2) - 1;
  auto& base_cdfs = cdfs.coeff_base[size][plane];
  auto& range_cdfs = cdfs.coeff_br[std::min(size, 3u)][plane];
  const auto& offsets = base_offsets_of(block.size);
  for (uint32_t c = eob; c-- > 0;) {
    const uint32_t position = scan[c];
    const uint32_t row = position >> width_log2, column = position & column_mask;
    uint8_t* const at = levels_.data() + row * stride + column;
    // Neighbours' sums: of levels in the low six bits, and of levels up to 3 above. Three of up to
    // 15 do not carry into those; where five do, all of them are 3 or more.
    uint32_t near = uint32_t{at[1]} + at[stride];
    uint32_t level;
    if constexpr (two_dimensional) {
      near += at[stride + 1];
    } else if constexpr (tx_class == TxClass::horizontal) {
      near += at[2];
    } else {
      near += at[2 * stride];
    }
    if (c == eob - 1) {
      const uint32_t area = 1u << (width_log2 + coded_height_log2(block.size));
      const uint32_t context = c == 0 ? 0 : c <= area / 8 ? 1 : c <= area / 4 ? 2 : 3;
      level = 1 + decoder.symbol(cdfs.coeff_base_eob[size][plane][context]);
    } else {
      uint32_t all = near;
      if constexpr (two_dimensional) {
        all += uint32_t{at[2]} + at[2 * stride];
      } else if constexpr (tx_class == TxClass::horizontal) {
        all += uint32_t{at[3]} + at[4];
      } else {
        all += uint32_t{at[3 * stride]} + at[4 * stride];
      }
      uint32_t context = std::min((all + 64) >> 7, 4u);
      if constexpr (two_dimensional) {
        context = position == 0 ? 0 : context + offsets[std::min(row, 4u)][std::min(column, 4u)];
      } else {
        const uint32_t along = tx_class == TxClass::vertical ? row : column;
        context += first_1d_context + 5 * std::min(along, 2u);
      }
      level = decoder.symbol(base_cdfs[context]);
    }
    if (level > base_levels) {
      const uint32_t magnitude = std::min(((near & 63) + 1) >> 1, 6u);
      const bool first = two_dimensional                   ? row < 2 && column < 2
                         : tx_class == TxClass::horizontal ? column == 0
                                                           : row == 0;
      auto& cdf = range_cdfs[position == 0 ? magnitude : magnitude + (first ? 7 : 14)];
      for (uint32_t i = 0; i < base_range / range_step; ++i) {
        const uint32_t more = decoder.symbol(cdf);
        level += more;
        if (more < range_step) break;
      }
    }
    if (level == 0) continue;
    *at = static_cast<uint8_t>(level | std::min(level, 3u) << 6);
    positions_[position_count_++] = static_cast<uint16_t>(position);
  }
}

// Signs and what is beyond the range follow in the order of the scan.
Coefficients CoefficientParser::write(SymbolDecoder& decoder, CoefficientCdfs& cdfs,
                                      const CodedBlock& block, const Dequantizer& dequantizer,
                                      uint32_t* words) {
  const uint32_t width_log2 = coded_width_log2(block.size), column_mask = (1u << width_log2) - 1;
  const uint32_t up = tx_size_sqr_up(block.size), down = tx_size_sqr(block.size);
  // dqDenom: 4 for 64x64, 32x64 and 64x32; 2 for 32x32, 16x32 and 16x64 either way.
  const uint32_t shift = up == 4 && down >= 3 ? 2 : up >= 3 && down >= 2 ? 1 : 0;
  const uint8_t* const matrix =
      dequantizer.matrix && block.type < TxType::idtx
          ? dequantizer.matrix + qm_offset[static_cast<uint32_t>(block.size)]
          : nullptr;
  const int32_t most = (1 << (7 + dequantizer.bit_depth)) - 1;
  Coefficients result;
  uint32_t cul_level = 0, dc_category = 0;
  uint32_t* next = words;
  for (uint32_t i = position_count_; i-- > 0;) {
    const uint32_t position = positions_[i];
    const uint32_t row = position >> width_log2, column = position & column_mask;
    uint8_t& stored = levels_[row * stride + column];
    uint32_t level = stored & 63;
    stored = 0;
    const bool negative =
        position == 0 ? decoder.boolean(cdfs.dc_sign[block.of_chroma][block.dc_sign_context])
                      : decoder.bit() != 0;
    if (level > base_levels + base_range) {
      const uint32_t golomb = read_golomb(decoder);
      result.broken |= golomb == 0;
      level = (golomb + base_range + base_levels) & 0xfffff;
    }
    if (position == 0) dc_category = negative ? 1 : 2;
    cul_level += level;
    const uint32_t q = position == 0 ? dequantizer.dc : dequantizer.ac;
    const uint64_t step = matrix ? (uint64_t{q} * matrix[position] + 16) >> 5 : q;
    const auto magnitude = static_cast<int32_t>((level * step & 0xffffff) >> shift);
    const int32_t value = negative ? std::max(-magnitude, -most - 1) : std::min(magnitude, most);
    if (value == 0) continue;
    *next++ = coefficient_word(value, position);
  }
  result.count = static_cast<uint32_t>(next - words);
  result.context = static_cast<uint8_t>(std::min(cul_level, 63u) | dc_category << 6);
  return result;
}

}  // namespace daedalus::av1
