// SPDX-License-Identifier: MIT
// Jobs of whole streams keep the guarantees of job.h, and tiles of valid streams are undamaged.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <random>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "av1/job_check.h"
#include "av1/opened_frame.h"
#include "av1/vectors.h"

namespace daedalus::av1::test {
namespace {

// Calls `on_frame` for each coded frame, with the job of its tiles after `change`.
template <typename Change, typename Visit>
void for_each_job(const std::vector<std::vector<std::byte>>& units, Change&& change,
                  Visit&& on_frame) {
  ObuReader reader;
  SavedSlots slots;
  for (const auto& unit : units)
    reader.read(unit, [&](const CodedFrame& frame) {
      if (frame.show_existing_frame) return slots.show_existing(frame);
      CodedFrame changed = frame;
      std::vector<std::vector<std::byte>> tiles;
      for (TileData& tile : changed.picture.tiles)
        tile.bytes = tiles.emplace_back(change(tile.bytes));
      OpenedFrame opened(changed, slots.references(frame));
      if (opened.opened) opened.parse();
      slots.refresh(frame, opened.parser.state());
      on_frame(opened);
    });
}

std::vector<std::byte> unchanged(std::span<const std::byte> bytes) {
  return {bytes.begin(), bytes.end()};
}

class Jobs : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    units_ = units_of(vector_file(GetParam()));
    if (units_.empty())
      GTEST_SKIP() << "no test vectors: set DAEDALUS_VECTORS to a folder that has them";
  }
  std::vector<std::vector<std::byte>> units_;
};

TEST_P(Jobs, KeepTheirPromises) {
  uint32_t pictures = 0;
  for_each_job(units_, unchanged, [&](const OpenedFrame& opened) {
    EXPECT_TRUE(opened.opened);
    EXPECT_TRUE(opened.damage.empty()) << "picture " << pictures;
    EXPECT_EQ(first_fault(opened.memory.job), "") << "picture " << pictures;
    ++pictures;
  });
  EXPECT_GT(pictures, 0u);
}

TEST_P(Jobs, KeepTheirPromisesWhereTilesAreBroken) {
  std::mt19937 random(3);
  const auto change = [&](std::span<const std::byte> bytes) {
    auto changed = unchanged(bytes);
    // `first` determines how far the damage reaches; anything may follow it.
    const std::size_t first = random() % changed.size();
    switch (random() % 4) {
      case 0:
        for (std::size_t i = first; i < changed.size(); ++i) changed[i] = std::byte(random() & 255);
        break;
      case 1:
        std::fill(changed.begin() + static_cast<std::ptrdiff_t>(first), changed.end(), std::byte{});
        break;
      case 2:
        changed.resize(first + 1);
        break;
      default:
        changed[first] ^= std::byte{1} << random() % 8;
    }
    return changed;
  };
  for (uint32_t round = 0; round < 3; ++round)
    for_each_job(units_, change, [&](const OpenedFrame& opened) {
      EXPECT_EQ(first_fault(opened.memory.job), "") << "round " << round;
    });
}

std::string test_name(const testing::TestParamInfo<const char*>& info) {
  std::string name = info.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(c); }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(
    Sample, Jobs,
    testing::Values("clips/av1dec-Halo_426x240_1frames_intrabc.ivf",
                    "conformance/Syntax_AV1_mainb8ss420_432x240_004.ivf",
                    "conformance/Syntax_AV1_mainb8ss420_432x240_013.ivf",
                    "conformance/av1-1-b10-00-quantizer-20.ivf",
                    "conformance/av1-1-b8-02-allintra.ivf", "conformance/av1-1-b8-05-mv.ivf",
                    "conformance/av1-1-b8-22-svc-L2T1.ivf", "conformance/dav1d-8bit-00000532.ivf",
                    "conformance/dav1d-8bit-00001131.ivf", "made/aq1-seg.ivf",
                    "made/deltaq-deltalf.ivf", "made/lossless.ivf", "made/mono-10bit.ivf",
                    "made/qmatrix.ivf", "made/resize-random.ivf", "made/screen-palette-intrabc.ivf",
                    "made/size-17x15.ivf", "made/slow-alltools-10bit.ivf",
                    "made/superres-fixed12.ivf", "made/tiles-width-list.ivf",
                    "reported/tiles-64-columns-4096x64.ivf"),
    test_name);

// Checks the check: each change violates a guarantee.
TEST(JobCheck, FindsFaults) {
  const auto units = units_of(vector_file("conformance/Syntax_AV1_mainb8ss420_432x240_004.ivf"));
  if (units.empty())
    GTEST_SKIP() << "no test vectors: set DAEDALUS_VECTORS to a folder that has them";
  bool done = false;
  for_each_job(units, unchanged, [&](OpenedFrame& opened) {
    PictureJob& job = opened.memory.job;
    if (done || opened.frame.picture.intra() || job.intra_levels[0].size() < 4 ||
        job.prediction_counts[0][0] == AreaCounts{} || job.tx_split_count == 0)
      return;
    done = true;
    const auto expect = [&](const char* what, auto& value, auto changed) {
      const auto before = value;
      value = static_cast<std::remove_reference_t<decltype(value)>>(changed);
      EXPECT_NE(first_fault(job).find(what), std::string::npos) << what << ": " << first_fault(job);
      value = before;
    };
    expect("no block somewhere", job.block_count, job.block_count - 1);
    expect("where another one is", job.blocks[1].place, job.blocks[0].place);
    expect("splits do not cover it", job.tx_split_count, job.tx_split_count - 1);
    expect("luma intra 1", job.intra[0][1].place, job.intra[0][0].place);
    expect("level", job.intra_levels[0][1], job.intra_levels[0][2]);
    expect("slot 0: part", job.intra_slots[0].part, 0);
    expect("of another class", job.predictions[0][0].place,
           job.predictions[0][0].place ^ 1u << prediction_place::width_shift);
    expect("reference that is none", job.references[0].width, 0);
    expect("vector", job.predictions[0][0].mv_0[0], 20000);
    expect("transform", job.transforms[0].place, job.transforms[0].place ^ transform_place::kept);
    expect("coefficients' index", job.transforms[0].coefficients, job.coefficients.size());
    expect("position named twice", job.transforms[0].shape, job.transforms[0].shape + 1);
    EXPECT_EQ(first_fault(job), "");
  });
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace daedalus::av1::test
