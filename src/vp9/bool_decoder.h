// SPDX-License-Identifier: MIT
// The boolean decoder (VP9 bitstream specification, 9.2).
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace daedalus::vp9 {

// Renormalisation, indexed by BoolRange - 1: the shift, and BoolRange - 1 after it.
struct BoolNormalisation {
  std::array<uint8_t, 256> shift{}, range{};
};
inline constexpr BoolNormalisation bool_normalisation = [] {
  BoolNormalisation table;
  for (uint32_t range = 0; range < 256; ++range) {
    uint32_t shift = 0;
    while ((range + 1) << shift < 128) ++shift;
    table.shift[range] = static_cast<uint8_t>(shift);
    table.range[range] = static_cast<uint8_t>(((range + 1) << shift) - 1);
  }
  return table;
}();

// The upper 8 bits of value_ are BoolValue's. The partition's next bits follow, then a one bit that
// marks their end, so that no bit count is needed. Past the end of the partition the decoder reads
// zeros. range_ is BoolRange - 1, the form that decisions use.
class BoolDecoder {
 public:
  BoolDecoder() = default;
  BoolDecoder(const uint8_t* data, std::size_t size)
      : end_(data + size), left_(static_cast<int64_t>(size)) {
    value_ = uint64_t{next_bits(end_, left_)} << 32 | uint64_t{1} << 31;
    left_ -= 4;
  }
  // Copied member by member: a compiler's vector copy would stall on the earlier narrower stores.
  BoolDecoder(const BoolDecoder& other)
      : end_(other.end_), left_(other.left_), value_(other.value_), range_(other.range_) {}
  BoolDecoder& operator=(const BoolDecoder& other) {
    end_ = other.end_;
    left_ = other.left_;
    value_ = other.value_;
    range_ = other.range_;
    return *this;
  }

  // read_bool(p). Callers branch on the result, so a branch here adds no cost.
  [[gnu::always_inline]] bool read(uint32_t probability) {
    const uint32_t split = (range_ * probability) >> 8;
    const uint64_t big_split = (uint64_t{split} + 1) << 56;
    if (value_ >= big_split) {
      value_ -= big_split;
      renormalise(range_ - split - 1);
      return true;
    }
    renormalise(split);
    return false;
  }

  // For bits that become part of a number, where every second branch would be mispredicted. It uses
  // masks because compilers would turn a conditional expression into a branch here.
  [[gnu::always_inline]] uint32_t read_bit(uint32_t probability) {
    return static_cast<uint32_t>(read_mask(probability)) & 1;
  }

  // A bit of probability 128: `value`, negative where it is 1.
  [[gnu::always_inline]] int32_t with_sign(int32_t value) {
    const auto mask = static_cast<int32_t>(read_mask(128));
    return (value ^ mask) - mask;
  }

  // read_literal(n)
  uint32_t literal(uint32_t bits) {
    uint32_t value = 0;
    for (uint32_t i = 0; i < bits; ++i) value = value << 1 | read_bit(128);
    return value;
  }

  // The specification's read_tree, for trees as in Table 9.3.1: leaves are negative or 0.
  template <typename Tree>
  [[gnu::always_inline]] uint32_t tree(const Tree& tree, const uint8_t* probabilities) {
    int32_t node = 0;
    do {
      node = tree[static_cast<std::size_t>(node) + read_bit(probabilities[node >> 1])];
    } while (node > 0);
    return static_cast<uint32_t>(-node);
  }

  // Whether more bits were consumed than the partition has, which happens only in broken streams.
  bool overran() const { return left_ < 0 && stock() <= -8 * left_; }
  // Whole bytes of the partition that no decision has used.
  std::size_t bytes_left() const {
    return static_cast<std::size_t>(std::max<int64_t>(left_ + stock() / 8 - 1, 0));
  }

 private:
  [[gnu::always_inline]] uint64_t read_mask(uint32_t probability) {
    const uint32_t split = (range_ * probability) >> 8;
    const uint64_t big_split = (uint64_t{split} + 1) << 56;
    const uint64_t mask = -static_cast<uint64_t>(value_ >= big_split);
    const uint32_t upper = range_ - split - 1;
    value_ -= big_split & mask;
    renormalise(split ^ ((split ^ upper) & static_cast<uint32_t>(mask)));
    return mask;
  }

  [[gnu::always_inline]] void renormalise(uint32_t range) {
    value_ <<= bool_normalisation.shift[range];
    range_ = bool_normalisation.range[range];
    if (static_cast<uint32_t>(value_) == 0) [[unlikely]] {
      value_ = refilled(value_, end_, left_);
      left_ -= 4;
    }
  }

  // Bits above the mark.
  int64_t stock() const { return 63 - std::countr_zero(value_); }

  static uint32_t next_bits(const uint8_t* end, int64_t left) {
    uint32_t bits = 0;
    if (left >= 4) [[likely]] {
      std::memcpy(&bits, end - left, sizeof(bits));
      return std::endian::native == std::endian::little ? __builtin_bswap32(bits) : bits;
    }
    for (int64_t i = 0; i < left; ++i) bits |= uint32_t{end[i - left]} << (24 - 8 * i);
    return bits;
  }
  // Puts 32 bits in place of the mark, which is somewhere in the upper half. Static, because
  // calling a member function would force the decoder into memory.
  [[gnu::noinline]] static uint64_t refilled(uint64_t value, const uint8_t* end, int64_t left) {
    const uint64_t bits = uint64_t{next_bits(end, left)} << 1 | 1;
    return value + (bits << (std::countr_zero(value) - 32)) - (value & -value);
  }

  const uint8_t* end_ = nullptr;
  int64_t left_ = 0;  // bytes not yet in value_; negative past the end
  uint64_t value_ = 0;
  uint32_t range_ = 254;
};

}  // namespace daedalus::vp9
