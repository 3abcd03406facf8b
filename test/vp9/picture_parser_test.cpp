// SPDX-License-Identifier: MIT
#include "vp9/picture_parser.h"

#include <gtest/gtest.h>

#include <cstring>
#include <thread>

#include "vp9/job_check.h"
#include "vp9/opened_frame.h"
#include "vp9/stream_writer.h"
#include "vp9/tables.h"
#include "vp9/vectors.h"

namespace daedalus::vp9::test {
namespace {

using Frames = std::vector<std::vector<std::byte>>;

bool shows_existing(const std::vector<std::byte>& frame) {
  return (static_cast<uint32_t>(frame[0]) & 0xe8) == 0x88;
}

// The jobs of a stream's frames, parsed one after another.
std::vector<std::vector<uint32_t>> serial_jobs(const Frames& frames) {
  std::vector<std::vector<uint32_t>> jobs;
  std::shared_ptr<const StreamState> state;
  Slots slots;
  for (const auto& frame : frames) {
    if (shows_existing(frame)) continue;
    OpenedFrame opened(frame, state, slots);
    if (!opened.opened) return {};
    opened.parse();
    if (!opened.parser.finish().empty()) return {};
    jobs.push_back(contents(opened.memory->job));
    state = opened.parser.state();
    slots.refresh(opened.header);
  }
  return jobs;
}

#define FRAMES_OR_SKIP(variable, name)           \
  const Frames variable = test::frames_of(name); \
  if (variable.empty()) GTEST_SKIP() << "no test vectors: set DAEDALUS_VECTORS"

TEST(PictureParser, TileColumnsSideBySide) {
  FRAMES_OR_SKIP(frames, "conformance/vp90-2-08-tile_1x8.webm");
  const auto expected = serial_jobs(frames);
  ASSERT_FALSE(expected.empty());
  std::shared_ptr<const StreamState> state;
  Slots slots;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    OpenedFrame opened(frames[i], state, slots);
    ASSERT_TRUE(opened.opened);
    ASSERT_GT(opened.parser.tile_column_count(), 1u);
    std::vector<std::thread> threads;
    for (std::size_t column = 0; column < opened.parser.tile_column_count(); ++column)
      threads.emplace_back([&opened, column] { opened.parser.parse_tile_column(column); });
    for (auto& thread : threads) thread.join();
    ASSERT_TRUE(opened.parser.finish().empty());
    ASSERT_EQ(contents(opened.memory->job), expected[i]) << "frame " << i;
    state = opened.parser.state();
    slots.refresh(opened.header);
  }
}

// All frames of a group are open, and later frames' tiles begin first.
TEST(PictureParser, FramesFollowEachOther) {
  FRAMES_OR_SKIP(frames, "conformance/vp90-2-08-tile_1x4_frame_parallel.webm");
  const auto expected = serial_jobs(frames);
  ASSERT_FALSE(expected.empty());
  std::shared_ptr<const StreamState> state;
  Slots slots;
  std::vector<std::unique_ptr<OpenedFrame>> group;
  std::size_t next = 0;
  const auto finish_group = [&] {
    std::vector<std::thread> threads;
    for (auto frame = group.rbegin(); frame != group.rend(); ++frame)
      threads.emplace_back([opened = frame->get()] { opened->parse(); });
    for (auto& thread : threads) thread.join();
    for (auto& opened : group) {
      ASSERT_TRUE(opened->parser.finish().empty());
      ASSERT_EQ(contents(opened->memory->job), expected[next]) << "frame " << next;
      ++next;
    }
    group.clear();
  };
  uint32_t overlaps = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    auto opened = std::make_unique<OpenedFrame>(frames[i], state, slots);
    if (!opened->may_begin) {
      finish_group();
      opened = std::make_unique<OpenedFrame>(frames[i], state, slots);
    }
    ASSERT_TRUE(opened->opened) << i;
    overlaps += !group.empty();
    state = opened->parser.state();
    slots.refresh(opened->header);
    group.push_back(std::move(opened));
    if (group.size() == 4) finish_group();
  }
  finish_group();
  EXPECT_EQ(next, expected.size());
  EXPECT_GT(overlaps, frames.size() / 2);
}

TEST(PictureParser, AdaptingFramesWaitForEachOther) {
  FRAMES_OR_SKIP(frames, "conformance/vp90-2-02-size-66x18.webm");
  Slots slots;
  OpenedFrame first(frames[0], nullptr, slots);
  ASSERT_TRUE(first.opened);
  ASSERT_TRUE(first.header.adapts() && first.header.refresh_frame_context);
  slots.refresh(first.header);
  EXPECT_FALSE(OpenedFrame(frames[1], first.parser.state(), slots).may_begin);
  first.parse();
  EXPECT_FALSE(OpenedFrame(frames[1], first.parser.state(), slots).may_begin);
  first.parser.finish();
  EXPECT_TRUE(OpenedFrame(frames[1], first.parser.state(), slots).opened);
}

TEST(PictureParser, InterFrameWithoutAState) {
  FRAMES_OR_SKIP(frames, "conformance/vp90-2-02-size-66x18.webm");
  Slots slots;
  OpenedFrame first(frames[0], nullptr, slots);
  slots.refresh(first.header);
  EXPECT_FALSE(OpenedFrame(frames[1], nullptr, slots).opened);
}

// A state outlives the parser that created it.
TEST(PictureParser, AnotherParserGoesOn) {
  FRAMES_OR_SKIP(frames, "made/aq3-rt.ivf");
  const auto expected = serial_jobs(frames);  // uses a parser for each frame
  PictureParser parser;
  std::shared_ptr<const StreamState> state;
  Slots slots;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    PictureParameters picture{.frame = frames[i], .references = slots.slots()};
    const auto header = PictureParser::read_header(picture, state.get());
    ASSERT_TRUE(header);
    JobMemory memory(PictureParser::room(*header, picture), header->width, header->height);
    ASSERT_TRUE(parser.begin(picture, *header, state, memory.job));
    for (std::size_t column = 0; column < parser.tile_column_count(); ++column)
      parser.parse_tile_column(column);
    ASSERT_TRUE(parser.finish().empty());
    ASSERT_EQ(contents(memory.job), expected[i]) << "frame " << i;
    state = parser.state();
    slots.refresh(*header);
  }
}

TEST(PictureParser, DamageLeavesContextsAsTheyWere) {
  FRAMES_OR_SKIP(others, "conformance/vp90-2-00-quantizer-20.webm");
  Slots slots;
  OpenedFrame key(others[0], nullptr, slots);
  ASSERT_TRUE(key.opened);
  key.parse();
  ASSERT_TRUE(key.parser.finish().empty());
  slots.refresh(key.header);
  const auto state = key.parser.state();
  ASSERT_TRUE(state);

  auto cut = others[1];
  cut.resize(cut.size() / 2);
  OpenedFrame damaged(cut, state, slots);
  ASSERT_TRUE(damaged.opened);
  ASSERT_TRUE(damaged.header.refresh_frame_context && damaged.header.adapts());
  damaged.parse();
  const auto damage = damaged.parser.finish();
  ASSERT_EQ(damage.size(), 1u);
  EXPECT_GT(damage[0].first_row, 0u);
  EXPECT_EQ(damage[0].end_row, 5u);
  EXPECT_EQ(damage[0].first_column, 0u);
  EXPECT_EQ(damage[0].end_column, 6u);
  EXPECT_EQ(first_fault(damaged.memory->job), nullptr);
  const uint32_t context = damaged.header.context();
  const auto& after = damaged.parser.state()->contexts[context]->probabilities();
  EXPECT_EQ(std::memcmp(&after, &state->contexts[context]->probabilities(), sizeof(after)), 0);
}

// A row of pairs of 32x32 blocks: one is a single transform block, the other has 64 of 4x4, each of
// which depends on those to its left, above and above right. So each pair adds 1 + 22 levels to a
// chain; a row of 4x4 transform blocks alone would add 16.
class ChainOfPairs {
 public:
  std::vector<std::byte> frame(uint32_t pairs) {
    BitWriter bits;
    bits.f(2, 2).f(0, 2).f(0, 1).f(0, 1).f(1, 1).f(1, 1);  // a key frame, shown, resilient
    bits.f(0x498342, 24).f(1, 3).f(0, 1);
    bits.f(pairs * 64 - 1, 16).f(31, 16).f(0, 1).f(0, 2);
    bits.f(0, 6).f(0, 3).f(0, 1).f(60, 8).f(0, 3).f(0, 1);  // no loop filter, base_q_idx 60
    bits.f(0, 1).f(0, 1);                                   // one tile
    const auto header = compressed_header(), tile = pairs_of_blocks(pairs);
    bits.f(static_cast<uint32_t>(header.size()), 16);
    std::vector<std::byte> all = bits.bytes();
    for (const auto* part : {&header, &tile})
      for (const uint8_t byte : *part) all.push_back(std::byte{byte});
    return all;
  }

 private:
  static std::vector<uint8_t> compressed_header() {
    BoolWriter writer;
    writer.literal(7, 3);  // TX_MODE_SELECT
    for (int i = 0; i < 2 * (1 + 2 + 3); ++i) writer.write(false, 252);
    for (int i = 0; i < 4; ++i) writer.write(false, 128);  // no coefficient updates
    for (int i = 0; i < 3; ++i) writer.write(false, 252);  // skip
    return writer.finish();
  }

  std::vector<uint8_t> pairs_of_blocks(uint32_t pairs) {
    for (uint32_t pair = 0; pair < pairs; ++pair) {
      // The superblock's lower half is outside, so it is split.
      writer_.write(true, default_intra_partition_probs[12 + (pair == 0 ? 0 : 2)][1]);
      block(false);
      block(true);
    }
    return writer_.finish();
  }

  void block(bool of_4x4) {
    writer_.write(false, default_intra_partition_probs[8][0]);
    writer_.write(true, probabilities_.skip[is_first_ ? 0 : 1]);
    is_first_ = false;
    const auto& sizes = probabilities_.tx_32x32[1];
    writer_.write(!of_4x4, sizes[0]);
    for (std::size_t i = 1; i < 3 && !of_4x4; ++i) writer_.write(true, sizes[i]);
    writer_.write(false, default_intra_mode_probs[dc_pred][dc_pred][0]);
    writer_.write(false, default_intra_uv_mode_probs[dc_pred][0]);
  }

  const Probabilities probabilities_ = default_probabilities();
  BoolWriter writer_;
  bool is_first_ = true;
};

TEST(PictureParser, LongestChainsOfIntraBlocks) {
  constexpr uint32_t pairs = 8;
  const auto frame = ChainOfPairs().frame(pairs);
  OpenedFrame opened(frame, nullptr, Slots());
  ASSERT_TRUE(opened.opened);
  opened.parse();
  ASSERT_TRUE(opened.parser.finish().empty());
  EXPECT_EQ(first_fault(opened.memory->job), nullptr);
  EXPECT_EQ(intra_level_count(opened.memory->job.luma_intra_levels), pairs * 23);
}

TEST(PictureParser, ConcealsFromAReference) {
  PictureParameters picture;
  picture.references[5] = {true, 100, 70, 8};
  PictureParser parser;
  JobMemory memory(max_room(100, 70), 100, 70);
  parser.conceal(picture, 100, 70, 8, memory.job);
  EXPECT_EQ(first_fault(memory.job), nullptr);
  EXPECT_EQ(parser.reference_slots()[0], 5);
  EXPECT_EQ(memory.job.references[0].width, 100u);
  EXPECT_EQ(memory.job.block_classes[15].unscaled, 4u);
  EXPECT_FALSE(memory.job.filters);
}

TEST(PictureParser, ConcealsWithoutAReference) {
  PictureParameters picture;
  picture.references[5] = {true, 100, 71, 8};
  PictureParser parser;
  JobMemory memory(max_room(100, 70), 100, 70);
  parser.conceal(picture, 100, 70, 8, memory.job);
  EXPECT_EQ(first_fault(memory.job), nullptr);
  EXPECT_EQ(memory.job.references[0].width, 0u);
  EXPECT_EQ(memory.job.block_classes[15].intra, 4u);
}

}  // namespace
}  // namespace daedalus::vp9::test
