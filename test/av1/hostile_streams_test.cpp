// SPDX-License-Identifier: MIT
// Truncated streams, streams with flipped bits, and streams that have broken other decoders: every
// job keeps its guarantees to the GPU, and a key frame ends all damage.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "av1/job_check.h"
#include "av1/job_contents.h"
#include "av1/stream_parser.h"
#include "av1/vectors.h"

namespace daedalus::av1::test {
namespace {

using Units = std::vector<std::vector<std::byte>>;

void expect_kept_promises(const OpenedFrame& frame) {
  const auto fault = first_fault(frame.memory.job);
  ASSERT_EQ(fault, "");
}

void add(const StreamParser::Report& one, StreamParser::Report& all) {
  all.parsed += one.parsed;
  all.damaged += one.damaged;
  all.refused += one.refused;
  all.broken_units += one.broken_units;
}

void parse(const Units& units, StreamParser::Report& all) {
  StreamParser parser(expect_kept_promises);
  for (const auto& unit : units) parser.read(unit);
  add(parser.report(), all);
}

class HostileStreams : public testing::TestWithParam<const char*> {
 protected:
  // Only the first units: later ones add only time.
  void SetUp() override {
    whole = units_of(vector_file(GetParam()));
    if (whole.empty())
      GTEST_SKIP() << "no test vectors: set DAEDALUS_VECTORS to a folder that has them";
    if (whole.size() > 4) whole.resize(4);
  }
  Units whole;
  StreamParser::Report report;
};

TEST_P(HostileStreams, Truncated) {
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (uint32_t part = 0; part < 12; ++part) {
      Units units = whole;
      units[i].resize(units[i].size() * part / 12);
      ASSERT_NO_FATAL_FAILURE(parse(units, report)) << "unit " << i << ", part " << part;
    }
  EXPECT_GT(report.broken_units, 0u);
  EXPECT_GT(report.parsed, 0u);
}

TEST_P(HostileStreams, FlippedBits) {
  std::mt19937 random(11);
  for (uint32_t run = 0; run < 40; ++run) {
    Units units = whole;
    for (uint32_t flip = 0; flip < 1u << run % 6; ++flip) {
      auto& unit = units[random() % units.size()];
      // Damages only headers every other time.
      const std::size_t range = run % 2 ? unit.size() : std::min<std::size_t>(unit.size(), 60);
      unit[random() % range] ^= static_cast<std::byte>(1 << random() % 8);
    }
    ASSERT_NO_FATAL_FAILURE(parse(units, report)) << "run " << run;
  }
  EXPECT_GT(report.parsed, 0u);
  EXPECT_GT(report.damaged, 0u);
}

TEST_P(HostileStreams, RandomTiles) {
  std::mt19937 random(12);
  for (uint32_t run = 0; run < 12; ++run) {
    Units units = whole;
    for (auto& unit : units)
      for (std::size_t i = unit.size() / 8 + random() % unit.size(); i < unit.size(); ++i)
        unit[i] = static_cast<std::byte>(random());
    ASSERT_NO_FATAL_FAILURE(parse(units, report)) << "run " << run;
  }
  EXPECT_GT(report.parsed, 0u);
}

TEST_P(HostileStreams, AKeyFrameEndsAllDamage) {
  std::vector<uint64_t> hashes;
  StreamParser parser([&](const OpenedFrame& frame) { hashes.push_back(hash(frame.memory.job)); });
  for (const auto& unit : whole) parser.read(unit);
  const auto intact = hashes;
  ASSERT_FALSE(intact.empty());
  EXPECT_EQ(parser.report().damaged, 0u);
  std::mt19937 random(13);
  for (auto unit : whole) {
    for (std::size_t i = unit.size() / 4; i < unit.size(); i += 1 + random() % 100)
      unit[i] ^= std::byte{16};
    parser.read(unit);
  }
  hashes.clear();
  for (const auto& unit : whole) parser.read(unit);
  EXPECT_EQ(hashes, intact);
}

std::string test_name(const testing::TestParamInfo<const char*>& info) {
  std::string name = info.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(c); }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Sample, HostileStreams,
                         testing::Values("conformance/av1-1-b8-03-sizeup.ivf", "made/aq1-seg.ivf",
                                         "made/deltaq-deltalf.ivf", "made/grain-10bit-test-3.ivf",
                                         "made/resize-10bit-random.ivf",
                                         "made/screen-palette-intrabc.ivf",
                                         "made/slow-alltools-10bit.ivf",
                                         "made/superres-16-odd-161x91.ivf",
                                         "made/tiles-width-list.ivf"),
                         test_name);

TEST(BrokenStreams, KeepTheirPromises) {
  const auto folder = vector_file("broken");
  if (folder.empty())
    GTEST_SKIP() << "no test vectors: set DAEDALUS_VECTORS to a folder that has them";
  StreamParser::Report report;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    Units units = units_of(file.path());
    if (units.size() > 8) units.resize(8);
    ASSERT_NO_FATAL_FAILURE(parse(units, report)) << file.path();
  }
  EXPECT_GT(report.damaged, 0u);
  EXPECT_GT(report.broken_units, 0u);
}

}  // namespace
}  // namespace daedalus::av1::test
