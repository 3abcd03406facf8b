// SPDX-License-Identifier: MIT
// Truncated streams and streams with flipped bits: every job keeps its guarantees to the GPU, and a
// key frame ends all damage.
#include <gtest/gtest.h>

#include <random>

#include "vp9/job_check.h"
#include "vp9/opened_frame.h"
#include "vp9/vectors.h"

namespace daedalus::vp9::test {
namespace {

using Frames = std::vector<std::vector<std::byte>>;

// What became of a stream's frames.
struct Outcome {
  uint32_t decoded = 0, damaged = 0, refused = 0;
};

void decode(const Frames& frames, Outcome& outcome) {
  std::shared_ptr<const StreamState> state;
  Slots slots;
  for (const auto& frame : frames) {
    OpenedFrame opened(frame, state, slots);
    if (!opened.opened) {
      ++outcome.refused;
      continue;
    }
    opened.parse();
    const auto damage = opened.parser.finish();
    const char* const fault = first_fault(opened.memory->job);
    ASSERT_EQ(fault, nullptr) << fault;
    ++outcome.decoded;
    outcome.damaged += !damage.empty();
    state = opened.parser.state();
    slots.refresh(opened.header);
  }
}

class HostileStreams : public testing::TestWithParam<const char*> {
 protected:
  // Only the first frames: later ones add only time.
  static Frames frames() {
    Frames frames = frames_of(GetParam());
    if (frames.size() > 6) frames.resize(6);
    return frames;
  }
};

#define FRAMES_OR_SKIP(variable)                    \
  const Frames variable = HostileStreams::frames(); \
  if (variable.empty()) GTEST_SKIP() << "no test vectors: set DAEDALUS_VECTORS"

TEST_P(HostileStreams, Truncated) {
  FRAMES_OR_SKIP(whole);
  Outcome outcome;
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (uint32_t part = 0; part < 16; ++part) {
      Frames frames = whole;
      frames[i].resize(frames[i].size() * part / 16);
      ASSERT_NO_FATAL_FAILURE(decode(frames, outcome)) << "frame " << i << ", part " << part;
    }
  EXPECT_GT(outcome.damaged, 0u);
  EXPECT_GT(outcome.refused, 0u);
}

TEST_P(HostileStreams, FlippedBits) {
  FRAMES_OR_SKIP(whole);
  std::mt19937 random(11);
  Outcome outcome;
  for (uint32_t run = 0; run < 60; ++run) {
    Frames frames = whole;
    for (uint32_t flip = 0; flip < 1u << run % 6; ++flip) {
      auto& frame = frames[random() % frames.size()];
      // Damages only headers every other time.
      const std::size_t range = run % 2 ? frame.size() : std::min<std::size_t>(frame.size(), 100);
      frame[random() % range] ^= static_cast<std::byte>(1 << random() % 8);
    }
    ASSERT_NO_FATAL_FAILURE(decode(frames, outcome)) << "run " << run;
  }
  EXPECT_GT(outcome.decoded, 0u);
}

TEST_P(HostileStreams, RandomTiles) {
  FRAMES_OR_SKIP(whole);
  std::mt19937 random(12);
  Outcome outcome;
  for (uint32_t run = 0; run < 30; ++run) {
    Frames frames = whole;
    for (auto& frame : frames)
      for (std::size_t i = frame.size() / 8 + random() % frame.size(); i < frame.size(); ++i)
        frame[i] = static_cast<std::byte>(random());
    ASSERT_NO_FATAL_FAILURE(decode(frames, outcome)) << "run " << run;
  }
  EXPECT_GT(outcome.decoded, 0u);
}

TEST_P(HostileStreams, AKeyFrameEndsAllDamage) {
  FRAMES_OR_SKIP(whole);
  Slots no_slots;
  OpenedFrame expected(whole[0], nullptr, no_slots);
  ASSERT_TRUE(expected.opened);
  if (!expected.header.key_frame) GTEST_SKIP() << "begins without a key frame";
  expected.parse();
  expected.parser.finish();
  const auto job = contents(expected.memory->job);

  std::mt19937 random(13);
  std::shared_ptr<const StreamState> state;
  Slots slots;
  for (const auto& frame : whole) {
    auto broken = frame;
    for (std::size_t i = broken.size() / 4; i < broken.size(); i += 1 + random() % 100)
      broken[i] ^= std::byte{16};
    OpenedFrame opened(broken, state, slots);
    if (!opened.opened) continue;
    opened.parse();
    opened.parser.finish();
    state = opened.parser.state();
    slots.refresh(opened.header);
  }
  OpenedFrame again(whole[0], state, slots);
  ASSERT_TRUE(again.opened);
  again.parse();
  EXPECT_TRUE(again.parser.finish().empty());
  EXPECT_EQ(contents(again.memory->job), job);
}

std::string test_name(const testing::TestParamInfo<const char*>& info) {
  std::string name = info.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(c); }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Sample, HostileStreams,
                         testing::Values("conformance/vp90-2-02-size-64x66.webm",
                                         "conformance/vp90-2-02-size-130x132.webm",
                                         "conformance/vp90-2-16-intra-only.webm", "made/aq3-rt.ivf",
                                         "made/multi-arf.ivf", "made/p2-10bit-rt-aq3.ivf",
                                         "made/tiles-4x4-1030x70.ivf",
                                         "reported/segmentation-and-scale.ivf"),
                         test_name);

}  // namespace
}  // namespace daedalus::vp9::test
