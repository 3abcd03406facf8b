// SPDX-License-Identifier: MIT
#include "h264/rbsp.h"

#include <gtest/gtest.h>

#include <random>

#include "h264/bit_reader.h"

namespace daedalus::h264 {
namespace {

std::vector<std::byte> bytes_of(std::initializer_list<int> values) {
  std::vector<std::byte> bytes;
  for (int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

std::vector<std::byte> contents(const Rbsp& rbsp) {
  const auto* begin = reinterpret_cast<const std::byte*>(rbsp.data());
  return {begin, begin + rbsp.size()};
}

TEST(Rbsp, RemovesEmulationPrevention) {
  Rbsp rbsp;
  rbsp.assign(bytes_of({0x65, 0, 0, 3, 1, 0, 0, 3, 0, 0, 3, 3, 0x80}));
  EXPECT_EQ(contents(rbsp), bytes_of({0x65, 0, 0, 1, 0, 0, 0, 0, 3, 0x80}));
}

TEST(Rbsp, KeepsOtherThrees) {
  Rbsp rbsp;
  const auto bytes = bytes_of({3, 0, 3, 0, 1, 3, 0, 0, 4, 3});
  rbsp.assign(bytes);
  EXPECT_EQ(contents(rbsp), bytes);
}

TEST(Rbsp, DropsOneAtTheEnd) {
  Rbsp rbsp;
  rbsp.assign(bytes_of({0x80, 0, 0, 3}));  // cabac_zero_words end like this
  EXPECT_EQ(contents(rbsp), bytes_of({0x80, 0, 0}));
  EXPECT_EQ(rbsp.stop_bit(), 0u);
}

TEST(Rbsp, FindsTheStopBit) {
  Rbsp rbsp;
  rbsp.assign(bytes_of({0xff, 0x28, 0, 0}));
  EXPECT_EQ(rbsp.stop_bit(), 12u);
  rbsp.assign(bytes_of({0, 0}));
  EXPECT_EQ(rbsp.stop_bit(), 0u);
  rbsp.assign({});
  EXPECT_EQ(rbsp.size(), 0u);
}

TEST(Rbsp, RemovesWhatAnEncoderInserts) {
  std::mt19937 random(2);
  Rbsp rbsp;
  for (int round = 0; round < 300; ++round) {
    std::vector<std::byte> payload, nal_unit;
    int zeros = 0;
    for (auto count = random() % 300; count > 0; --count) {
      // Few values, so that runs of zeros are common.
      const auto byte = static_cast<std::byte>(random() % 3 == 0 ? random() % 5 : 0);
      payload.push_back(byte);
      if (zeros == 2 && static_cast<int>(byte) <= 3) {
        nal_unit.push_back(std::byte{3});
        zeros = 0;
      }
      nal_unit.push_back(byte);
      zeros = byte == std::byte{0} ? zeros + 1 : 0;
    }
    rbsp.assign(nal_unit);
    ASSERT_EQ(contents(rbsp), payload);
    for (std::size_t i = 0; i < rbsp_padding; ++i) ASSERT_EQ(rbsp.data()[rbsp.size() + i], 0);
  }
}

}  // namespace
}  // namespace daedalus::h264
