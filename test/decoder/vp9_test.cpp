// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "daedalus/vp9/decoder.h"
#include "null/null_device.h"
#include "vp9/stream_writer.h"

namespace daedalus {
namespace {

constexpr uint32_t width = 2048, height = 1088, tile_columns = 8;

// Frames in which everything coded is 0: intra predicted 64x64 blocks.
class Frame {
 public:
  static std::vector<std::byte> key() {
    Frame frame;
    frame.bits_.f(2, 2).f(0, 2).f(0, 1).f(0, 1).f(1, 1).f(0, 1).f(0x498342, 24).f(1, 3).f(0, 1);
    frame.bits_.f(width - 1, 16).f(height - 1, 16).f(0, 1);
    return frame.finish(std::byte{0});
  }

  // All three references are slot 0.
  static std::vector<std::byte> inter() { return Frame().finish_inter(std::byte{0}); }
  // An inter frame whose compressed header has an invalid marker bit of 1.
  static std::vector<std::byte> broken() { return Frame().finish_inter(std::byte{0xff}); }

 private:
  std::vector<std::byte> finish_inter(std::byte compressed) {
    bits_.f(2, 2).f(0, 2).f(0, 1).f(1, 1).f(1, 1).f(0, 1).f(0, 2).f(0, 8);
    bits_.f(0, 3 * 4);                      // three references
    bits_.f(1, 1).f(0, 1).f(0, 1).f(0, 3);  // the first one's size
    return finish(compressed);
  }

  std::vector<std::byte> finish(std::byte compressed) {
    constexpr std::size_t header_bytes = 256, tile_bytes = 8192;
    bits_.f(0, 1).f(1, 1).f(0, 2);  // frame_parallel_decoding_mode
    bits_.f(0, 6 + 3 + 1).f(60, 8).f(0, 3).f(0, 1);
    bits_.f(7, 3).f(0, 1).f(header_bytes, 16);
    auto bytes = bits_.bytes();
    bytes.push_back(compressed);
    bytes.resize(bytes.size() + header_bytes - 1);
    for (uint32_t tile = 1; tile <= tile_columns; ++tile) {
      if (tile < tile_columns)
        bytes.insert(bytes.end(), {std::byte{0}, std::byte{0}, std::byte{tile_bytes >> 8},
                                   std::byte{tile_bytes & 0xff}});
      bytes.resize(bytes.size() + tile_bytes);
    }
    return bytes;
  }

  vp9::test::BitWriter bits_;
};

// A decoder that follows a frame which another decoder is still parsing conceals its first frame.
// Its second frame then follows the other decoder's frame, and must not occupy the threads that
// this one needs.
TEST(Vp9Decoder, AFrameAfterAConcealedOneLeavesThreadsToItsPredecessor) {
  const auto device = null::open_device();
  std::array<std::shared_ptr<Surface>, 4> surfaces;
  for (auto& surface : surfaces) {
    auto made = Surface::create(*device, PictureFormat::nv12, width, height);
    ASSERT_TRUE(made);
    surface = *made;
  }
  constexpr uint32_t threads = 2;
  auto first = Vp9Decoder::create(*device, width, height, threads);
  auto second = Vp9Decoder::create(*device, width, height, threads);
  ASSERT_TRUE(first && second);
  const auto decode = [&](Vp9Decoder& decoder, std::size_t target, std::vector<std::byte> frame) {
    Vp9Picture picture{.target = surfaces[target], .references = {}, .frame = std::move(frame)};
    if (target > 0) picture.references[0] = surfaces[std::min<std::size_t>(target - 1, 1)];
    EXPECT_TRUE(decoder.decode(picture)) << target;
  };
  decode(**first, 0, Frame::key());
  decode(**first, 1, Frame::inter());
  decode(**second, 2, Frame::broken());
  decode(**second, 3, Frame::inter());
  if (!surfaces[3]->sync(std::chrono::seconds(60))) std::abort();  // or its threads wait forever
  EXPECT_TRUE(surfaces[1]->damage().empty());
  EXPECT_FALSE(surfaces[2]->damage().empty());
  EXPECT_TRUE(surfaces[3]->damage().empty());
}

}  // namespace
}  // namespace daedalus
