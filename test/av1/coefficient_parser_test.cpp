// SPDX-License-Identifier: MIT
// Compares the coefficient parser with a literal version of coeffs() (5.11.39), its contexts
// (8.3.2) and dequantisation (7.12.3): on random bits, and on random symbols encoded to bits.
#include "av1/coefficient_parser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "av1/quantizer_tables.h"
#include "av1/specified_decoder.h"
#include "av1/transform_tables.h"
#include "vp9/carried_bits.h"

namespace daedalus::av1 {
namespace {

struct Position {
  int row, column;
};

// `Symbols` has symbol() and bit(), like SpecifiedDecoder.
template <typename Symbols>
class SpecifiedParser {
 public:
  SpecifiedParser(Symbols& symbols, const CoefficientCdfs& defaults)
      : cdfs(defaults), symbols_(symbols) {}

  Coefficients parse(const CodedBlock& block, const Dequantizer& dequantizer, uint32_t* words);

  CoefficientCdfs cdfs;

 private:
  template <uint32_t N>
  uint32_t symbol(Cdf<N>& cdf) {
    std::vector<uint32_t> specified;
    for (uint32_t i = 0; i < N; ++i) specified.push_back(cdf.cumulative(i));
    specified.push_back(cdf.count());
    const uint32_t value = symbols_.symbol(specified);
    for (uint32_t i = 0; i + 1 < N; ++i) cdf.words[i] = static_cast<uint16_t>(32768 - specified[i]);
    cdf.count() = static_cast<uint16_t>(specified[N]);
    return value;
  }
  void begin(const CodedBlock& block);
  uint32_t eob_pt();
  uint32_t eob();
  int level_at(int row, int column, int most) const;
  uint32_t base_eob_context(uint32_t c) const;
  uint32_t base_context(uint32_t pos) const;
  uint32_t range_context(uint32_t pos) const;
  void read_level(uint32_t c, bool is_last);
  uint32_t golomb(bool& broken);
  int32_t dequantised(uint32_t pos, uint32_t level, bool negative, const Dequantizer& by) const;

  Symbols& symbols_;
  CodedBlock block_{};
  TxClass class_{};
  int width_log2_ = 0, width_ = 0, height_ = 0;  // size of the coded part
  uint32_t size_context_ = 0;
  std::vector<uint32_t> quant_;
};

template <typename Symbols>
void SpecifiedParser<Symbols>::begin(const CodedBlock& block) {
  block_ = block;
  class_ = tx_class_of(block.type);
  width_log2_ = static_cast<int>(std::min(width_log2_of(block.size), 5u));
  width_ = 1 << width_log2_;
  height_ = 1 << std::min(height_log2_of(block.size), 5u);
  size_context_ = (tx_size_sqr(block.size) + tx_size_sqr_up(block.size) + 1) >> 1;
  quant_.assign(1024, 0);
}

template <typename Symbols>
uint32_t SpecifiedParser<Symbols>::eob_pt() {
  const uint32_t context = class_ == TxClass::two_dimensional ? 0 : 1, plane = block_.of_chroma;
  switch (width_ * height_) {
    case 16:
      return symbol(cdfs.eob_pt_16[plane][context]) + 1;
    case 32:
      return symbol(cdfs.eob_pt_32[plane][context]) + 1;
    case 64:
      return symbol(cdfs.eob_pt_64[plane][context]) + 1;
    case 128:
      return symbol(cdfs.eob_pt_128[plane][context]) + 1;
    case 256:
      return symbol(cdfs.eob_pt_256[plane][context]) + 1;
    case 512:
      return symbol(cdfs.eob_pt_512[plane]) + 1;
    default:
      return symbol(cdfs.eob_pt_1024[plane]) + 1;
  }
}

template <typename Symbols>
uint32_t SpecifiedParser<Symbols>::eob() {
  const uint32_t pt = eob_pt();
  uint32_t eob = pt < 2 ? pt : (1u << (pt - 2)) + 1;
  if (pt < 3) return eob;
  if (symbol(cdfs.eob_extra[size_context_][block_.of_chroma][pt - 3])) eob += 1u << (pt - 3);
  for (uint32_t i = 1; i < pt - 2; ++i)
    if (symbols_.bit()) eob += 1u << (pt - 3 - i);
  return eob;
}

template <typename Symbols>
int SpecifiedParser<Symbols>::level_at(int row, int column, int most) const {
  if (row >= height_ || column >= width_) return 0;
  return std::min(static_cast<int>(quant_[static_cast<std::size_t>(row << width_log2_ | column)]),
                  most);
}

template <typename Symbols>
uint32_t SpecifiedParser<Symbols>::base_eob_context(uint32_t c) const {
  const auto area = static_cast<uint32_t>(width_ * height_);
  return c == 0 ? 0 : c <= area / 8 ? 1 : c <= area / 4 ? 2 : 3;
}

// get_coeff_base_ctx(). Computes Coeff_Base_Ctx_Offset by its rule instead of from the table.
template <typename Symbols>
uint32_t SpecifiedParser<Symbols>::base_context(uint32_t pos) const {
  constexpr Position near[3][5] = {{{0, 1}, {1, 0}, {1, 1}, {0, 2}, {2, 0}},
                                   {{0, 1}, {1, 0}, {0, 2}, {0, 3}, {0, 4}},
                                   {{1, 0}, {0, 1}, {2, 0}, {3, 0}, {4, 0}}};
  const int row = static_cast<int>(pos) >> width_log2_, column = static_cast<int>(pos) % width_;
  int magnitude = 0;
  for (const auto& offset : near[static_cast<uint32_t>(class_)])
    magnitude += level_at(row + offset.row, column + offset.column, 3);
  const auto context = static_cast<uint32_t>(std::min((magnitude + 1) >> 1, 4));
  if (class_ != TxClass::two_dimensional) {
    const int index = class_ == TxClass::vertical ? row : column;
    return context + 26 + 5 * static_cast<uint32_t>(std::min(index, 2));
  }
  if (pos == 0) return 0;
  const uint32_t width = width_log2_of(block_.size), height = height_log2_of(block_.size);
  if (width < height && row < 2) return context + 11;
  if (width > height && column < 2) return context + 16;
  return context + (row + column < 2 ? 1 : row + column < 4 ? 6 : 21);
}

template <typename Symbols>
uint32_t SpecifiedParser<Symbols>::range_context(uint32_t pos) const {
  constexpr Position near[3][3] = {
      {{0, 1}, {1, 0}, {1, 1}}, {{0, 1}, {1, 0}, {0, 2}}, {{0, 1}, {1, 0}, {2, 0}}};
  const int row = static_cast<int>(pos) >> width_log2_, column = static_cast<int>(pos) % width_;
  int magnitude = 0;
  for (const auto& offset : near[static_cast<uint32_t>(class_)])
    magnitude += level_at(row + offset.row, column + offset.column, 15);
  const auto context = static_cast<uint32_t>(std::min((magnitude + 1) >> 1, 6));
  if (pos == 0) return context;
  const bool is_near = class_ == TxClass::two_dimensional ? row < 2 && column < 2
                       : class_ == TxClass::horizontal    ? column == 0
                                                          : row == 0;
  return context + (is_near ? 7 : 14);
}

template <typename Symbols>
void SpecifiedParser<Symbols>::read_level(uint32_t c, bool is_last) {
  const uint32_t plane = block_.of_chroma;
  const uint32_t pos = scan_step::position(scan_of(block_.size, class_)[c]);
  uint32_t level = is_last
                       ? symbol(cdfs.coeff_base_eob[size_context_][plane][base_eob_context(c)]) + 1
                       : symbol(cdfs.coeff_base[size_context_][plane][base_context(pos)]);
  for (uint32_t i = 0; level > 2 && i < 4; ++i) {
    const uint32_t more =
        symbol(cdfs.coeff_br[std::min(size_context_, 3u)][plane][range_context(pos)]);
    level += more;
    if (more < 3) break;
  }
  quant_[pos] = level;
}

template <typename Symbols>
uint32_t SpecifiedParser<Symbols>::golomb(bool& broken) {
  uint32_t length = 0;
  do {
    if (++length > 32) {
      broken = true;
      return 0;
    }
  } while (!symbols_.bit());
  uint32_t x = 1;
  for (uint32_t i = 0; i + 1 < length; ++i) x = 2 * x + symbols_.bit();
  return x;
}

template <typename Symbols>
int32_t SpecifiedParser<Symbols>::dequantised(uint32_t pos, uint32_t level, bool negative,
                                              const Dequantizer& by) const {
  uint64_t q = pos == 0 ? by.dc : by.ac;
  if (by.matrix && block_.type < TxType::idtx)
    q = (q * by.matrix[qm_offset[static_cast<uint32_t>(block_.size)] + pos] + 16) >> 5;
  const uint32_t area = 1u << (width_log2_of(block_.size) + height_log2_of(block_.size));
  const uint32_t denominator = area > 1024 ? 4 : area > 256 ? 2 : 1;
  const auto value = static_cast<int64_t>((level * q & 0xffffff) / denominator);
  const int64_t limit = int64_t{1} << (7 + by.bit_depth);
  return static_cast<int32_t>(std::clamp(negative ? -value : value, -limit, limit - 1));
}

template <typename Symbols>
Coefficients SpecifiedParser<Symbols>::parse(const CodedBlock& block,
                                             const Dequantizer& dequantizer, uint32_t* words) {
  begin(block);
  const uint32_t end = eob();
  for (uint32_t c = end; c-- > 0;) read_level(c, c == end - 1);
  Coefficients result;
  uint64_t cul_level = 0;
  uint32_t dc_category = 0;
  for (uint32_t c = 0; c < end; ++c) {
    const uint32_t pos = scan_step::position(scan_of(block_.size, class_)[c]);
    uint32_t level = quant_[pos];
    if (level == 0) continue;
    const bool negative = (c == 0 ? symbol(cdfs.dc_sign[block.of_chroma][block.dc_sign_context])
                                  : symbols_.bit()) != 0;
    if (level > 14) level = (golomb(result.broken) + 14) & 0xfffff;
    if (pos == 0 && level > 0) dc_category = negative ? 1 : 2;
    cul_level += level;
    const int32_t value = dequantised(pos, level, negative, dequantizer);
    if (value != 0) words[result.count++] = coefficient_word(value, pos);
  }
  result.context = static_cast<uint8_t>(std::min<uint64_t>(cul_level, 63) | dc_category << 6);
  return result;
}

// Chooses random symbols and encodes them, the inverse of 8.2. Bits come in runs, so that Golomb
// codes of all lengths occur.
class SymbolWriter {
 public:
  SymbolWriter(uint32_t seed, bool update) : random_(seed), update_(update) {}

  uint32_t symbol(std::vector<uint32_t>& cdf) {
    const auto n = static_cast<uint32_t>(cdf.size() - 1);
    // The last symbol is as frequent as all others together.
    const auto choice = static_cast<uint32_t>(random_() % (2 * n));
    write(std::min(choice, n - 1), cdf);
    if (update_) test::adapt(cdf, std::min(choice, n - 1));
    return std::min(choice, n - 1);
  }
  uint32_t bit() {
    if (left_ == 0) {
      left_ = 1 + static_cast<uint32_t>(random_() % 3 == 0 ? random_() % 36 : random_() % 4);
      bit_ ^= 1;
    }
    --left_;
    write(bit_, {1 << 14, 1 << 15, 0});
    return bit_;
  }
  std::vector<uint8_t> finish() {
    for (int i = 0; i < 64; ++i) low_.shift();
    // Skips the first bit: it belongs to a range twice the initial one.
    return low_.bytes(1);
  }

 private:
  void write(uint32_t symbol, const std::vector<uint32_t>& cdf) {
    const auto n = static_cast<uint32_t>(cdf.size() - 1);
    const auto bound = [&](uint32_t i) {
      return ((range_ >> 8) * ((32768 - cdf[i]) >> 6) >> 1) + 4 * (n - i - 1);
    };
    const uint32_t upper = symbol == 0 ? range_ : bound(symbol - 1);
    low_.add(range_ - upper);
    range_ = upper - bound(symbol);
    for (; range_ < 1 << 15; range_ <<= 1) low_.shift();
  }

  std::mt19937 random_;
  bool update_;
  daedalus::test::CarriedBits<16> low_;
  uint32_t range_ = 1 << 15, left_ = 0, bit_ = 0;
};

struct Choice {
  CodedBlock block;
  Dequantizer dequantizer;
};

Choice choose(std::mt19937& random) {
  const auto below = [&](uint32_t n) { return static_cast<uint32_t>(random() % n); };
  Choice choice{};
  auto& [block, dequantizer] = choice;
  block.size = static_cast<TxSize>(below(tx_size_count));
  const uint32_t largest = std::max(width_log2_of(block.size), height_log2_of(block.size));
  // One-dimensional transforms, and all types other than DCT and identity, exist only up to 16.
  block.type = static_cast<TxType>(largest <= 4                    ? below(16)
                                   : largest == 5 && below(4) == 0 ? 9
                                                                   : 0);
  block.of_chroma = below(2) != 0;
  block.dc_sign_context = below(3);
  dequantizer.bit_depth = below(2) ? 10 : 8;
  const auto index = static_cast<int32_t>(below(256));
  dequantizer.dc = dc_q(dequantizer.bit_depth, index);
  dequantizer.ac = ac_q(dequantizer.bit_depth, index);
  if (below(3) == 0) dequantizer.matrix = quantizer_matrices[below(15)][block.of_chroma];
  return choice;
}

struct Parsed {
  Choice choice;
  std::vector<uint32_t> words = std::vector<uint32_t>(1024);
  Coefficients result{};
};

template <typename Symbols>
Parsed parse_as_specified(SpecifiedParser<Symbols>& parser, std::mt19937& random) {
  Parsed parsed{choose(random)};
  const auto& [block, dequantizer] = parsed.choice;
  parsed.result = parser.parse(block, dequantizer, parsed.words.data());
  return parsed;
}

void expect_same(const Parsed& expected, CoefficientParser& parser, SymbolDecoder& decoder,
                 CoefficientCdfs& cdfs) {
  std::vector<uint32_t> words(1024);
  const auto& [block, dequantizer] = expected.choice;
  const auto result = parser.parse(decoder, cdfs, block, dequantizer, words.data());
  ASSERT_EQ(result.broken, expected.result.broken);
  // After a broken value nothing is comparable.
  if (result.broken) return;
  ASSERT_EQ(result.count, expected.result.count);
  ASSERT_EQ(result.context, expected.result.context);
  ASSERT_EQ(words, expected.words);
}

const CoefficientCdfs& distributions(std::mt19937& random) {
  return default_coefficient_cdfs(static_cast<uint32_t>(random() % 256));
}

// Parses blocks until the data ends.
void parse_random_bits(uint32_t seed, bool update) {
  std::mt19937 random(seed);
  std::vector<uint8_t> data(1 + random() % 4000);
  for (auto& byte : data) byte = static_cast<uint8_t>(random());
  CoefficientCdfs cdfs = distributions(random);
  test::SpecifiedDecoder specified(data, update);
  SpecifiedParser reference(specified, cdfs);
  SymbolDecoder decoder(data.data(), data.size(), update);
  CoefficientParser parser;
  for (uint32_t i = 0; !specified.overran(); ++i) {
    SCOPED_TRACE("seed " + std::to_string(seed) + " block " + std::to_string(i));
    const auto expected = parse_as_specified(reference, random);
    ASSERT_NO_FATAL_FAILURE(expect_same(expected, parser, decoder, cdfs));
    ASSERT_TRUE(cdfs == reference.cdfs) << "distributions differ";
    ASSERT_EQ(decoder.overran(), specified.overran());
  }
}

// Parses blocks up to the first broken one.
void parse_random_symbols(uint32_t seed, bool update) {
  std::mt19937 random(seed);
  CoefficientCdfs cdfs = distributions(random);
  SymbolWriter writer(seed, update);
  SpecifiedParser reference(writer, cdfs);
  std::vector<Parsed> expected;
  do expected.push_back(parse_as_specified(reference, random));
  while (expected.size() < 40 && !expected.back().result.broken);
  const auto data = writer.finish();
  SymbolDecoder decoder(data.data(), data.size(), update);
  CoefficientParser parser;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    SCOPED_TRACE("seed " + std::to_string(seed) + " block " + std::to_string(i));
    ASSERT_NO_FATAL_FAILURE(expect_same(expected[i], parser, decoder, cdfs));
  }
  EXPECT_FALSE(decoder.overran());
}

TEST(CoefficientParser, ParsesRandomBitsAsSpecified) {
  for (uint32_t seed = 0; seed < 30 && !testing::Test::HasFatalFailure(); ++seed)
    parse_random_bits(seed, seed % 3 != 0);
}

TEST(CoefficientParser, ParsesRandomSymbolsAsSpecified) {
  for (uint32_t seed = 0; seed < 60 && !testing::Test::HasFatalFailure(); ++seed)
    parse_random_symbols(seed, seed % 3 != 0);
}

}  // namespace
}  // namespace daedalus::av1
