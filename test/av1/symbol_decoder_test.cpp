// SPDX-License-Identifier: MIT
// The symbol decoder against 8.2 of the specification as it is written there.
#include "av1/symbol_decoder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <tuple>
#include <vector>

namespace daedalus::av1 {
namespace {

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

  static void adapt(std::vector<uint32_t>& cdf, uint32_t symbol) {
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

  const std::vector<uint8_t>& data_;
  bool update_;
  std::size_t position_ = 0;
  uint32_t range_ = 1 << 15, value_ = 0;
  int64_t max_bits_ = 0;
};

// The same distribution in both forms.
template <uint32_t N>
struct Both {
  Cdf<N> ours;
  std::vector<uint32_t> specified;

  explicit Both(std::mt19937& random) {
    for (uint32_t i = 0; i + 1 < N; ++i)
      specified.push_back(static_cast<uint32_t>(random() % 32767 + 1));
    std::sort(specified.begin(), specified.end());
    for (uint32_t i = 0; i + 1 < N; ++i)
      ours.words[i] = static_cast<uint16_t>(32768 - specified[i]);
    specified.insert(specified.end(), {32768, 0});
  }

  void expect_same() {
    for (uint32_t i = 0; i < N; ++i) ASSERT_EQ(ours.cumulative(i), specified[i]);
    ASSERT_EQ(ours.count(), specified.back());
  }

  void read(SymbolDecoder& decoder, SpecifiedDecoder& reference) {
    ASSERT_EQ(decoder.symbol(ours), reference.symbol(specified)) << N;
    expect_same();
    ASSERT_EQ(decoder.overran(), reference.overran());
  }
};

template <uint32_t... N>
void read_random(std::mt19937& random, std::size_t bytes, bool update,
                 std::tuple<Both<N>...> both) {
  std::vector<uint8_t> data(bytes);
  for (auto& byte : data) byte = static_cast<uint8_t>(random());
  SpecifiedDecoder reference(data, update);
  SymbolDecoder decoder(data.data(), data.size(), update);
  for (std::size_t i = 0; i < bytes * 3 + 10 && !testing::Test::HasFatalFailure(); ++i) {
    ASSERT_EQ(decoder.bit(), reference.bit());
    std::apply([&](auto&... one) { (one.read(decoder, reference), ...); }, both);
  }
  EXPECT_TRUE(decoder.overran());
}

TEST(SymbolDecoder, DecodesAndAdaptsAsSpecified) {
  std::mt19937 random(1);
  for (std::size_t bytes : {1, 2, 3, 4, 5, 7, 8, 64, 2000})
    for (bool update : {true, false}) {
      SCOPED_TRACE(bytes);
      read_random(random, bytes, update,
                  std::tuple{Both<2>(random), Both<3>(random), Both<4>(random), Both<5>(random),
                             Both<7>(random), Both<8>(random), Both<10>(random), Both<13>(random),
                             Both<16>(random)});
    }
}

TEST(SymbolDecoder, ReadsNonSymmetricNumbers) {
  // With all bits of a tile 1 every bit is 1, with all of them 0 every bit is 0.
  const std::vector<uint8_t> ones(8, 0xff), zeros(8, 0);
  SymbolDecoder one(ones.data(), ones.size(), true), zero(zeros.data(), zeros.size(), true);
  for (uint32_t n = 1; n <= 8; ++n) {
    EXPECT_EQ(one.non_symmetric(n), n - 1);
    EXPECT_EQ(zero.non_symmetric(n), 0u);
  }
}

}  // namespace
}  // namespace daedalus::av1
