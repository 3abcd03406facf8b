// SPDX-License-Identifier: MIT
// The entropy stage on whole streams: frames in parallel, damaged, and without references.
#include "av1/picture_parser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <deque>
#include <functional>
#include <random>
#include <string>

#include "av1/cdf.h"
#include "av1/job_contents.h"
#include "av1/opened_frame.h"
#include "av1/vectors.h"

namespace daedalus::av1::test {
namespace {

// A frame's job, as a hash, and the state that it leaves.
struct Fingerprint {
  uint64_t job;
  CdfContext cdfs;
  std::vector<uint8_t> segment_ids;

  bool operator==(const Fingerprint&) const = default;
};
using Fingerprints = std::vector<Fingerprint>;

Fingerprint fingerprint(const OpenedFrame& frame) {
  const SavedFrame& saved = *frame.parser.state();
  return {hash(frame.memory.job), *saved.cdfs, saved.segment_ids};
}

// Calls `on_frame` for each coded frame, and `on_existing` for each frame that is shown again.
void read_frames(const std::vector<std::vector<std::byte>>& units,
                 const std::function<void(const CodedFrame&)>& on_frame,
                 const std::function<void(const CodedFrame&)>& on_existing) {
  ObuReader reader;
  for (const auto& unit : units)
    reader.read(unit, [&](const CodedFrame& frame) {
      frame.show_existing_frame ? on_existing(frame) : on_frame(frame);
    });
}

// `change`, if any, changes each frame before it is parsed.
Fingerprints fingerprints(const std::vector<std::vector<std::byte>>& units,
                          const std::function<void(CodedFrame&)>& change = {}) {
  Fingerprints all;
  SavedSlots slots;
  read_frames(
      units,
      [&](CodedFrame frame) {
        if (change) change(frame);
        OpenedFrame opened(frame, slots.references(frame));
        opened.parse();
        EXPECT_TRUE(opened.opened);
        EXPECT_TRUE(opened.damage.empty());
        all.push_back(fingerprint(opened));
        slots.refresh(frame, opened.parser.state());
      },
      [&](const CodedFrame& frame) { slots.show_existing(frame); });
  return all;
}

// Parses frames in parallel: they follow each other's CDFs, vectors and segment ids.
Fingerprints fingerprints_side_by_side(const std::vector<std::vector<std::byte>>& units,
                                       std::size_t at_once) {
  Fingerprints all;
  SavedSlots slots;
  std::deque<std::unique_ptr<OpenedFrame>> running;
  const auto finish_first = [&] {
    OpenedFrame& first = *running.front();
    first.finish();
    EXPECT_TRUE(first.opened && first.damage.empty());
    all.push_back(fingerprint(first));
    running.pop_front();
  };
  read_frames(
      units,
      [&](const CodedFrame& frame) {
        if (running.size() == at_once) finish_first();
        running.push_back(std::make_unique<OpenedFrame>(frame, slots.references(frame)));
        running.back()->start();
        slots.refresh(frame, running.back()->parser.state());
      },
      [&](const CodedFrame& frame) { slots.show_existing(frame); });
  while (!running.empty()) finish_first();
  return all;
}

class PictureParserStreams : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    units_ = units_of(vector_file(GetParam()));
    if (units_.empty())
      GTEST_SKIP() << "no test vectors: set DAEDALUS_VECTORS to a folder that has them";
  }
  std::vector<std::vector<std::byte>> units_;
};

TEST_P(PictureParserStreams, FramesSideBySideAreTheSame) {
  EXPECT_TRUE(fingerprints(units_) == fingerprints_side_by_side(units_, 4));
}

// Whatever a tile contains, it is parsed to its end or concealed, and later frames are decoded.
TEST_P(PictureParserStreams, SurviveBrokenTiles) {
  std::mt19937 random(7);
  SavedSlots slots;
  uint32_t damaged = 0;
  read_frames(
      units_,
      [&](const CodedFrame& frame) {
        std::vector<std::vector<std::byte>> tiles;
        CodedFrame broken = frame;
        for (TileData& tile : broken.picture.tiles) {
          auto& bytes = tiles.emplace_back(tile.bytes.begin(), tile.bytes.end());
          for (uint32_t i = 0; i < 3; ++i)
            bytes[random() % bytes.size()] ^= std::byte{1} << random() % 8;
          if (random() % 4 == 0) bytes.resize(bytes.size() / 2 + 1);
          tile.bytes = bytes;
        }
        OpenedFrame opened(broken, slots.references(frame));
        opened.parse();
        damaged += !opened.damage.empty();
        slots.refresh(frame, opened.parser.state());
        EXPECT_TRUE(opened.parser.state()->finished());
        EXPECT_TRUE(opened.parser.state()->cdfs_ready());
      },
      [&](const CodedFrame& frame) { slots.show_existing(frame); });
  EXPECT_GT(damaged, 0u);
}

INSTANTIATE_TEST_SUITE_P(Sample, PictureParserStreams,
                         testing::Values("conformance/Syntax_AV1_mainb8ss420_432x240_004.ivf",
                                         "conformance/av1-1-b8-03-sizeup.ivf",
                                         "conformance/dav1d-8bit-00000543.ivf", "made/aq1-seg.ivf",
                                         "made/deltaq-deltalf.ivf", "made/tiles-4x2-groups4.ivf",
                                         "made/screen-palette-intrabc.ivf",
                                         "made/slow-alltools-10bit.ivf"),
                         [](const testing::TestParamInfo<const char*>& stream) {
                           std::string name = stream.param;
                           for (char& c : name)
                             if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
                           return name;
                         });

// A client's parameters may ask for restoration that 5.9.20 rules out: lossless frames have none.
TEST(PictureParser, LosslessFramesHaveNoRestoration) {
  const auto units = units_of(vector_file("made/lossless.ivf"));
  if (units.empty())
    GTEST_SKIP() << "no test vectors: set DAEDALUS_VECTORS to a folder that has them";
  const auto fingerprints_with = [&](Restoration restoration) {
    return fingerprints(units, [&](CodedFrame& frame) {
      frame.picture.restoration.fill(restoration);
      frame.picture.restoration_size_log2 = {6, 5, 5};
    });
  };
  EXPECT_TRUE(fingerprints_with(Restoration::none) == fingerprints_with(Restoration::switchable));
}

// Concealment happens while a frame is opened, where threads may not wait for other frames.
TEST(PictureParser, ConcealsWithoutWaitingForReferences) {
  const auto units = units_of(vector_file("made/slow-alltools-10bit.ivf"));
  if (units.empty())
    GTEST_SKIP() << "no test vectors: set DAEDALUS_VECTORS to a folder that has them";
  SavedSlots slots;
  std::deque<OpenedFrame> unparsed;
  uint32_t concealed = 0;
  read_frames(
      units,
      [&](const CodedFrame& frame) {
        auto references = slots.references(frame);
        unparsed.emplace_back(frame, references);
        slots.refresh(frame, unparsed.back().parser.state());
        if (!frame.picture.use_ref_frame_mvs || frame.picture.primary_ref_frame == primary_ref_none)
          return;
        references[frame.picture.primary_ref_frame].reset();
        OpenedFrame lost(frame, references);
        concealed += !lost.opened;
        EXPECT_TRUE(lost.parser.state()->finished());
      },
      [&](const CodedFrame& frame) { slots.show_existing(frame); });
  EXPECT_GT(concealed, 0u);
  for (OpenedFrame& frame : unparsed) frame.parser.give_up();
}

class PictureParserDamage : public testing::Test {
 protected:
  // The first frames of a stream with tiles, one of which is modified.
  void SetUp() override {
    const auto units = units_of(vector_file("made/tiles-4x2-groups4.ivf"));
    if (units.empty())
      GTEST_SKIP() << "no test vectors: set DAEDALUS_VECTORS to a folder that has them";
    units_ = units;
    read_frames(
        units_, [&](const CodedFrame& frame) { frames_.push_back(frame); },
        [](const CodedFrame&) {});
    ASSERT_GE(frames_.size(), 2u);
    ASSERT_GE(frames_[0].picture.tiles.size(), 4u);
  }
  std::vector<std::vector<std::byte>> units_;
  std::vector<CodedFrame> frames_;
};

TEST_F(PictureParserDamage, MissingTilesAreConcealed) {
  CodedFrame frame = frames_[0];
  const TileData lost = frame.picture.tiles[1];
  frame.picture.tiles.erase(frame.picture.tiles.begin() + 1);
  OpenedFrame opened(frame, {});
  opened.parse();
  ASSERT_EQ(opened.damage.size(), 1u);
  const uint32_t squares = frame.picture.superblock_log2() == 7 ? 2 : 1;
  EXPECT_EQ(opened.damage[0].first_row, frame.picture.tile_row_starts[lost.row] * squares);
  EXPECT_EQ(opened.damage[0].first_column, frame.picture.tile_column_starts[lost.column] * squares);
}

TEST_F(PictureParserDamage, TilesThatAreThereTwiceAreConcealed) {
  CodedFrame frame = frames_[0];
  frame.picture.tiles.push_back(frame.picture.tiles[2]);
  OpenedFrame opened(frame, {});
  opened.parse();
  EXPECT_EQ(opened.damage.size(), 1u);
}

TEST_F(PictureParserDamage, FramesWithoutTheirPrimaryReferenceAreConcealed) {
  const auto with_primary = std::find_if(
      frames_.begin(), frames_.end(),
      [](const CodedFrame& frame) { return frame.picture.primary_ref_frame != primary_ref_none; });
  ASSERT_NE(with_primary, frames_.end());
  OpenedFrame opened(*with_primary, {});
  EXPECT_FALSE(opened.opened);
  ASSERT_TRUE(opened.parser.state()->finished());
  EXPECT_TRUE(opened.parser.state()->cdfs_ready());
  EXPECT_GT(opened.memory.job.block_count, 0u);
}

// A frame opened before its primary reference is parsed does not hang if that one fails.
TEST_F(PictureParserDamage, FramesThatAreGivenUpLeaveCdfs) {
  CodedFrame frame = frames_[1];
  frame.picture.primary_ref_frame = 0;
  SavedSlots slots;
  OpenedFrame first(frames_[0], {});
  slots.refresh(frames_[0], first.parser.state());
  EXPECT_TRUE(first.parser.may_parse());
  OpenedFrame given_up(frame, slots.references(frame));
  EXPECT_TRUE(given_up.opened);
  EXPECT_FALSE(given_up.parser.may_parse());
  given_up.parser.give_up();
  EXPECT_TRUE(given_up.parser.state()->cdfs_ready());
  EXPECT_TRUE(given_up.parser.state()->finished());

  OpenedFrame second(frame, slots.references(frame));
  first.parser.give_up();
  EXPECT_TRUE(second.parser.may_parse());
  second.parse();
  EXPECT_TRUE(second.parser.state()->cdfs_ready());
}

TEST_F(PictureParserDamage, LostReferencesHaveSubstitutes) {
  SavedSlots slots;
  OpenedFrame key(frames_[0], {});
  key.parse();
  slots.refresh(frames_[0], key.parser.state());
  CodedFrame frame = frames_[1];
  ASSERT_FALSE(frame.picture.intra());
  SavedReferences references = slots.references(frame);
  const std::size_t lost = frame.picture.primary_ref_frame == 1 ? 2 : 1;
  references[lost].reset();
  OpenedFrame opened(frame, references);
  ASSERT_TRUE(opened.opened);
  opened.parse();
  EXPECT_NE(opened.parser.substitutes()[lost], lost);
  EXPECT_NE(opened.parser.substitutes()[lost], no_reference);
  EXPECT_EQ(opened.memory.job.references[lost].width, frame.picture.upscaled_width);
}

TEST(PictureParserCheck, RefusesWhatContradictsTheSpecification) {
  PictureParameters valid;
  valid.upscaled_width = 64;
  valid.height = 64;
  valid.tile_column_starts[1] = valid.tile_row_starts[1] = 1;
  EXPECT_TRUE(PictureParser::check(valid));
  const auto expect_refused = [&](const std::function<void(PictureParameters&)>& change) {
    PictureParameters changed = valid;
    change(changed);
    EXPECT_FALSE(PictureParser::check(changed));
  };
  expect_refused([](PictureParameters& p) { p.upscaled_width = 0; });
  expect_refused([](PictureParameters& p) { p.height = max_height + 1; });
  expect_refused([](PictureParameters& p) { p.upscaled_width = 65; });  // needs two superblocks
  expect_refused([](PictureParameters& p) { p.bit_depth = 12; });
  expect_refused([](PictureParameters& p) { p.primary_ref_frame = 0; });
  expect_refused([](PictureParameters& p) { p.allow_intrabc = true; });
  expect_refused([](PictureParameters& p) { p.context_update_tile_id = 1; });
  expect_refused([](PictureParameters& p) { p.tile_columns = 2; });
  expect_refused([](PictureParameters& p) { p.cdef_bits = 4; });
  expect_refused([](PictureParameters& p) { p.superres_denominator = 17; });
  expect_refused([](PictureParameters& p) { p.restoration_size_log2[0] = 5; });
  expect_refused(
      [](PictureParameters& p) { p.film_grain = {.apply_grain = true, .num_y_points = 15}; });
  expect_refused([](PictureParameters& p) {
    p.segmentation.feature_mask[3] = 1;
    p.segmentation.feature_data[3][0] = 256;
  });
}

}  // namespace
}  // namespace daedalus::av1::test
