// SPDX-License-Identifier: MIT
// Compares the symbol decoder with a literal version of 8.2 of the specification.
#include "av1/symbol_decoder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <tuple>
#include <vector>

#include "av1/specified_decoder.h"

namespace daedalus::av1 {
namespace {

using test::SpecifiedDecoder;

// One distribution in both forms.
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
  // If all bits of a tile are 1, every decoded bit is 1; if they are 0, every one is 0.
  const std::vector<uint8_t> ones(8, 0xff), zeros(8, 0);
  SymbolDecoder one(ones.data(), ones.size(), true), zero(zeros.data(), zeros.size(), true);
  for (uint32_t n = 1; n <= 8; ++n) {
    EXPECT_EQ(one.non_symmetric(n), n - 1);
    EXPECT_EQ(zero.non_symmetric(n), 0u);
  }
}

}  // namespace
}  // namespace daedalus::av1
