// SPDX-License-Identifier: MIT
// The symbol decoder (AV1 specification, 8.2), and its representation of distributions.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace daedalus::av1 {

// The number of words for the distribution of a symbol with N values.
constexpr uint32_t cdf_words(uint32_t n) {
  return n <= 2 ? 2 : n <= 4 ? 4 : n <= 8 ? 8 : 16;
}

// A CDF of N values: (1 << 15) - cdf[i] for i up to N - 2, then zeros, then the symbol count in the
// last word. The specification's cdf[N - 1] is left out because it is always 1 << 15. Whole vectors
// adapt at once; the zeros stay zero.
template <uint32_t N>
struct alignas(2 * cdf_words(N)) Cdf {
  static constexpr uint32_t values = N;

  constexpr Cdf() = default;
  // Arguments: cdf[0] to cdf[N - 2].
  template <typename... Values>
  requires(sizeof...(Values) == N - 1) consteval Cdf(Values... cumulative)
      : words{static_cast<uint16_t>(32768 - cumulative)...} {}

  uint16_t& count() { return words[cdf_words(N) - 1]; }
  // The specification's cdf[i].
  uint32_t cumulative(uint32_t i) const { return i + 1 < N ? 32768u - words[i] : 32768u; }

  bool operator==(const Cdf&) const = default;

  uint16_t words[cdf_words(N)] = {};
};

// The targets that the words of a CDF of N values move to, by symbol and by how often the CDF was
// used (count >> 4; the count ends at 32). Each word moves by 1 / (1 << rate()) of its distance,
// rounded down. Words of the symbol and above move towards 0, those below it towards 1 << 15. The
// target towards 0 is (1 << rate) - 1, so that the arithmetic shift does not subtract too much; a
// word of 0 stays 0. The count's target increments it until it is 32.
template <uint32_t N>
struct CdfTargets {
  static constexpr uint32_t count_steps = 3;
  static constexpr uint32_t rate(uint32_t count) { return (N == 3 ? 4 : 5) + (count >> 4); }

  consteval CdfTargets() {
    for (uint32_t step = 0; step < count_steps; ++step)
      for (uint32_t symbol = 0; symbol < N; ++symbol)
        for (uint32_t i = 0; i < cdf_words(N); ++i) {
          const uint32_t whole = 1u << rate(16 * step);
          const bool is_count = i == cdf_words(N) - 1 && step < count_steps - 1;
          words[step][symbol][i] = static_cast<uint16_t>(i < symbol ? 32768
                                                         : is_count ? 2 * whole - 1
                                                                    : whole - 1);
        }
  }

  alignas(2 * cdf_words(N)) uint16_t words[count_steps][N][cdf_words(N)] = {};
};
template <uint32_t N>
inline constexpr CdfTargets<N> cdf_targets;

// The upper 16 bits of value_ are SymbolValue. The tile's next bits follow, inverted (this saves an
// exclusive or), then a one bit that marks their end, so that no bit count is needed. Past the end
// of the tile the decoder reads zeros.
class SymbolDecoder {
 public:
  SymbolDecoder() = default;
  // init_symbol(). `update`: not disable_cdf_update.
  SymbolDecoder(const uint8_t* data, std::size_t size, bool update)
      : end_(data + size), left_(static_cast<int64_t>(size)), update_(update) {
    value_ = uint64_t{next_bits(end_, left_)} << 31 | uint64_t{1} << 30;
    left_ -= 4;
  }
  // Copied member by member: a compiler's vector copy would stall on the narrower stores before it.
  SymbolDecoder(const SymbolDecoder& other)
      : end_(other.end_),
        left_(other.left_),
        value_(other.value_),
        range_(other.range_),
        update_(other.update_) {}
  SymbolDecoder& operator=(const SymbolDecoder& other) {
    end_ = other.end_;
    left_ = other.left_;
    value_ = other.value_;
    range_ = other.range_;
    update_ = other.update_;
    return *this;
  }

  // read_symbol(cdf)
  template <uint32_t N>
  [[gnu::always_inline]] uint32_t symbol(Cdf<N>& cdf) {
    if constexpr (N == 2) return boolean(cdf);
    if constexpr (N <= 4) return small_symbol(cdf);
    const uint32_t high = range_ >> 8;
    const auto current = static_cast<uint32_t>(value_ >> 48);
    uint32_t upper = range_;
    uint32_t lower = 0;
    uint32_t symbol = 0;
#pragma GCC unroll 16
    for (; symbol < N - 1; ++symbol) {
      lower = bound(high, cdf.words[symbol]) + min_probability * (N - 1 - symbol);
      if (current >= lower) break;
      upper = lower;
      lower = 0;
    }
    value_ -= uint64_t{lower} << 48;
    renormalise(upper - lower);
    if (update_) adapt(cdf, symbol);
    return symbol;
  }

  template <uint32_t N>
  requires(N == 2) [[gnu::always_inline]] bool boolean(Cdf<N>& cdf) {
    const uint32_t word = cdf.words[0];
    const bool bit = decide(bound(range_ >> 8, word) + min_probability);
    if (update_) {
      const uint32_t count = cdf.words[1];
      const uint32_t rate = 4 + (count >> 4);
      cdf.words[0] =
          static_cast<uint16_t>(bit ? word + ((32768 - word) >> rate) : word - (word >> rate));
      cdf.words[1] = static_cast<uint16_t>(count + (count < 32));
    }
    return bit;
  }

  // Decodes a symbol of two values that does not adapt: 1 has the given probability (of 1 << 15).
  bool fixed(uint32_t probability) {
    return decide(bound(range_ >> 8, probability) + min_probability);
  }

  // read_bool()
  [[gnu::always_inline]] uint32_t bit() {
    const uint32_t split = ((range_ >> 8) << 7) + min_probability;
    const uint64_t big_split = uint64_t{split} << 48;
    const uint64_t mask = -static_cast<uint64_t>(value_ >= big_split);
    value_ -= big_split & mask;
    renormalise(split ^ ((split ^ (range_ - split)) & static_cast<uint32_t>(mask)));
    return 1 + static_cast<uint32_t>(mask);
  }

  // read_literal(n)
  uint32_t literal(uint32_t bits) {
    uint32_t value = 0;
    for (uint32_t i = 0; i < bits; ++i) value = value << 1 | bit();
    return value;
  }

  // NS(n) (4.10.10). n must be at least 1.
  uint32_t non_symmetric(uint32_t n) {
    const auto w = static_cast<uint32_t>(std::bit_width(n));
    const uint32_t m = (1u << w) - n;
    const uint32_t v = literal(w - 1);
    if (v < m) return v;
    return (v << 1) - m + bit();
  }

  // Whether more bits were consumed than exit_symbol() allows (SymbolMaxBits is less than -14),
  // which happens only in invalid streams.
  bool overran() const {
    return left_ < 0 && stock() - 16 + 8 * left_ < -14;
  }

 private:
  static constexpr uint32_t min_probability = 4;  // EC_MIN_PROB

  // ((SymbolRange >> 8) * (f >> EC_PROB_SHIFT)) >> (7 - EC_PROB_SHIFT)
  [[gnu::always_inline]] static uint32_t bound(uint32_t high, uint32_t f) {
    return (high * (f >> 6)) >> 1;
  }

  // For three or four values: a branch would often be mispredicted. All bounds of a symbol are 16
  // bits wide and fit in a word.
  template <uint32_t N>
  [[gnu::always_inline]] uint32_t small_symbol(Cdf<N>& cdf) {
    const uint32_t high = range_ >> 8;
    const auto current = static_cast<uint32_t>(value_ >> 48);
    const uint32_t first = bound(high, cdf.words[0]) + min_probability * (N - 1);
    const uint32_t second = bound(high, cdf.words[1]) + min_probability * (N - 2);
    uint32_t symbol = uint32_t{current < first} + uint32_t{current < second};
    uint64_t bounds = first | uint64_t{second} << 16;
    if constexpr (N == 4) {
      const uint32_t third = bound(high, cdf.words[2]) + min_probability;
      symbol += uint32_t{current < third};
      bounds |= uint64_t{third} << 32;
    }
    const uint64_t shifted = (bounds << 16 | range_) >> (16 * symbol);
    const uint64_t lower = shifted >> 16 & 0xffff, upper = shifted & 0xffff;
    value_ -= lower << 48;
    renormalise(static_cast<uint32_t>(upper - lower));
    if (update_) adapt(cdf, symbol);
    return symbol;
  }

  // Decodes a symbol of two values; the first one starts at `split`.
  [[gnu::always_inline]] bool decide(uint32_t split) {
    const uint64_t big_split = uint64_t{split} << 48;
    if (value_ >= big_split) {
      value_ -= big_split;
      renormalise(range_ - split);
      return false;
    }
    renormalise(split);
    return true;
  }

  [[gnu::always_inline]] void renormalise(uint32_t range) {
    // Minus 16. The range is never 0, because no symbol has a probability of 0.
    const int bits = __builtin_clz(range) ^ 16;
    value_ <<= bits;
    range_ = range << bits;
    if (static_cast<uint32_t>(value_) == 0) [[unlikely]] {
      value_ = refilled(value_, end_, left_);
      left_ -= 4;
    }
  }

  // Stores all words at once, including the count: the next symbol would stall on narrower stores.
  template <uint32_t N>
  [[gnu::always_inline]] static void adapt(Cdf<N>& cdf, uint32_t symbol) {
    constexpr uint32_t bytes = 2 * cdf_words(N);
    using Words [[gnu::vector_size(bytes)]] = uint16_t;
    using SignedWords [[gnu::vector_size(bytes)]] = int16_t;
    const uint32_t count = cdf.count();
    Words words, targets;
    std::memcpy(&words, cdf.words, bytes);
    std::memcpy(&targets, cdf_targets<N>.words[count >> 4][symbol], bytes);
    // Signed: a word below the symbol is never 0, so (1 << 15) - word fits.
    const Words distance = targets - words;
    SignedWords change;
    std::memcpy(&change, &distance, bytes);
    change >>= static_cast<int16_t>(CdfTargets<N>::rate(count));
    Words moved;
    std::memcpy(&moved, &change, bytes);
    words += moved;
    std::memcpy(cdf.words, &words, bytes);
  }

  // The number of bits above the mark. SymbolMaxBits is this minus 16, plus the bits left in the
  // tile.
  int64_t stock() const {
    return 63 - std::countr_zero(value_);
  }

  static uint32_t next_bits(const uint8_t* end, int64_t left) {
    uint32_t bits = 0;
    if (left >= 4) [[likely]] {
      std::memcpy(&bits, end - left, sizeof(bits));
      return ~(std::endian::native == std::endian::little ? __builtin_bswap32(bits) : bits);
    }
    for (int64_t i = 0; i < left; ++i) bits |= uint32_t{end[i - left]} << (24 - 8 * i);
    return ~bits;
  }
  // Replaces the mark, which must be in the upper half, by 32 bits. Static, because a member
  // function would force the decoder into memory.
  [[gnu::noinline]] static uint64_t refilled(uint64_t value, const uint8_t* end, int64_t left) {
    const uint64_t bits = uint64_t{next_bits(end, left)} << 1 | 1;
    return value + (bits << (std::countr_zero(value) - 32)) - (value & -value);
  }

  const uint8_t* end_ = nullptr;
  int64_t left_ = 0;  // bytes not yet in value_; negative past the end
  uint64_t value_ = 0;
  uint32_t range_ = 1 << 15;
  bool update_ = true;
};

}  // namespace daedalus::av1
