// SPDX-License-Identifier: MIT
#include "h264/rbsp.h"

#include <bit>
#include <cstring>

#include "h264/bit_reader.h"

namespace daedalus::h264 {

namespace {

const uint8_t* find_zero(const uint8_t* begin, const uint8_t* end) {
  const void* found = std::memchr(begin, 0, static_cast<std::size_t>(end - begin));
  return found ? static_cast<const uint8_t*>(found) : end;
}

// The first emulation_prevention_three_byte in [begin, end), or end. Zero bytes are rare in coded
// data, and memchr is the fastest way from one to the next.
const uint8_t* find_emulation_prevention(const uint8_t* begin, const uint8_t* end) {
  for (auto* zero = find_zero(begin, end); end - zero > 2; zero = find_zero(zero + 1, end))
    if (zero[1] == 0 && zero[2] == 3) return zero + 2;
  return end;
}

}  // namespace

void Rbsp::assign(std::span<const std::byte> nal_unit) {
  if (bytes_.size() < nal_unit.size() + rbsp_padding) bytes_.resize(nal_unit.size() + rbsp_padding);
  const auto* from = reinterpret_cast<const uint8_t*>(nal_unit.data());
  const auto* const end = from + nal_unit.size();
  uint8_t* to = bytes_.data();
  while (from != end) {
    const auto* const stop = find_emulation_prevention(from, end);
    const auto count = static_cast<std::size_t>(stop - from);
    std::memcpy(to, from, count);
    to += count;
    from = stop == end ? end : stop + 1;
  }
  size_ = static_cast<std::size_t>(to - bytes_.data());
  std::memset(to, 0, rbsp_padding);

  std::size_t last = size_;
  while (last > 0 && bytes_[last - 1] == 0) --last;
  stop_bit_ =
      last == 0 ? 0 : last * 8 - 1 - static_cast<std::size_t>(std::countr_zero(bytes_[last - 1]));
}

}  // namespace daedalus::h264
