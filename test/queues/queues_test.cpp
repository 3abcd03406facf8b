// SPDX-License-Identifier: MIT
// Pictures that overlap on the GPU, where independent ones complete in any order.
#include <gtest/gtest.h>

#include <deque>

#include "queues/two_queues.h"
#include "streams/player.h"

namespace daedalus::test {

namespace {

class OnTwoQueues : public testing::TestWithParam<const char*> {
 protected:
  // Summed over all streams, because the amount of overlap depends on the machine.
  static void SetUpTestSuite() { before = two_queues_counts(); }
  static void TearDownTestSuite() {
    const auto after = two_queues_counts();
    EXPECT_GT(after.first, before.first);
    EXPECT_GT(after.second, before.second);
    EXPECT_GT(after.overtaking, before.overtaking);
  }
  static inline TwoQueuesCounts before;
};

TEST_P(OnTwoQueues, NoPictureChanges) {
  av_log_set_level(AV_LOG_QUIET);
  const Source source = make_source(320, 192, GetParam());
  ASSERT_EQ(source.frames.size(), 60u) << "ffmpeg did not encode the clip";
  const Device device;
  ASSERT_NE(device.get(), nullptr);
  Player player(source.clip, device.get());
  std::deque<Frame> frames;
  std::size_t given = 0, wrong = 0;
  // Keeps a few frames back, so that pictures are always in flight.
  const auto let_go = [&](std::size_t keep) {
    for (; frames.size() > keep; frames.pop_front())
      wrong += i420(*frames.front()) != source.frames.at(frames.front()->pts);
  };
  player.play(source.clip, 0, source.clip.packets.size(), [&](const AVFrame& frame) {
    ++given;
    frames.emplace_back(av_frame_clone(&frame));
    let_go(8);
  });
  let_go(0);
  EXPECT_EQ(given, 60u);
  EXPECT_EQ(wrong, 0u);
}

INSTANTIATE_TEST_SUITE_P(Streams, OnTwoQueues,
                         testing::Values("keyint=1",                  // independent pictures
                                         "bframes=3:b-pyramid=none",  // all B on the same two
                                         "bframes=7:b-pyramid=normal:ref=4:direct=temporal"));

}  // namespace

}  // namespace daedalus::test
