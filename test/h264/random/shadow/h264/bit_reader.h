// SPDX-License-Identifier: MIT
// Replaces src/h264/bit_reader.h: reads what the random source chooses.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "h264/random/source.h"

namespace daedalus::h264 {

inline constexpr std::size_t rbsp_padding = 8192;

class BitReader {
 public:
  BitReader() = default;
  BitReader(const uint8_t* data, std::size_t first_bit) { source().begin_cavlc(data, first_bit); }

  void refill() {}
  uint64_t window() const { return source().window(); }
  uint32_t leading_zeros() const { return static_cast<uint32_t>(std::countl_zero(window())); }
  uint32_t peek(uint32_t count) const {
    return static_cast<uint32_t>(window() >> 1 >> (63 - count));
  }
  void consume(uint32_t count) { source().consume(count); }
  uint32_t take(uint32_t count) {
    const uint32_t value = peek(count);
    consume(count);
    return value;
  }
  uint32_t bits(uint32_t count) { return take(count); }
  bool flag() { return bits(1) != 0; }

  uint32_t ue() {
    source().choose_ue();
    return read_ue();
  }
  int32_t se() {
    source().choose_se();
    const uint32_t code = read_ue();
    const auto magnitude = static_cast<int32_t>((code + 1) >> 1);
    return code & 1 ? magnitude : -magnitude;
  }
  uint32_t te(uint32_t max) {
    source().choose_te(max);
    return max > 1 ? read_ue() : 1 - bits(1);
  }

  // Samples of I_PCM macroblocks are at the start of the unit that the parser was given.
  std::size_t position() const { return source().at_end ? SIZE_MAX : 0; }

  bool broken() const { return broken_; }
  void set_broken() { broken_ = true; }

 private:
  static random::Source& source() { return random::Source::current(); }
  uint32_t read_ue() {
    const uint32_t zeros = leading_zeros();
    if (zeros > 24) {
      broken_ = true;
      return 0;
    }
    return take(2 * zeros + 1) - 1;
  }
  bool broken_ = false;
};

}  // namespace daedalus::h264
