// SPDX-License-Identifier: MIT
// Jobs of whole streams keep what job.h promises, and no tile of a valid stream is damaged.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <string>
#include <type_traits>

#include "av1/job_check.h"
#include "av1/job_memory.h"
#include "av1/obu_reader.h"
#include "av1/picture_parser.h"
#include "av1/vectors.h"

namespace daedalus::av1::test {
namespace {

// A decoder without samples: the states of its reference slots, and a job for each picture.
class StreamParser {
 public:
  // What is wrong with the frame; empty: nothing.
  std::string parse(const CodedFrame& frame) {
    if (frame.show_existing_frame) return {};
    const PictureParameters& picture = frame.picture;
    if (!PictureParser::check(picture)) return "parameters";
    SavedReferences references;
    for (uint32_t i = 0; i < reference_count && !picture.intra(); ++i)
      references[i] = slots_[frame.ref_frame_idx[i]];
    memory_ = std::make_unique<JobMemory>(PictureParser::room(picture), picture.width(),
                                          picture.height, picture.upscaled_width);
    if (!parser_.begin(picture, references, job())) return "references";
    for (std::size_t i = 0; i < parser_.tile_count(); ++i) parser_.parse_tile(i);
    const auto damage = parser_.finish();
    for (uint32_t i = 0; i < slot_count; ++i)
      if ((frame.refresh_frame_flags >> i & 1) != 0) slots_[i] = parser_.state();
    if (!damage.empty())
      return "damaged from row " + std::to_string(damage[0].first_row) + ", column " +
             std::to_string(damage[0].first_column) + " on";
    return first_fault(job());
  }

  PictureJob& job() { return memory_->job; }

 private:
  PictureParser parser_;
  std::unique_ptr<JobMemory> memory_;
  std::array<std::shared_ptr<const SavedFrame>, slot_count> slots_;
};

class Jobs : public testing::TestWithParam<const char*> {};

TEST_P(Jobs, KeepTheirPromises) {
  const auto file = vector_file(GetParam());
  if (file.empty())
    GTEST_SKIP() << "no test vectors: set DAEDALUS_VECTORS to a folder that has them";
  ObuReader reader;
  StreamParser parser;
  uint32_t picture = 0;
  for (const auto& unit : units_of(file)) {
    const bool read = reader.read(unit, [&](const CodedFrame& frame) {
      EXPECT_EQ(parser.parse(frame), "") << "picture " << picture;
      ++picture;
    });
    ASSERT_TRUE(read);
    if (HasFailure()) return;
  }
  EXPECT_GT(picture, 0u);
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

// Whether the check sees anything: each change breaks a promise.
TEST(JobCheck, FindsFaults) {
  const auto units = units_of(vector_file("conformance/Syntax_AV1_mainb8ss420_432x240_004.ivf"));
  if (units.empty())
    GTEST_SKIP() << "no test vectors: set DAEDALUS_VECTORS to a folder that has them";
  ObuReader reader;
  StreamParser parser;
  bool done = false;
  for (const auto& unit : units)
    reader.read(unit, [&](const CodedFrame& frame) {
      if (done) return;
      ASSERT_EQ(parser.parse(frame), "");
      PictureJob& job = parser.job();
      if (frame.show_existing_frame || frame.picture.intra() || job.intra_levels[0].size() < 4 ||
          job.prediction_counts[0][0] == AreaCounts{} || job.tx_split_count == 0)
        return;
      done = true;
      const auto expect = [&](const char* what, auto& value, auto changed) {
        const auto before = value;
        value = static_cast<std::remove_reference_t<decltype(value)>>(changed);
        EXPECT_NE(first_fault(job).find(what), std::string::npos)
            << what << ": " << first_fault(job);
        value = before;
      };
      expect("no block somewhere", job.block_count, job.block_count - 1);
      expect("where another one is", job.blocks[1].place, job.blocks[0].place);
      expect("splits do not cover it", job.tx_split_count, job.tx_split_count - 1);
      expect("luma intra 1", job.intra[0][1].place, job.intra[0][0].place);
      expect("level", job.intra_levels[0][1], job.intra_levels[0][2]);
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
