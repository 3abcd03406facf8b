// SPDX-License-Identifier: MIT
// Writes input for the entropy stage: bits of uncompressed headers, and partitions of the boolean
// coder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "vp9/carried_bits.h"

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

// The encoder for the decoder of 9.2.
class BoolWriter {
 public:
  BoolWriter() { write(false, 128); }  // the marker

  void write(bool bit, uint32_t probability) {
    const uint32_t split = 1 + (((range_ - 1) * probability) >> 8);
    if (bit) {
      low_.add(split);
      range_ -= split;
    } else {
      range_ = split;
    }
    for (; range_ < 128; range_ <<= 1) low_.shift();
  }
  void literal(uint32_t value, uint32_t bits) {
    for (; bits > 0; --bits) write((value >> (bits - 1) & 1) != 0, 128);
  }
  std::vector<uint8_t> finish() {
    for (int i = 0; i < 32; ++i) write(false, 128);
    return low_.bytes(0);
  }

 private:
  daedalus::test::CarriedBits<8> low_;
  uint32_t range_ = 255;
};

}  // namespace daedalus::vp9::test
