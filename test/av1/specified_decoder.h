// SPDX-License-Identifier: MIT
// The symbol decoder of 8.2 of the specification, taken literally.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace daedalus::av1::test {

// The adaptation of 8.2.6.
inline void adapt(std::vector<uint32_t>& cdf, uint32_t symbol) {
  const auto n = static_cast<uint32_t>(cdf.size() - 1);
  const auto log = static_cast<uint32_t>(std::bit_width(n) - 1);
  const uint32_t rate = 3u + (cdf[n] > 15) + (cdf[n] > 31) + std::min(log, 2u);
  for (uint32_t i = 0; i < n - 1; ++i) {
    const uint32_t goal = i >= symbol ? 1u << 15 : 0;
    if (goal < cdf[i])
      cdf[i] -= (cdf[i] - goal) >> rate;
    else
      cdf[i] += (goal - cdf[i]) >> rate;
  }
  cdf[n] += cdf[n] < 32;
}

class SpecifiedDecoder {
 public:
  SpecifiedDecoder(const std::vector<uint8_t>& data, bool update) : data_(data), update_(update) {
    const auto size = static_cast<int64_t>(data.size());
    const auto bits = static_cast<uint32_t>(std::min<int64_t>(size * 8, 15));
    const uint32_t padded = read(bits) << (15 - bits);
    value_ = ((1u << 15) - 1) ^ padded;
    max_bits_ = 8 * size - 15;
  }

  uint32_t symbol(std::vector<uint32_t>& cdf) {
    const auto n = static_cast<uint32_t>(cdf.size() - 1);
    uint32_t current = range_, previous = 0, symbol = ~0u;
    do {
      ++symbol;
      previous = current;
      const uint32_t f = (1u << 15) - cdf[symbol];
      current = ((range_ >> 8) * (f >> 6) >> 1) + 4 * (n - symbol - 1);
    } while (value_ < current);
    range_ = previous - current;
    value_ -= current;
    const auto bits = 15 - static_cast<uint32_t>(std::bit_width(range_) - 1);
    range_ <<= bits;
    const auto there =
        static_cast<uint32_t>(std::min<int64_t>(bits, std::max<int64_t>(0, max_bits_)));
    value_ = (read(there) << (bits - there)) ^ (((value_ + 1) << bits) - 1);
    max_bits_ -= bits;
    if (update_) adapt(cdf, symbol);
    return symbol;
  }

  uint32_t bit() {
    std::vector<uint32_t> cdf = {1 << 14, 1 << 15, 0};
    return symbol(cdf);
  }

  bool overran() const { return max_bits_ < -14; }

 private:
  uint32_t read(uint32_t bits) {
    uint32_t value = 0;
    for (uint32_t i = 0; i < bits; ++i, ++position_)
      value = value << 1 | (data_[position_ / 8] >> (7 - position_ % 8) & 1u);
    return value;
  }

  const std::vector<uint8_t>& data_;
  bool update_;
  std::size_t position_ = 0;
  uint32_t range_ = 1 << 15, value_ = 0;
  int64_t max_bits_ = 0;
};

}  // namespace daedalus::av1::test
