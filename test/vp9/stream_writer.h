// SPDX-License-Identifier: MIT
// Writes what the entropy stage reads: bits of uncompressed headers, and partitions of the boolean
// coder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace daedalus::vp9::test {

class BitWriter {
 public:
  BitWriter& f(uint32_t value, uint32_t bits) {
    for (; bits > 0; --bits) {
      if (count_++ % 8 == 0) bytes_.push_back(std::byte{0});
      bytes_.back() |= static_cast<std::byte>((value >> (bits - 1) & 1) << (7 - (count_ - 1) % 8));
    }
    return *this;
  }
  const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
  std::size_t count_ = 0;
};

// The encoder of 9.2's decoder: bits of `low_` that can no longer change go out, with a carry into
// those that have.
class BoolWriter {
 public:
  BoolWriter() { write(false, 128); }  // the marker

  void write(bool bit, uint32_t probability) {
    const uint32_t split = 1 + (((range_ - 1) * probability) >> 8);
    if (bit) {
      low_ += split;
      range_ -= split;
    } else {
      range_ = split;
    }
    for (; range_ < 128; range_ <<= 1) shift();
  }
  void literal(uint32_t value, uint32_t bits) {
    for (; bits > 0; --bits) write((value >> (bits - 1) & 1) != 0, 128);
  }
  std::vector<uint8_t> finish() {
    for (int i = 0; i < 32; ++i) write(false, 128);
    std::vector<uint8_t> bytes;
    for (std::size_t i = 0; i + 8 <= bits_.size(); i += 8) {
      uint32_t byte = 0;
      for (std::size_t bit = 0; bit < 8; ++bit) byte = byte << 1 | bits_[i + bit];
      bytes.push_back(static_cast<uint8_t>(byte));
    }
    return bytes;
  }

 private:
  // low_ has 8 bits, and a ninth that is the carry.
  void shift() {
    if (low_ >> 8 & 1)
      for (std::size_t i = bits_.size(); i-- > 0;) {
        bits_[i] ^= 1;
        if (bits_[i] == 1) break;
      }
    bits_.push_back(low_ >> 7 & 1);
    low_ = (low_ & 0x7f) << 1;
  }

  std::vector<uint8_t> bits_;
  uint32_t low_ = 0, range_ = 255;
};

}  // namespace daedalus::vp9::test
