// SPDX-License-Identifier: MIT
// Random interlaced H.264 streams, which libavcodec and the driver must decode alike. Each sequence
// begins with an IDR picture. DAEDALUS_RANDOM_STREAMS="FIRST COUNT" selects other files of
// sequences.
#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>

#include "streams/ffmpeg.h"

namespace daedalus::test {
namespace {

constexpr uint32_t sequences_per_file = 100;

struct Files {
  uint32_t first = 1, count = 10;
};

Files files() {
  Files files;
  if (const char* wish = getenv("DAEDALUS_RANDOM_STREAMS"))
    std::istringstream(wish) >> files.first >> files.count;
  return files;
}

TEST(RandomStreams, AreDecodedAsByLibavcodec) {
  ASSERT_FALSE(display().name().empty()) << "Xvfb did not start";
  const TemporaryFolder folder;
  const auto [first, count] = files();
  for (uint32_t seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE("random_stream " + std::to_string(seed) + " " +
                 std::to_string(sequences_per_file) + " FILE");
    const std::string path = folder / (std::to_string(seed) + ".264");
    uint32_t width = 0, height = 0;
    uint64_t frames = 0, pictures = 0;
    std::istringstream(Pipe("exec " + quoted(RANDOM_STREAM) + " " + std::to_string(seed) + " " +
                            std::to_string(sequences_per_file) + " " + quoted(path))
                           .text()) >>
        width >> height >> frames >> pictures;
    ASSERT_GT(frames, sequences_per_file);
    // libavcodec's assembler transforms round coefficients as large as the standard allows, and
    // with several threads its output for some streams varies from run to run.
    const auto result = compare_with_software({path, width, height, "-cpuflags 0 -threads 1"},
                                              seed % 2 ? "levels" : "tickets", display());
    EXPECT_TRUE(result.equal) << result.difference;
    EXPECT_EQ(result.driver_exit, 0);
    EXPECT_EQ(result.bytes, frames * width * height * 3 / 2);
    EXPECT_EQ(result.driver.decoded, pictures) << result.driver.log;
    EXPECT_EQ(result.driver.damaged, 0u) << result.driver.log;
  }
}

}  // namespace
}  // namespace daedalus::test
