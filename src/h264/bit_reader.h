// SPDX-License-Identifier: MIT
// Reads the bits of an RBSP: fixed-length and Exp-Golomb codes (H.264 7.2, 9.1).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace daedalus::h264 {

// Every RBSP is followed by zero bytes, so that readers need not check each code against the end: a
// macroblock has fewer than 1000 codes of at most 8 bytes, and its parser checks the position
// afterwards.
inline constexpr std::size_t rbsp_padding = 8192;

inline uint64_t load_big_endian(const uint8_t* bytes) {
  uint64_t value;
  std::memcpy(&value, bytes, sizeof(value));
  if constexpr (std::endian::native == std::endian::little) value = __builtin_bswap64(value);
  return value;
}

class BitReader {
 public:
  BitReader() = default;
  BitReader(const uint8_t* data, std::size_t first_bit)
      : data_(data), next_(data + first_bit / 8), window_(0), valid_(0) {
    refill();
    consume(static_cast<uint32_t>(first_bit % 8));
  }

  // Afterwards at least 56 bits can be read without another refill.
  void refill() {
    window_ |= load_big_endian(next_) >> valid_;
    next_ += (63 - valid_) >> 3;
    valid_ |= 56;
  }

  // The next bits, the first one in the highest bit.
  uint64_t window() const { return window_; }
  uint32_t leading_zeros() const { return static_cast<uint32_t>(std::countl_zero(window_)); }
  uint32_t peek(uint32_t count) const {
    return static_cast<uint32_t>(window_ >> 1 >> (63 - count));
  }
  void consume(uint32_t count) {
    window_ <<= count;
    valid_ -= count;
  }
  uint32_t take(uint32_t count) {
    const uint32_t value = peek(count);
    consume(count);
    return value;
  }

  // The functions below refill by themselves.
  uint32_t bits(uint32_t count) {
    refill();
    return take(count);
  }
  bool flag() { return bits(1) != 0; }

  // ue(v). No syntax element of slice data needs more than 24 leading zeros.
  uint32_t ue() {
    refill();
    const uint32_t zeros = leading_zeros();
    if (zeros > 24) {
      broken_ = true;
      return 0;
    }
    return take(2 * zeros + 1) - 1;
  }
  int32_t se() {
    const uint32_t code = ue();
    const auto magnitude = static_cast<int32_t>((code + 1) >> 1);
    return code & 1 ? magnitude : -magnitude;
  }
  // te(v) with cMax = `max`.
  uint32_t te(uint32_t max) { return max > 1 ? ue() : 1 - bits(1); }

  std::size_t position() const { return static_cast<std::size_t>(next_ - data_) * 8 - valid_; }

  // Set by a code that no valid stream has; never cleared.
  bool broken() const { return broken_; }
  void set_broken() { broken_ = true; }

 private:
  const uint8_t* data_ = nullptr;
  const uint8_t* next_ = nullptr;
  uint64_t window_ = 0;
  uint32_t valid_ = 0;
  bool broken_ = false;
};

}  // namespace daedalus::h264
