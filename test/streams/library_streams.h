// SPDX-License-Identifier: MIT
// The fixture of tests of streams that libvpx or libaom encodes here.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <string>

#include "streams/player.h"

namespace daedalus::test {

// Case has a `recipe` and the `tools` that its stream must use. Stream is created from a recipe and
// has the coded `units`, the `tools` found in them, the same units as a `clip`, the library's
// output for each unit in `shown`, and the `frames` that libavcodec must output.
template <typename Case, typename Stream>
class LibraryStreams : public testing::TestWithParam<Case> {
 protected:
  // Opens the devices shared by all tests.
  static void SetUpTestSuite() {
    av_log_set_level(AV_LOG_QUIET);
    for (const char* dispatch : {"tickets", "levels"}) {
      setenv("DAEDALUS_DISPATCH", dispatch, 1);
      ASSERT_NE(devices[dispatch].get(), nullptr);
    }
  }
  static void TearDownTestSuite() {
    devices.clear();
    streams.clear();
  }
  void SetUp() override {
    const auto& made = stream();
    ASSERT_FALSE(made.units.empty()) << "the library encoded nothing";
    ASSERT_EQ(made.shown.size(), made.units.size()) << "the library cannot decode its own stream";
    ASSERT_EQ(this->GetParam().tools & ~made.tools, 0u) << "the stream lacks a tool";
  }

  static const auto& recipe() { return testing::TestWithParam<Case>::GetParam().recipe; }
  static const Stream& stream() {
    return streams.try_emplace(recipe().name, recipe()).first->second;
  }

  // Plays with libavcodec and the driver.
  static void plays_exactly(const char* dispatch) {
    const auto& made = stream();
    std::size_t shown = 0, wrong = 0;
    Player player(made.clip, devices[dispatch].get());
    player.play(made.clip, 0, made.units.size(), [&](const AVFrame& frame) {
      wrong += frame.format != AV_PIX_FMT_VAAPI || shown >= made.frames.size() ||
               i420(frame) != made.frames[shown];
      ++shown;
    });
    EXPECT_EQ(wrong, 0u);
    EXPECT_EQ(shown, made.frames.size());
  }

  static inline std::map<std::string, Device> devices;
  static inline std::map<std::string, Stream> streams;
};

}  // namespace daedalus::test
