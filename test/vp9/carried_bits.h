// SPDX-License-Identifier: MIT
// The output of tests' arithmetic encoders, for VP9 and AV1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace daedalus::test {

// The encoder's low end. Outputs bits that can no longer change, and propagates a carry into bits
// already output.
template <uint32_t low_bits>
class CarriedBits {
 public:
  void add(uint32_t value) { low_ += value; }
  // Outputs the uppermost bit. The carry may be above it.
  void shift() {
    if (low_ >> low_bits & 1)
      for (std::size_t i = bits_.size(); i-- > 0;) {
        bits_[i] ^= 1;
        if (bits_[i] == 1) break;
      }
    bits_.push_back(low_ >> (low_bits - 1) & 1);
    low_ = (low_ & ((1u << (low_bits - 1)) - 1)) << 1;
  }
  // Starts at bit `first`. Bits that do not fill a byte are dropped.
  std::vector<uint8_t> bytes(std::size_t first) const {
    std::vector<uint8_t> bytes;
    for (std::size_t i = first; i + 8 <= bits_.size(); i += 8) {
      uint32_t byte = 0;
      for (std::size_t bit = 0; bit < 8; ++bit) byte = byte << 1 | bits_[i + bit];
      bytes.push_back(static_cast<uint8_t>(byte));
    }
    return bytes;
  }

 private:
  std::vector<uint8_t> bits_;
  uint32_t low_ = 0;
};

}  // namespace daedalus::test
