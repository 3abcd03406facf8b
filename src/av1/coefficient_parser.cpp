// SPDX-License-Identifier: MIT
#include "av1/coefficient_parser.h"

#include <algorithm>

#include "av1/quantizer_tables.h"
#include "av1/transform_tables.h"

namespace daedalus::av1 {

namespace {

constexpr uint32_t base_levels = 2;  // NUM_BASE_LEVELS
constexpr uint32_t base_range = 12;  // COEFF_BASE_RANGE
constexpr uint32_t range_step = 3;   // BR_CDF_SIZE - 1

// Logarithms of the size of a transform block's coded part.
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

// golomb_length_bit and golomb_data_bit. 0 if the length is invalid.
uint32_t read_golomb(SymbolDecoder& decoder) {
  uint32_t length = 1;
  while (!decoder.bit())
    if (++length > 32) return 0;
  uint32_t x = 1;
  for (uint32_t i = 1; i < length; ++i) x = x << 1 | decoder.bit();
  return x;
}

uint32_t read_eob(SymbolDecoder& decoder, CoefficientCdfs& cdfs, const CodedBlock& block) {
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

// coeff_br, up to four times.
[[gnu::always_inline]] inline uint32_t read_range(SymbolDecoder& decoder, Cdf<4>& cdf) {
  uint32_t level = base_levels + 1;
  for (uint32_t i = 0; i < base_range / range_step; ++i) {
    const uint32_t more = decoder.symbol(cdf);
    level += more;
    if (more < range_step) break;
  }
  return level;
}

// Sums over neighbours: bits 0 to 5 add levels, the bits above add min(level, 3). Three levels of
// up to 15 do not carry. Five carry only if each is at least 4; then the context is clipped anyway.
template <TxClass tx_class>
[[gnu::always_inline]] inline uint32_t sum_near(const uint8_t* at) {
  constexpr uint32_t third = tx_class == TxClass::two_dimensional ? level_stride + 1
                             : tx_class == TxClass::horizontal    ? 2
                                                                  : 2 * level_stride;
  return uint32_t{at[1]} + at[level_stride] + at[third];
}
template <TxClass tx_class>
[[gnu::always_inline]] inline uint32_t sum_far(const uint8_t* at) {
  if constexpr (tx_class == TxClass::two_dimensional)
    return uint32_t{at[2]} + at[2 * level_stride];
  else if constexpr (tx_class == TxClass::horizontal)
    return uint32_t{at[3]} + at[4];
  else
    return uint32_t{at[3 * level_stride]} + at[4 * level_stride];
}

}  // namespace

Coefficients CoefficientParser::parse(SymbolDecoder& decoder, CoefficientCdfs& cdfs,
                                      const CodedBlock& block, const Dequantizer& dequantizer,
                                      uint32_t* words) {
  const uint32_t eob = read_eob(decoder, cdfs, block);
  switch (tx_class_of(block.type)) {
    case TxClass::two_dimensional:
      return parse_class<TxClass::two_dimensional>(decoder, cdfs, block, dequantizer, eob, words);
    case TxClass::horizontal:
      return parse_class<TxClass::horizontal>(decoder, cdfs, block, dequantizer, eob, words);
    default:
      return parse_class<TxClass::vertical>(decoder, cdfs, block, dequantizer, eob, words);
  }
}

// Works on a copy of the decoder, which the compiler keeps in registers.
template <TxClass tx_class>
[[gnu::noinline]] Coefficients CoefficientParser::parse_class(SymbolDecoder& decoder,
                                                              CoefficientCdfs& cdfs,
                                                              const CodedBlock& block,
                                                              const Dequantizer& dequantizer,
                                                              uint32_t eob, uint32_t* words) {
  SymbolDecoder local = decoder;
  const uint32_t count = read_levels<tx_class>(local, cdfs, block, eob);
  const Coefficients result = write(local, cdfs, block, dequantizer, count, words);
  decoder = local;
  return result;
}

// Returns the number of non-zero levels.
template <TxClass tx_class>
[[gnu::always_inline]] inline uint32_t CoefficientParser::read_levels(SymbolDecoder& decoder,
                                                                      CoefficientCdfs& cdfs,
                                                                      const CodedBlock& block,
                                                                      uint32_t eob) {
  const uint32_t size = size_context(block.size), plane = block.of_chroma;
  const uint32_t* const scan = scan_of(block.size, tx_class);
  auto& base_cdfs = cdfs.coeff_base[size][plane];
  auto& range_cdfs = cdfs.coeff_br[std::min(size, 3u)][plane];
  uint8_t* const levels = levels_.data();
  uint32_t* next = steps_.data();
  const auto keep = [&](uint32_t step, uint8_t* at, uint32_t level) {
    *at = static_cast<uint8_t>(level | std::min(level, 3u) << 6);
    *next = step;
    next += level != 0;
  };
  uint32_t c = eob - 1;
  {
    // The last coefficient has no neighbours yet.
    const uint32_t area_log2 = coded_width_log2(block.size) + coded_height_log2(block.size);
    const uint32_t context = c == 0                       ? 0
                             : c <= 1u << (area_log2 - 3) ? 1
                             : c <= 1u << (area_log2 - 2) ? 2
                                                          : 3;
    const uint32_t step = scan[c];
    uint32_t level = 1 + decoder.symbol(cdfs.coeff_base_eob[size][plane][context]);
    if (level > base_levels)
      level = read_range(decoder, range_cdfs[c == 0 ? 0 : scan_step::range_context(step)]);
    keep(step, levels + scan_step::level(step), level);
  }
  if (c == 0) return 1;
  while (--c > 0) {
    const uint32_t step = scan[c];
    uint8_t* const at = levels + scan_step::level(step);
    const uint32_t near = sum_near<tx_class>(at);
    const uint32_t all = near + sum_far<tx_class>(at);
    const uint32_t context = std::min((all + 64) >> 7, 4u) + scan_step::base_context(step);
    uint32_t level = decoder.symbol(base_cdfs[context]);
    if (level > base_levels) {
      const uint32_t magnitude = std::min(((near & 63) + 1) >> 1, 6u);
      level = read_range(decoder, range_cdfs[magnitude + scan_step::range_context(step)]);
    }
    keep(step, at, level);
  }
  // The first coefficient has contexts of its own.
  const uint32_t near = sum_near<tx_class>(levels);
  const uint32_t all = near + sum_far<tx_class>(levels);
  constexpr bool two_dimensional = tx_class == TxClass::two_dimensional;
  const uint32_t context =
      two_dimensional ? 0 : std::min((all + 64) >> 7, 4u) + scan_step::base_context(scan[0]);
  uint32_t level = decoder.symbol(base_cdfs[context]);
  if (level > base_levels)
    level = read_range(decoder, range_cdfs[std::min(((near & 63) + 1) >> 1, 6u)]);
  keep(scan[0], levels, level);
  return static_cast<uint32_t>(next - steps_.data());
}

// Signs and Golomb codes follow the levels, in scan order.
[[gnu::always_inline]] inline Coefficients CoefficientParser::write(
    SymbolDecoder& decoder, CoefficientCdfs& cdfs, const CodedBlock& block,
    const Dequantizer& dequantizer, uint32_t count, uint32_t* words) {
  const uint32_t up = tx_size_sqr_up(block.size), down = tx_size_sqr(block.size);
  // dqDenom: 4 for 64x64, 32x64 and 64x32; 2 for 32x32, 16x32, 32x16, 16x64 and 64x16.
  const uint32_t shift = up == 4 && down >= 3 ? 2 : up >= 3 && down >= 2 ? 1 : 0;
  const uint8_t* const matrix =
      dequantizer.matrix && block.type < TxType::idtx
          ? dequantizer.matrix + qm_offset[static_cast<uint32_t>(block.size)]
          : nullptr;
  const int32_t most = (1 << (7 + dequantizer.bit_depth)) - 1;
  Coefficients result;
  uint32_t cul_level = 0, dc_category = 0;
  uint32_t* next = words;
  for (uint32_t i = count; i-- > 0;) {
    const uint32_t position = scan_step::position(steps_[i]);
    uint8_t& stored = levels_[scan_step::level(steps_[i])];
    uint32_t level = stored & 63;
    stored = 0;
    uint32_t q = dequantizer.ac;
    uint32_t negative;
    if (position == 0) {
      negative = decoder.boolean(cdfs.dc_sign[block.of_chroma][block.dc_sign_context]);
      dc_category = negative != 0 ? 1 : 2;
      q = dequantizer.dc;
    } else {
      negative = decoder.bit();
    }
    const int32_t sign = -static_cast<int32_t>(negative);  // -1 or 0
    if (level <= base_levels + base_range && !matrix) [[likely]] {
      // Non-zero, and within the limits: quantisers are 4 to 1828 for 8 bits, up to 7312 for 10.
      cul_level += level;
      const auto magnitude = static_cast<int32_t>(level * q >> shift);
      *next++ = coefficient_word((magnitude ^ sign) - sign, position);
      continue;
    }
    if (level > base_levels + base_range) {
      SymbolDecoder copy = decoder;  // the original stays in registers
      const uint32_t golomb = read_golomb(copy);
      decoder = copy;
      result.broken |= golomb == 0;
      level = (golomb + base_range + base_levels) & 0xfffff;
    }
    cul_level += level;
    const uint64_t step = matrix ? (uint64_t{q} * matrix[position] + 16) >> 5 : q;
    const auto magnitude = static_cast<int32_t>((level * step & 0xffffff) >> shift);
    const int32_t value = (std::min(magnitude, most - sign) ^ sign) - sign;
    *next = coefficient_word(value, position);
    next += value != 0;
  }
  result.count = static_cast<uint32_t>(next - words);
  result.context = static_cast<uint8_t>(std::min(cul_level, 63u) | dc_category << 6);
  return result;
}

}  // namespace daedalus::av1
