// SPDX-License-Identifier: MIT
// H.264 streams through ffmpeg and the driver, each frame compared with libavcodec's.
#include <gtest/gtest.h>

#include "streams/ffmpeg.h"
#include "streams/manifest.h"

namespace daedalus::test {
namespace {

// Half of this stream is encrypted. The manifest's MD5 is that of libavcodec's error concealment
// with one thread; with the key the pictures can be compared.
constexpr char encrypted[] = "mov-frag-encrypted.mp4";
constexpr char key[] = "-decryption_key 12345678901234567890123456789012";

class Conformance : public testing::TestWithParam<ConformanceRun> {
 protected:
  static void expect_few_dispatches(const DriverReport& driver) {
    EXPECT_LE(driver.dispatches, 8 * driver.decoded);
    printf("%.2f dispatches per picture\n",
           static_cast<double>(driver.dispatches) / static_cast<double>(driver.decoded));
  }
};

TEST_P(Conformance, IsExact) {
  ASSERT_FALSE(display().name().empty()) << "Xvfb did not start";
  const auto& [entry, dispatch, name] = GetParam();
  const bool is_encrypted = entry.path.ends_with(encrypted);
  const auto result = compare_with_software(
      {entry.path, entry.width, entry.height, is_encrypted ? key : "", entry.crops}, dispatch,
      display());
  EXPECT_TRUE(result.equal) << result.difference;
  EXPECT_EQ(result.driver_exit, 0);
  if (!is_encrypted) {
    EXPECT_EQ(result.md5, entry.md5);
  }
  // ffmpeg silently falls back to software, so check the number of pictures in the driver's log.
  EXPECT_GE(result.driver.decoded, entry.frames) << result.driver.log;
  EXPECT_EQ(result.driver.picture_submits, result.driver.decoded) << result.driver.log;
  EXPECT_EQ(result.driver.damaged, 0u) << result.driver.log;
  if (dispatch == "tickets") expect_few_dispatches(result.driver);
}

class OutOfScope : public testing::TestWithParam<ManifestEntry> {};

// libavcodec's parser rejects flexible macroblock ordering before the driver sees it, and drops
// slices, which the driver reports as missing.
TEST_P(OutOfScope, EndsInOrder) {
  ASSERT_FALSE(display().name().empty()) << "Xvfb did not start";
  const auto& entry = GetParam();
  const auto result = compare_with_software({entry.path, 0, 0}, "levels", display());
  EXPECT_LT(result.driver_exit, 128) << "ended by a signal";
  EXPECT_NE(result.driver.log.find("info: daedalus "), std::string::npos) << "no driver";
}

std::vector<ManifestEntry> entries(bool in_scope) {
  std::vector<ManifestEntry> chosen;
  for (const char* scope : {"progressive", "interlaced", "mono", "fmo"})
    for (auto& entry : manifest("h264", scope))
      if ((entry.scope != "fmo") == in_scope) chosen.push_back(std::move(entry));
  return chosen;
}

std::vector<ConformanceRun> runs(bool in_suite) {
  return runs_of(entries(true), 100'000'000, in_suite);
}

INSTANTIATE_TEST_SUITE_P(Suite, Conformance, testing::ValuesIn(runs(true)), name_of_parameter);
// The rest: --gtest_also_run_disabled_tests.
INSTANTIATE_TEST_SUITE_P(DISABLED_Rest, Conformance, testing::ValuesIn(runs(false)),
                         name_of_parameter);
INSTANTIATE_TEST_SUITE_P(Streams, OutOfScope, testing::ValuesIn(entries(false)), name_of_parameter);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Conformance);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(OutOfScope);

TEST(Vectors, AreThere) {
  if (manifest("h264", "progressive").empty())
    GTEST_SKIP() << "no conformance streams: set DAEDALUS_VECTORS to a folder that has them";
}

}  // namespace
}  // namespace daedalus::test
