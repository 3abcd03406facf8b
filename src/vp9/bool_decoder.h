// The boolean decoder (VP9 bitstream specification, 9.2).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace daedalus::vp9 {

// BoolValue's upper 8 bits are those of value_, followed by the bits of the partition that come
// next and, below them, a one that marks their end: no count of bits is kept. Beyond its end a
// partition reads as zeros.
class BoolDecoder {
 public:
  BoolDecoder() = default;
  BoolDecoder(const uint8_t* data, std::size_t size) : next_(data), end_(data + size) {
    value_ = uint64_t{next_bits()} << 32 | uint64_t{1} << 31;
  }
  // Member by member: compilers would copy two at once, and then wait for the stores just made.
  BoolDecoder(const BoolDecoder& other)
      : next_(other.next_),
        end_(other.end_),
        value_(other.value_),
        range_(other.range_),
        missing_bytes_(other.missing_bytes_) {}
  BoolDecoder& operator=(const BoolDecoder& other) {
    next_ = other.next_;
    end_ = other.end_;
    value_ = other.value_;
    range_ = other.range_;
    missing_bytes_ = other.missing_bytes_;
    return *this;
  }

  // read_bool(p). Callers branch on the result, so a branch here costs nothing more.
  [[gnu::always_inline]] bool read(uint32_t probability) {
    const uint32_t split = 1 + (((range_ - 1) * probability) >> 8);
    const uint64_t big_split = static_cast<uint64_t>(split) << 56;
    if (value_ >= big_split) {
      value_ -= big_split;
      renormalise(range_ - split);
      return true;
    }
    renormalise(split);
    return false;
  }

  // The same without a branch, for bits that only become part of a number.
  [[gnu::always_inline]] uint32_t read_bit(uint32_t probability) {
    const uint32_t split = 1 + (((range_ - 1) * probability) >> 8);
    const uint64_t big_split = static_cast<uint64_t>(split) << 56;
    const bool bit = value_ >= big_split;
    const uint32_t upper = range_ - split;
    value_ -= bit ? big_split : 0;
    renormalise(bit ? upper : split);
    return bit;
  }

  // A bit of probability 128: `value`, negative where it is 1.
  [[gnu::always_inline]] int32_t with_sign(int32_t value) {
    const auto mask = -static_cast<int32_t>(read_bit(128));
    return (value ^ mask) - mask;
  }

  // read_literal(n)
  uint32_t literal(uint32_t bits) {
    uint32_t value = 0;
    for (uint32_t i = 0; i < bits; ++i) value = value << 1 | read_bit(128);
    return value;
  }

  // The specification's read_tree for trees as Table 9.3.1 has them: leaves are negative or 0.
  template <typename Tree>
  [[gnu::always_inline]] uint32_t tree(const Tree& tree, const uint8_t* probabilities) {
    int32_t node = 0;
    do {
      node = tree[static_cast<std::size_t>(node) + read_bit(probabilities[node >> 1])];
    } while (node > 0);
    return static_cast<uint32_t>(-node);
  }

  // More bits are consumed than the partition has: no valid one does that.
  bool overran() const { return static_cast<int64_t>(missing_bytes_) * 8 >= stock(); }
  // Whole bytes of the partition that no decision has seen.
  std::size_t bytes_left() const {
    const std::size_t unseen = static_cast<std::size_t>(end_ - next_ + stock() / 8);
    return unseen > missing_bytes_ + std::size_t{1} ? unseen - missing_bytes_ - 1 : 0;
  }

 private:
  [[gnu::always_inline]] void renormalise(uint32_t range) {
    const auto shift = static_cast<uint32_t>(__builtin_clz(range)) ^ 24;  // range has 1 to 8 bits
    range_ = range << shift;
    value_ <<= shift;
    if (static_cast<uint32_t>(value_) == 0) [[unlikely]]
      refill();
  }

  // Bits above the mark.
  int stock() const { return 63 - std::countr_zero(value_); }

  uint32_t next_bits() {
    if (end_ - next_ >= 4) [[likely]] {
      uint32_t bits;
      std::memcpy(&bits, next_, sizeof(bits));
      next_ += 4;
      return std::endian::native == std::endian::little ? __builtin_bswap32(bits) : bits;
    }
    uint32_t bits = 0;
    for (int i = 0; i < 4; ++i) {
      bits <<= 8;
      if (next_ < end_) bits |= *next_++;
      // Stops counting long before it wraps: what overran stays so.
      else if (missing_bytes_ < 1u << 16)
        ++missing_bytes_;
    }
    return bits;
  }
  // The mark is somewhere in the upper half: 32 bits take its place.
  void refill() {
    const uint64_t bits = uint64_t{next_bits()} << 1 | 1;
    value_ += (bits << (std::countr_zero(value_) - 32)) - (value_ & -value_);
  }

  const uint8_t* next_ = nullptr;
  const uint8_t* end_ = nullptr;
  uint64_t value_ = 0;
  uint32_t range_ = 255;
  uint32_t missing_bytes_ = 0;
};

}  // namespace daedalus::vp9
