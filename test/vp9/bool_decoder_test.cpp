// SPDX-License-Identifier: MIT
#include "vp9/bool_decoder.h"

#include <gtest/gtest.h>

#include <random>

#include "vp9/stream_writer.h"
#include "vp9/tables.h"

namespace daedalus::vp9 {
namespace {

using test::BoolWriter;

struct Decision {
  bool bit;
  uint32_t probability;
};

std::vector<Decision> random_decisions(std::size_t count, uint32_t seed) {
  std::minstd_rand random(seed);
  std::vector<Decision> decisions(count);
  for (auto& decision : decisions) {
    decision.probability = static_cast<uint32_t>(1 + random() / 16 % 255);
    decision.bit = random() / 16 % 256 >= decision.probability;
  }
  return decisions;
}

std::vector<uint8_t> written(const std::vector<Decision>& decisions) {
  BoolWriter writer;
  for (const auto& decision : decisions) writer.write(decision.bit, decision.probability);
  return writer.finish();
}

TEST(BoolDecoder, ReadsWhatWasWritten) {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    const auto decisions = random_decisions(3000, seed);
    const auto bytes = written(decisions);
    BoolDecoder decoder(bytes.data(), bytes.size());
    ASSERT_FALSE(decoder.read(128));
    for (std::size_t i = 0; i < decisions.size(); ++i) {
      const auto& [bit, probability] = decisions[i];
      ASSERT_EQ(i % 2 ? decoder.read(probability) : decoder.read_bit(probability) != 0, bit)
          << "decision " << i << ", seed " << seed;
    }
    EXPECT_FALSE(decoder.overran());
    EXPECT_LE(decoder.bytes_left(), 4u);
  }
}

TEST(BoolDecoder, ReadsExtremeProbabilities) {
  BoolWriter writer;
  for (int i = 0; i < 2000; ++i) {
    writer.write(i % 3 == 0, 1);
    writer.write(i % 5 == 0, 255);
  }
  const auto bytes = writer.finish();
  BoolDecoder decoder(bytes.data(), bytes.size());
  decoder.read(128);
  for (int i = 0; i < 2000; ++i) {
    ASSERT_EQ(decoder.read(1), i % 3 == 0);
    ASSERT_EQ(decoder.read(255), i % 5 == 0);
  }
}

TEST(BoolDecoder, ReadsNumbersAndSigns) {
  BoolWriter writer;
  writer.literal(0x2a5, 10);
  writer.write(true, 128);
  writer.write(false, 128);
  const auto bytes = writer.finish();
  BoolDecoder decoder(bytes.data(), bytes.size());
  decoder.read(128);
  EXPECT_EQ(decoder.literal(10), 0x2a5u);
  EXPECT_EQ(decoder.with_sign(17), -17);
  EXPECT_EQ(decoder.with_sign(17), 17);
}

TEST(BoolDecoder, ReadsTrees) {
  constexpr uint8_t probabilities[9] = {100, 110, 120, 130, 140, 150, 160, 170, 180};
  BoolWriter writer;
  // d207_pred: the rightmost leaf of the intra modes' tree.
  for (const uint32_t node : {0u, 1u, 2u, 3u, 6u, 7u, 8u}) writer.write(true, probabilities[node]);
  writer.write(false, probabilities[0]);  // dc_pred
  const auto bytes = writer.finish();
  BoolDecoder decoder(bytes.data(), bytes.size());
  decoder.read(128);
  EXPECT_EQ(decoder.tree(intra_mode_tree, probabilities), uint32_t{d207_pred});
  EXPECT_EQ(decoder.tree(intra_mode_tree, probabilities), uint32_t{dc_pred});
}

// Past the end it reads zeros, whatever is in memory there.
TEST(BoolDecoder, ReadsZerosPastTheEnd) {
  for (std::size_t size = 0; size < 12; ++size) {
    std::vector<uint8_t> bytes(size + 16, 0xff), zeros(size + 16, 0);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = zeros[i] = static_cast<uint8_t>(0x35 * i);
    BoolDecoder decoder(bytes.data(), size), expected(zeros.data(), zeros.size());
    for (std::size_t i = 0; i < 8 * size + 60; ++i)
      ASSERT_EQ(decoder.read(128), expected.read(128)) << "decision " << i << " of " << size;
  }
}

TEST(BoolDecoder, KnowsThatItOverran) {
  const std::vector<uint8_t> bytes(5, 0);
  BoolDecoder decoder(bytes.data(), bytes.size());
  for (int i = 0; i < 32; ++i) decoder.read(128);
  EXPECT_FALSE(decoder.overran());
  for (int i = 0; i < 10; ++i) decoder.read(128);
  EXPECT_TRUE(decoder.overran());
  for (int i = 0; i < 1'000'000; ++i) decoder.read(128);
  EXPECT_TRUE(decoder.overran());
}

}  // namespace
}  // namespace daedalus::vp9
