// SPDX-License-Identifier: MIT
#include "h264/bit_reader.h"

#include <gtest/gtest.h>

#include <random>

#include "bit_writer.h"

namespace daedalus::h264 {
namespace {

std::vector<uint8_t> padded(const BitWriter& writer) {
  std::vector<uint8_t> bytes;
  for (std::byte byte : writer.bytes()) bytes.push_back(static_cast<uint8_t>(byte));
  bytes.resize(bytes.size() + rbsp_padding);
  return bytes;
}

TEST(BitReader, ReadsWhatWasWritten) {
  std::mt19937 random(1);
  BitWriter writer;
  std::vector<std::pair<uint32_t, uint32_t>> written;
  for (int i = 0; i < 2000; ++i) {
    const uint32_t count = random() % 32 + 1;
    const uint32_t value = static_cast<uint32_t>(random()) >> (32 - count);
    writer.bits(value, count);
    written.emplace_back(value, count);
  }
  const auto bytes = padded(writer);
  BitReader reader(bytes.data(), 0);
  std::size_t position = 0;
  for (const auto& [value, count] : written) {
    ASSERT_EQ(reader.position(), position);
    ASSERT_EQ(reader.bits(count), value);
    position += count;
  }
}

TEST(BitReader, StartsAtAnyBit) {
  const auto bytes = padded(BitWriter().bits(0xdeadbeef, 32));
  for (uint32_t first = 0; first < 32; ++first) {
    BitReader reader(bytes.data(), first);
    EXPECT_EQ(reader.position(), first);
    EXPECT_EQ(reader.bits(32 - first), 0xdeadbeef & (0xffffffffu >> first)) << first;
  }
}

TEST(BitReader, ExpGolomb) {
  BitWriter writer;
  for (uint32_t value = 0; value < 300; ++value) writer.ue(value);
  writer.ue((1u << 24) - 1);
  for (int32_t value = -300; value < 300; ++value) writer.se(value);
  const auto bytes = padded(writer);
  BitReader reader(bytes.data(), 0);
  for (uint32_t value = 0; value < 300; ++value) ASSERT_EQ(reader.ue(), value);
  EXPECT_EQ(reader.ue(), (1u << 24) - 1);
  for (int32_t value = -300; value < 300; ++value) ASSERT_EQ(reader.se(), value);
  EXPECT_FALSE(reader.broken());
}

TEST(BitReader, TruncatedExpGolomb) {
  const auto bytes = padded(BitWriter().bits("0").bits("1").ue(5));
  BitReader reader(bytes.data(), 0);
  EXPECT_EQ(reader.te(1), 1u);
  EXPECT_EQ(reader.te(1), 0u);
  EXPECT_EQ(reader.te(7), 5u);
}

TEST(BitReader, OverlongCodeIsBroken) {
  const auto bytes = padded(BitWriter().bits(0, 25).bits(1, 1).bits(0, 25));
  BitReader reader(bytes.data(), 0);
  EXPECT_EQ(reader.ue(), 0u);
  EXPECT_TRUE(reader.broken());
}

}  // namespace
}  // namespace daedalus::h264
