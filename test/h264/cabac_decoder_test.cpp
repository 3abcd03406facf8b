// SPDX-License-Identifier: MIT
// Compares the engine with one that follows H.264 9.3.1.2 and 9.3.3.2 literally, bit by bit.
#include "h264/cabac_decoder.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "h264/cabac_contexts.h"

namespace daedalus::h264 {
namespace {

uint32_t range_lps(uint32_t state, uint32_t quarter) {
  return cabac::steps[state] >> (55 - 8 * quarter) & 255;
}
CabacState next_state_mps(uint32_t state) {
  return static_cast<CabacState>(cabac::steps[state]);
}
CabacState next_state_lps(uint32_t state) {
  return static_cast<CabacState>(cabac::steps[state] >> 8);
}

class SpecificationDecoder {
 public:
  explicit SpecificationDecoder(const std::vector<uint8_t>& bytes) : bytes_(bytes) {
    for (int i = 0; i < 9; ++i) offset_ = offset_ << 1 | read_bit();
  }
  uint32_t decision(CabacState& state) {
    const auto before = static_cast<uint32_t>(state);
    const uint32_t lps = range_lps(before, range_ >> 6 & 3);
    uint32_t bin = before & 1;
    range_ -= lps;
    if (offset_ >= range_) {
      bin ^= 1;
      offset_ -= range_;
      range_ = lps;
      state = next_state_lps(before);
    } else {
      state = next_state_mps(before);
    }
    renormalise();
    return bin;
  }
  uint32_t bypass() {
    offset_ = offset_ << 1 | read_bit();
    if (offset_ < range_) return 0;
    offset_ -= range_;
    return 1;
  }
  bool terminate() {
    range_ -= 2;
    if (offset_ >= range_) return true;
    renormalise();
    return false;
  }
  std::size_t position() const { return position_; }

 private:
  uint32_t read_bit() {
    const std::size_t byte = position_ / 8;
    const uint32_t bit = byte < bytes_.size() ? bytes_[byte] >> (7 - position_ % 8) & 1 : 0;
    ++position_;
    return bit;
  }
  void renormalise() {
    for (; range_ < 256; range_ <<= 1) offset_ = offset_ << 1 | read_bit();
  }

  const std::vector<uint8_t>& bytes_;
  std::size_t position_ = 0;
  uint32_t range_ = 510, offset_ = 0;
};

TEST(CabacDecoder, DecodesAsTheSpecificationSays) {
  std::mt19937 random(3);
  for (int round = 0; round < 50; ++round) {
    std::vector<uint8_t> bytes(4000 + rbsp_padding);
    for (int i = 0; i < 4000; ++i)
      bytes[static_cast<std::size_t>(i)] = static_cast<uint8_t>(random());
    bytes[0] &= 0x7f;  // codIOffset of 510 and above is not allowed
    CabacDecoder decoder(bytes.data(), 0);
    SpecificationDecoder specification(bytes);
    ASSERT_TRUE(decoder.valid());
    std::array<CabacState, 40> states, expected_states;
    for (auto& one : states) one = static_cast<CabacState>(random() % 126);
    expected_states = states;
    while (specification.position() < 4000 * 8) {
      const uint32_t kind = random() % 16;
      if (kind < 11) {
        const std::size_t i = random() % states.size();
        ASSERT_EQ(decoder.decision(states[i]), specification.decision(expected_states[i]));
      } else if (kind < 15) {
        ASSERT_EQ(decoder.bypass(), specification.bypass());
      } else {
        const bool ends = specification.terminate();
        ASSERT_EQ(decoder.terminate(), ends);
        if (ends) {
          ASSERT_EQ(decoder.position(), specification.position());
          break;
        }
      }
      ASSERT_EQ(decoder.position(), specification.position());
    }
    EXPECT_EQ(states, expected_states);
  }
}

TEST(CabacDecoder, Signs) {
  std::vector<uint8_t> bytes(100 + rbsp_padding, 0x35);
  CabacDecoder decoder(bytes.data(), 0);
  SpecificationDecoder specification(bytes);
  for (int i = 0; i < 500; ++i) ASSERT_EQ(decoder.with_sign(i), specification.bypass() ? -i : i);
}

TEST(CabacDecoder, StartsAtAByte) {
  std::vector<uint8_t> bytes(100 + rbsp_padding, 0x55);
  CabacDecoder decoder(bytes.data(), 17);
  EXPECT_EQ(decoder.position(), 17u * 8 + 9);
}

constexpr CabacState state(uint32_t p_state_idx, uint32_t val_mps) {
  return static_cast<CabacState>(p_state_idx << 1 | val_mps);
}

TEST(CabacTables, TransitionsStayWithinTheStates) {
  for (uint32_t before = 0; before < 126; ++before) {
    const auto after = static_cast<uint32_t>(next_state_mps(before));
    EXPECT_LT(after, 126u);
    EXPECT_LT(static_cast<uint32_t>(next_state_lps(before)), 126u);
    // A more probable symbol costs less.
    for (uint32_t quarter = 0; quarter < 4; ++quarter)
      EXPECT_LE(range_lps(after, quarter), range_lps(before, quarter));
  }
  EXPECT_EQ(next_state_lps(0), state(0, 1));
  EXPECT_EQ(next_state_lps(1), state(0, 0));
}

TEST(CabacTables, InitialStates) {
  cabac::Contexts contexts;
  cabac::initialise(contexts, SliceType::i, 0, 26, true);
  // ctxIdx 3: m = 20, n = -15: preCtxState 17; ctxIdx 60: m = 0, n = 41.
  EXPECT_EQ(contexts[3], state(63 - 17, 0));
  EXPECT_EQ(contexts[60], state(63 - 41, 0));
  // ctxIdx 11 with cabac_init_idc 1: m = 22, n = 25: preCtxState 25 + (22 * 30 >> 4) = 66.
  cabac::initialise(contexts, SliceType::p, 1, 30, true);
  EXPECT_EQ(contexts[11], state(66 - 64, 1));
  for (int qp = 0; qp < 52; ++qp) {
    for (uint32_t idc = 0; idc < 3; ++idc) {
      cabac::initialise(contexts, SliceType::b, idc, qp, true);
      for (CabacState one : contexts) ASSERT_LT(static_cast<uint32_t>(one), 126u);
    }
  }
}

}  // namespace
}  // namespace daedalus::h264
