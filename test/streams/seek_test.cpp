// SPDX-License-Identifier: MIT
// A player that opens, seeks and closes repeatedly: libavcodec with the driver in this process.
// Each frame is compared with libavcodec's own.
#include <gtest/gtest.h>

extern "C" {
#include <libavutil/version.h>
}

#include <random>
#include <span>
#include <thread>

#include "programs/resources.h"
#include "streams/player.h"
#include "va/av1/stream.h"

namespace daedalus::test {

namespace {

const std::string idr_often = "keyint=8:min-keyint=8:";

// A key frame every 8 frames.
const std::string key_often = "-g 8 -tile-columns 1 ";

enum class Format { h264, vp9, av1 };

void PrintTo(Format format, std::ostream* out) {
  *out << (format == Format::h264 ? "H264" : format == Format::vp9 ? "Vp9" : "Av1");
}

class Seek : public testing::TestWithParam<Format> {
 protected:
  void SetUp() override {
    av_log_set_level(AV_LOG_QUIET);
    source = make();
    ASSERT_EQ(source.clip.packets.size(), 60u) << "ffmpeg did not encode the clip";
    ASSERT_EQ(source.frames.size(), 60u);
    ASSERT_GE(source.intra.size(), 7u);
  }

  static Source make() {
    switch (GetParam()) {
      case Format::h264:
        return make_source(64, 48, idr_often + "bframes=2:ref=3:slices=2");
      case Format::vp9:
        return make_vp9_source(61, 47, key_often);
      default:
        return make_av1_source(61, 47, "-g 8 ");
    }
  }

  // Plays `count` packets from `first`. Pictures before the first IDR picture lack their
  // references.
  void play_exactly(Player& player, std::size_t first, std::size_t count) {
    const auto intra = std::lower_bound(source.intra.begin(), source.intra.end(), first);
    ASSERT_NE(intra, source.intra.end());
    int64_t exact = 0, wrong = 0;
    player.play(source.clip, first, *intra + count, [&](const AVFrame& frame) {
      ASSERT_EQ(frame.format, AV_PIX_FMT_VAAPI);
      if (frame.pts < static_cast<int64_t>(*intra)) return;
      ++exact;
      wrong += i420(frame) != source.frames[frame.pts];
    });
    EXPECT_EQ(wrong, 0) << "from packet " << first;
    EXPECT_EQ(exact, static_cast<int64_t>(std::min(count, source.clip.packets.size() - *intra)));
  }

  Source source;
};
INSTANTIATE_TEST_SUITE_P(Codecs, Seek, testing::Values(Format::h264, Format::vp9, Format::av1),
                         testing::PrintToStringParamName());

// Opens one display for many streams, because lavapipe compiles the shaders again for each display,
// which takes seconds for AV1.
TEST_P(Seek, AThousandTimesIsExactAndLeavesNothingBehind) {
  const uint32_t displays = GetParam() == Format::av1 ? 20 : 50;
  const uint32_t streams = 1000 / displays, warm_up = displays / 5;
  constexpr std::size_t growth = 6 << 20;  // less than 8 KiB per stream
  const WithoutLayers no_layers;
  std::mt19937 random(1);
  Resources warm{};
  for (uint32_t i = 0; i < displays; ++i) {
    {
      const Device device;
      ASSERT_NE(device.get(), nullptr);
      for (uint32_t j = 0; j < streams && !HasFailure(); ++j) {
        Player player(source.clip, device.get());
        play_exactly(player, random() % (source.intra.back() + 1), 6);
      }
    }
    if (i + 1 == warm_up) warm = Resources::now();
  }
  const auto end = Resources::settled(warm);
  EXPECT_EQ(end.descriptors, warm.descriptors);
  EXPECT_EQ(end.threads, warm.threads);
  if (resident_is_meant) {
    EXPECT_LE(end.resident, warm.resident + growth);
  }
}

TEST_P(Seek, InOneStreamIsExact) {
  const Device device;
  Player player(source.clip, device.get());
  std::mt19937 random(2);
  for (uint32_t i = 0; i < 100 && !HasFailure(); ++i)
    play_exactly(player, random() % (source.intra.back() + 1), 4);
}

TEST_P(Seek, InManyStreamsAtTheSameTimeIsExact) {
  const Device devices[2];
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < 6; ++i)
    threads.emplace_back([&, i] {
      Player player(source.clip, devices[i % 2].get());
      std::mt19937 random(i);
      for (uint32_t j = 0; j < 10; ++j)
        play_exactly(player, random() % (source.intra.back() + 1), 12);
    });
  for (auto& thread : threads) thread.join();
}

class Size : public testing::TestWithParam<Format> {};
INSTANTIATE_TEST_SUITE_P(Codecs, Size, testing::Values(Format::h264, Format::vp9, Format::av1),
                         testing::PrintToStringParamName());

// In different sizes, with a key frame every 8 frames.
std::vector<Source> sources_of(Format format) {
  std::vector<Source> sources;
  if (format == Format::h264) {
    sources.push_back(make_source(64, 48, idr_often + "bframes=2"));
    sources.push_back(make_source(96, 32, idr_often + "cabac=0"));
    sources.push_back(make_source(32, 96, idr_often + "bframes=1:slices=3"));
  } else if (format == Format::vp9) {
    sources.push_back(make_vp9_source(64, 48, key_often));
    sources.push_back(make_vp9_source(97, 31, key_often + "-error-resilient default"));
    sources.push_back(make_vp9_source(32, 96, key_often + "-frame-parallel 1"));
  } else {
    sources.push_back(make_av1_source(64, 48, "-g 8"));
    sources.push_back(make_av1_source(97, 31, "-g 8 -error-resilience 1"));
    sources.push_back(make_av1_source(32, 96, "-g 8 -denoise-noise-level 20"));
  }
  return sources;
}

// libavcodec creates a new context and new surfaces at each change, while frames of earlier sizes
// are still shown.
TEST_P(Size, MayChangeAHundredTimesInAStream) {
  if (GetParam() == Format::av1 && LIBAVUTIL_VERSION_MAJOR < 60)
    GTEST_SKIP() << "FFmpeg up to 7.1 keeps the surfaces of AV1's first sequence";
  av_log_set_level(AV_LOG_QUIET);
  auto sources = sources_of(GetParam());
  constexpr std::size_t changes = 100, shown = 20;
  const Device device;
  ASSERT_NE(device.get(), nullptr);
  Player player(sources[0].clip, device.get());
  struct Shown {
    Frame frame;
    const std::vector<uint8_t>* samples;
  };
  std::vector<Shown> frames;
  std::size_t given = 0, wrong = 0;
  const auto let_go = [&](std::size_t keep) {
    while (frames.size() > keep) {
      wrong += i420(*frames.front().frame) != *frames.front().samples;
      frames.erase(frames.begin());
    }
  };
  for (std::size_t i = 0; i <= changes; ++i) {
    auto& source = sources[i % sources.size()];
    ASSERT_EQ(source.clip.packets.size(), 60u) << "ffmpeg did not encode the clip";
    player.play(source.clip, source.intra[i % 7], source.intra[i % 7] + 6,
                [&](const AVFrame& frame) {
                  ++given;
                  frames.push_back({Frame(av_frame_clone(&frame)), &source.frames[frame.pts]});
                });
    let_go(shown);
  }
  let_go(0);
  EXPECT_EQ(wrong, 0u);
  EXPECT_EQ(given, (changes + 1) * 6);
}

// A client that keeps one context for all sizes, as GStreamer and Chromium may.
TEST(OneContext, OfAv1SeeksBetweenSizes) {
  av_log_set_level(AV_LOG_QUIET);
  const auto sources = sources_of(Format::av1);
  const VADisplay display = open_display();
  ASSERT_NE(display, nullptr);
  {
    Av1Client client(display, 8, 97, 96);
    std::mt19937 random(3);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < 100; ++i) {
      const auto& source = sources[i % sources.size()];
      ASSERT_EQ(source.clip.packets.size(), 60u) << "ffmpeg did not encode the clip";
      const auto& size = *source.clip.parameters;
      const std::size_t first = source.intra[random() % 7];
      for (std::size_t packet = first; packet < first + 6; ++packet) {
        const auto& unit = *source.clip.packets[packet];
        client.decode(std::as_bytes(std::span(unit.data, static_cast<std::size_t>(unit.size))));
        wrong += read_samples(display, client.shown(), static_cast<uint32_t>(size.width),
                              static_cast<uint32_t>(size.height)) !=
                 source.frames.at(static_cast<int64_t>(packet));
      }
    }
    EXPECT_EQ(wrong, 0u);
  }
  vaTerminate(display);
}

}  // namespace

}  // namespace daedalus::test
