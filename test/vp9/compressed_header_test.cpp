// SPDX-License-Identifier: MIT
#include "vp9/compressed_header.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "vp9/stream_writer.h"

namespace daedalus::vp9 {
namespace {

using test::BoolWriter;

constexpr uint32_t update_prob = 252;

class CompressedHeaderTest : public testing::Test {
 protected:
  CompressedHeaderTest() {
    header.key_frame = true;
    header.quantizer.base_q_idx = 50;
  }
  Result<CompressedHeader> parse(BoolWriter& writer) {
    const auto bytes = writer.finish();
    return parse_compressed_header(std::as_bytes(std::span(bytes)), header, probabilities);
  }
  // Writes no further updates, as many as any header has.
  static void no_updates(BoolWriter& writer) {
    for (int i = 0; i < 3000; ++i) writer.write(false, update_prob);
  }

  UncompressedHeader header;
  const Probabilities before = default_probabilities();
  Probabilities probabilities = before;
};

TEST_F(CompressedHeaderTest, WithoutUpdates) {
  BoolWriter writer;
  writer.literal(1, 2);  // ALLOW_8X8
  writer.write(false, 128);
  writer.write(false, 128);
  no_updates(writer);
  const auto result = parse(writer);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->tx_mode, allow_8x8);
  EXPECT_EQ(result->reference_mode, single_reference);
  EXPECT_EQ(std::memcmp(&probabilities, &before, sizeof(before)), 0);
}

TEST_F(CompressedHeaderTest, LosslessFramesCodeNoTransformMode) {
  header.quantizer = {};
  BoolWriter writer;
  writer.write(false, 128);
  no_updates(writer);
  const auto result = parse(writer);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->tx_mode, only_4x4);
}

// Small deltas are large steps: the first entry of inv_map_table is 7.
TEST_F(CompressedHeaderTest, Deltas) {
  BoolWriter writer;
  writer.literal(3, 2);
  writer.write(true, 128);          // TX_MODE_SELECT
  writer.write(true, update_prob);  // tx_8x8[0]: 100
  writer.write(false, 128);
  writer.literal(0, 4);
  writer.write(false, update_prob);  // tx_8x8[1]
  for (int i = 0; i < 4 + 6; ++i) writer.write(false, update_prob);
  for (int i = 0; i < 4; ++i) writer.write(false, 128);  // no coefficient updates
  writer.write(true, update_prob);                       // skip[0]: 192
  for (int i = 0; i < 3; ++i) writer.write(true, 128);
  writer.literal(127, 7);  // the last code, including its extra bit: 253
  writer.write(true, 128);
  no_updates(writer);
  const auto result = parse(writer);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->tx_mode, tx_mode_select);
  EXPECT_EQ(probabilities.tx_8x8[0][0], 100 - 4);
  EXPECT_EQ(probabilities.tx_8x8[1], before.tx_8x8[1]);
  EXPECT_EQ(probabilities.skip[0], 2);
  EXPECT_EQ(probabilities.skip[1], before.skip[1]);
}

TEST_F(CompressedHeaderTest, ReferenceModeNeedsASignBias) {
  header.key_frame = false;
  header.ref_frame_sign_bias[altref_frame] = true;
  const auto write = [](BoolWriter& writer) {
    writer.literal(0, 2);
    writer.write(false, 128);
    for (int i = 0; i < 3 + 21 + 4; ++i) writer.write(false, update_prob);
    writer.write(true, 128);
    writer.write(true, 128);
    no_updates(writer);
  };
  BoolWriter writer;
  write(writer);
  auto result = parse(writer);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->reference_mode, reference_mode_select);
  header.ref_frame_sign_bias = {};
  BoolWriter same;
  write(same);
  result = parse(same);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->reference_mode, single_reference);
}

TEST_F(CompressedHeaderTest, MarkerAndEnd) {
  const std::vector<std::byte> marked(20, std::byte{0xff});
  EXPECT_FALSE(parse_compressed_header(marked, header, probabilities));
  const std::vector<std::byte> short_one = {std::byte{0x7f}, std::byte{0xff}};
  EXPECT_FALSE(parse_compressed_header(short_one, header, probabilities));
  EXPECT_FALSE(parse_compressed_header({}, header, probabilities));
}

// No probability becomes 0, whatever the header contains.
TEST_F(CompressedHeaderTest, RandomBits) {
  std::mt19937 random(3);
  header.key_frame = false;
  header.interp_filter = switchable;
  header.allow_high_precision_mv = true;
  header.ref_frame_sign_bias[golden_frame] = true;
  for (int run = 0; run < 2000; ++run) {
    std::vector<std::byte> bytes(2000);
    for (auto& byte : bytes) byte = static_cast<std::byte>(random());
    bytes[0] &= std::byte{0x7f};
    probabilities = before;
    if (!parse_compressed_header(bytes, header, probabilities)) continue;
    const auto& bands = probabilities.coef[random() % 4][random() % 2][random() % 2];
    for (std::size_t context = 6; context < coefficient_contexts; ++context)
      for (std::size_t i = 0; i < 3; ++i) ASSERT_NE(bands[context][i], 0);
    for (const uint8_t prob : probabilities.skip) ASSERT_NE(prob, 0);
    for (const auto& component : probabilities.mv) ASSERT_NE(component.hp, 0);
  }
}

}  // namespace
}  // namespace daedalus::vp9
