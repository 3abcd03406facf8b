// SPDX-License-Identifier: MIT
// VP9 streams through ffmpeg and the driver, each frame against libavcodec's.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "streams/ffmpeg.h"
#include "streams/manifest.h"

namespace daedalus::test {
namespace {

std::string test_name(const testing::TestParamInfo<ManifestEntry>& info) {
  return info.param.name;
}

class Vp9Conformance : public testing::TestWithParam<ManifestEntry> {
 protected:
  void decodes_exactly(const std::string& dispatch) {
    ASSERT_FALSE(display().name().empty()) << "Xvfb did not start";
    const auto& entry = GetParam();
    Stream stream{entry.path, entry.width, entry.height};
    if (entry.changes_size) stream.width = stream.height = 0;
    stream.bit_depth = entry.scope == "profile2" ? 10 : 8;
    const auto result = compare_with_software(stream, dispatch, display());
    EXPECT_TRUE(result.equal) << result.difference;
    EXPECT_EQ(result.driver_exit, 0);
    EXPECT_EQ(result.md5, entry.md5);
    // Frames may be shown twice, or never: what is decoded at least once is what is expected here.
    EXPECT_GT(result.driver.decoded, 0u) << result.driver.log;
    EXPECT_EQ(result.driver.picture_submits, result.driver.decoded) << result.driver.log;
    EXPECT_EQ(result.driver.damaged, 0u) << result.driver.log;
    if (dispatch == "tickets") {
      EXPECT_LE(result.driver.dispatches, 10 * result.driver.decoded);
    }
  }
};

TEST_P(Vp9Conformance, Tickets) {
  decodes_exactly("tickets");
}
TEST_P(Vp9Conformance, Levels) {
  decodes_exactly("levels");
}

class Vp9OutOfScope : public testing::TestWithParam<ManifestEntry> {};

// Other chroma formats and 12 bits: software decodes them, or nobody.
TEST_P(Vp9OutOfScope, IsRefused) {
  ASSERT_FALSE(display().name().empty()) << "Xvfb did not start";
  const auto result = compare_with_software({GetParam().path, 0, 0}, "levels", display());
  EXPECT_LT(result.driver_exit, 128) << "ended by a signal";
  EXPECT_EQ(result.driver.decoded, 0u) << result.driver.log;
}

std::vector<ManifestEntry> in_scope() {
  auto entries = manifest("vp9", "profile0");
  for (auto& entry : manifest("vp9", "profile2")) entries.push_back(std::move(entry));
  return entries;
}

// What lavapipe decodes in seconds.
std::vector<ManifestEntry> quick(bool is_quick) {
  constexpr uint64_t most_samples = 12'000'000;
  auto entries = in_scope();
  std::erase_if(entries, [&](const ManifestEntry& entry) {
    return (entry.samples <= most_samples) != is_quick;
  });
  return entries;
}

INSTANTIATE_TEST_SUITE_P(Quick, Vp9Conformance, testing::ValuesIn(quick(true)), test_name);
// The rest: --gtest_also_run_disabled_tests.
INSTANTIATE_TEST_SUITE_P(DISABLED_Slow, Vp9Conformance, testing::ValuesIn(quick(false)), test_name);
INSTANTIATE_TEST_SUITE_P(Streams, Vp9OutOfScope, testing::ValuesIn(manifest("vp9", "other")),
                         test_name);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Vp9Conformance);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Vp9OutOfScope);

TEST(Vectors, AreThere) {
  if (in_scope().empty())
    GTEST_SKIP() << "no VP9 streams: set DAEDALUS_VECTORS to a folder that has them";
}

}  // namespace
}  // namespace daedalus::test
