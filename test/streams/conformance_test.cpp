// Every stream of the manifest through ffmpeg and the driver, each frame against libavcodec's.
#include <gtest/gtest.h>

#include "streams/ffmpeg.h"
#include "streams/manifest.h"

namespace daedalus::test {
namespace {

const VirtualDisplay& display() {
  static const VirtualDisplay started;
  return started;
}

std::string test_name(const testing::TestParamInfo<ManifestEntry>& info) {
  return info.param.name;
}

class Conformance : public testing::TestWithParam<ManifestEntry> {
 protected:
  void decodes_exactly(const std::string& dispatch) {
    ASSERT_FALSE(display().name().empty()) << "Xvfb did not start";
    const auto& entry = GetParam();
    const auto result =
        compare_with_software({entry.path, entry.width, entry.height}, dispatch, display());
    EXPECT_TRUE(result.equal) << result.difference;
    EXPECT_EQ(result.driver_exit, 0);
    EXPECT_EQ(result.md5, entry.md5);
    // ffmpeg turns to software without a word: the driver itself says what it decoded.
    EXPECT_GE(result.driver.decoded, entry.frames) << result.driver.log;
    EXPECT_EQ(result.driver.picture_submits, result.driver.decoded) << result.driver.log;
    EXPECT_EQ(result.driver.damaged, 0u) << result.driver.log;
  }
};

TEST_P(Conformance, Tickets) {
  decodes_exactly("tickets");
}
TEST_P(Conformance, Levels) {
  decodes_exactly("levels");
}

class OutOfScope : public testing::TestWithParam<ManifestEntry> {};

// The client may show nothing, or what software decoded: never a picture that is wrong.
TEST_P(OutOfScope, IsRefused) {
  ASSERT_FALSE(display().name().empty()) << "Xvfb did not start";
  const auto& entry = GetParam();
  const auto result =
      compare_with_software({entry.path, entry.width, entry.height}, "tickets", display());
  EXPECT_LT(result.driver_exit, 128) << "ended by a signal";
  EXPECT_EQ(result.driver.damaged, 0u) << result.driver.log;
  EXPECT_LT(result.driver.decoded, entry.frames) << "nothing was refused";
}

INSTANTIATE_TEST_SUITE_P(Streams, Conformance, testing::ValuesIn(manifest("progressive")),
                         test_name);
INSTANTIATE_TEST_SUITE_P(Streams, OutOfScope, testing::ValuesIn(manifest("refused")), test_name);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Conformance);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(OutOfScope);

TEST(Vectors, AreThere) {
  if (manifest("progressive").empty())
    GTEST_SKIP() << "no conformance streams: set DAEDALUS_VECTORS to a folder that has them";
}

}  // namespace
}  // namespace daedalus::test
