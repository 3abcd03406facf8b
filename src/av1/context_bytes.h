// SPDX-License-Identifier: MIT
// Contexts with one byte for each unit along an edge, set and read in words.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace daedalus::av1 {

// load_units() may read this many bytes past the end.
inline constexpr uint32_t context_slack = 8;

// `count` is a power of two up to 32.
[[gnu::always_inline]] inline void fill_units(uint8_t* to, uint32_t count, uint8_t value) {
  const uint64_t word = value * 0x0101010101010101u;
  if (count >= 8) {
    std::memcpy(to, &word, 8);
    if (count >= 16) std::memcpy(to + 8, &word, 8);
    if (count == 32) {
      std::memcpy(to + 16, &word, 8);
      std::memcpy(to + 24, &word, 8);
    }
  } else if (count == 4) {
    std::memcpy(to, &word, 4);
  } else {
    to[0] = value;
    to[count - 1] = value;
  }
}

// The first 1 to 8 bytes, zero-extended.
[[gnu::always_inline]] inline uint64_t load_units(const uint8_t* from, uint32_t count) {
  uint64_t word;
  std::memcpy(&word, from, sizeof(word));
  const uint32_t unused = 64 - 8 * count;
  return std::endian::native == std::endian::little ? word << unused : word >> unused;
}

// ORs or counts bits of 1 to 16 bytes.
class UnitBits {
 public:
  [[gnu::always_inline]] UnitBits(const uint8_t* from, uint32_t count)
      : first_(load_units(from, count < 8 ? count : 8)),
        second_(count > 8 ? load_units(from + 8, count - 8) : 0) {}

  // Whether any byte has any bit of the mask.
  bool any(uint8_t mask) const { return ((first_ | second_) & repeated(mask)) != 0; }
  // How many bytes have the bit.
  uint32_t count(uint32_t bit) const {
    // Each byte of the sum is at most 2, so the total of all 16 fits in a byte.
    const uint64_t ones = (first_ >> bit & repeated(1)) + (second_ >> bit & repeated(1));
    return static_cast<uint32_t>((ones * repeated(1)) >> 56);
  }

 private:
  static constexpr uint64_t repeated(uint8_t byte) { return byte * 0x0101010101010101u; }

  uint64_t first_, second_;
};

}  // namespace daedalus::av1
