// SPDX-License-Identifier: MIT
// What arithmetic encoders of tests write, VP9's and AV1's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace daedalus::test {

// The encoder's low end, of which bits that can no longer change go out, with a carry into those
// that have.
template <uint32_t low_bits>
class CarriedBits {
 public:
  void add(uint32_t value) { low_ += value; }
  // The uppermost bit goes out. Above it there may be the carry.
  void shift() {
    if (low_ >> low_bits & 1)
      for (std::size_t i = bits_.size(); i-- > 0;) {
        bits_[i] ^= 1;
        if (bits_[i] == 1) break;
      }
    bits_.push_back(low_ >> (low_bits - 1) & 1);
    low_ = (low_ & ((1u << (low_bits - 1)) - 1)) << 1;
  }
  // From bit `first` on; bits that make no whole byte are left out.
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
