// SPDX-License-Identifier: MIT
// Streams of a codec decoded frame by frame (VP9, AV1) through ffmpeg and the driver, each frame
// compared with libavcodec's.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "streams/ffmpeg.h"
#include "streams/manifest.h"

namespace daedalus::test {

inline Stream stream_of(const ManifestEntry& entry, uint32_t bit_depth) {
  Stream stream{entry.path, entry.width, entry.height};
  if (entry.changes_size) stream.width = stream.height = 0;
  stream.bit_depth = bit_depth;
  return stream;
}

class FrameConformance : public testing::Test {
 protected:
  void SetUp() override { ASSERT_FALSE(display().name().empty()) << "Xvfb did not start"; }

  // Compares the frames, and the number of dispatches with "tickets".
  static void decodes_exactly(const Stream& stream, const std::string& md5,
                              const std::string& dispatch, uint64_t most_dispatches) {
    const auto result = compare_with_software(stream, dispatch, display());
    EXPECT_TRUE(result.equal) << result.difference;
    EXPECT_EQ(result.driver_exit, 0);
    EXPECT_EQ(result.md5, md5);
    // Frames may be shown twice or never, so require only that some are decoded.
    EXPECT_GT(result.driver.decoded, 0u) << result.driver.log;
    EXPECT_EQ(result.driver.picture_submits, result.driver.decoded) << result.driver.log;
    EXPECT_EQ(result.driver.damaged, 0u) << result.driver.log;
    if (dispatch == "tickets") {
      EXPECT_LE(result.driver.dispatches, most_dispatches * result.driver.decoded);
    }
  }

  // The driver refuses the stream; software may decode it.
  static void is_refused(const Stream& stream) {
    const auto result = compare_with_software(stream, "levels", display());
    EXPECT_LT(result.driver_exit, 128) << "ended by a signal";
    EXPECT_NE(result.driver.log.find("info: daedalus "), std::string::npos) << "no driver";
    EXPECT_EQ(result.driver.decoded, 0u) << result.driver.log;
  }
};

}  // namespace daedalus::test
