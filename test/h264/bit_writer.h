// SPDX-License-Identifier: MIT
// Writes bits for tests: the inverse of BitReader.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace daedalus::h264 {

class BitWriter {
 public:
  BitWriter& bits(uint32_t value, uint32_t count) {
    while (count-- > 0) bit(value >> count & 1);
    return *this;
  }
  BitWriter& bits(std::string_view zeros_and_ones) {
    for (char c : zeros_and_ones) bit(c == '1');
    return *this;
  }
  BitWriter& ue(uint32_t value) {
    const auto length = static_cast<uint32_t>(std::bit_width(value + 1));
    return bits(0, length - 1).bits(value + 1, length);
  }
  BitWriter& se(int32_t value) {
    return ue(value > 0 ? static_cast<uint32_t>(2 * value - 1) : static_cast<uint32_t>(-2 * value));
  }
  BitWriter& trailing_bits() { return bits(1, 1).align(); }
  BitWriter& align() {
    while (count_ % 8 != 0) bit(false);
    return *this;
  }

  std::size_t bit_count() const { return count_; }
  const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  void bit(bool value) {
    if (count_ % 8 == 0) bytes_.push_back(std::byte{0});
    if (value) bytes_.back() |= static_cast<std::byte>(0x80 >> count_ % 8);
    ++count_;
  }

  std::vector<std::byte> bytes_;
  std::size_t count_ = 0;
};

}  // namespace daedalus::h264
