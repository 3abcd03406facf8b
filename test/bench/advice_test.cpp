// SPDX-License-Identifier: MIT
// What daedalus-bench --recommend concludes from measurements, and the clips that it measures.
#include "bench/advice.h"

#include <gtest/gtest.h>
#include <sched.h>

#include "bench/made_clip.h"
#include "profile/job_work.h"
#include "settings/codec_limits.h"

namespace daedalus::bench {

namespace {

Measurement measurement(double frames_per_second, double cpu_ms) {
  Measurement measured;
  measured.frames = 60;
  measured.seconds = 60 / frames_per_second;
  measured.cpu_seconds = 60 * cpu_ms / 1000;
  measured.peak_bytes = 100'000'000;
  measured.load_rate = 50;
  return measured;
}

// A clip's measurements: frames per second alone and under load, CPU ms per frame.
struct Speed {
  double alone, loaded, cpu_ms;
};

FileReport clip(const char* codec, int width, int height, const Speed& driver,
                const Speed& one_thread, const Speed& all_threads) {
  FileReport report;
  report.codec = codec;
  report.width = width;
  report.height = height;
  report.load_rate = 100;
  for (const int load : {0, 2}) {
    const auto add = [&](bool is_driver, int threads, const Speed& speed) {
      const Leg leg{.driver = is_driver, .threads = threads, .load = load};
      report.rows.push_back({leg, {measurement(load ? speed.loaded : speed.alone, speed.cpu_ms)}});
    };
    add(true, 1, driver);
    add(false, 1, one_thread);
    add(false, 0, all_threads);
  }
  return report;
}

constexpr Speed fine = {100, 70, 2}, costly = {100, 70, 9}, slow = {20, 10, 2};
constexpr Speed one = {50, 40, 10}, all = {90, 60, 11}, slow_one = {8, 5, 120},
                slow_all = {15, 9, 130};

void expect_verdict(const FileReport& report, bool use_driver, const std::string& reason) {
  const auto advice = advise(report);
  ASSERT_TRUE(advice);
  EXPECT_EQ(advice->use_driver, use_driver) << advice->reason;
  EXPECT_EQ(advice->reason, reason);
}

TEST(Advice, ComparesCpuTimeIfBothKeepUp) {
  expect_verdict(clip("h264", 640, 480, fine, one, all), true,
                 "the driver saves 80 % of the CPU time");
  expect_verdict(clip("h264", 640, 480, costly, one, all), false,
                 "the driver saves 10 % of the CPU time, which is too little");
  expect_verdict(clip("h264", 640, 480, {100, 70, 12}, one, all), false,
                 "the driver takes 20 % more CPU time");
}

TEST(Advice, PrefersWhatKeepsUp) {
  expect_verdict(clip("vp9", 640, 480, slow, one, all), false,
                 "the driver is too slow: 20 frames/s");
  expect_verdict(clip("vp9", 640, 480, costly, slow_one, slow_all), true,
                 "software is too slow: 15 frames/s");
  expect_verdict(clip("vp9", 640, 480, slow, slow_one, slow_all), true,
                 "neither keeps up: 20 frames/s, 15 in software");
  expect_verdict(clip("vp9", 640, 480, {9.5, 5, 2}, slow_one, slow_all), false,
                 "neither keeps up: 9.5 frames/s, 15 in software");
}

TEST(Advice, ComparesSpeedBesideTheLoadIfBothKeepUpAlone) {
  expect_verdict(clip("av1", 640, 480, costly, {50, 20, 10}, {90, 25, 11}), true,
                 "software is too slow beside the load: 25 frames/s");
  expect_verdict(clip("av1", 640, 480, {100, 29, 2}, one, all), false,
                 "the driver is too slow beside the load: 29 frames/s");
  expect_verdict(clip("av1", 640, 480, {100, 29, 2}, {50, 20, 10}, {90, 25, 11}), true,
                 "the driver saves 80 % of the CPU time");
}

TEST(Advice, IsForWhatDecodes) {
  auto report = clip("h264", 640, 480, fine, one, all);
  report.rows[0].measured.clear();
  expect_verdict(report, false, "the driver does not decode it");
  report = clip("h264", 640, 480, fine, one, all);
  report.rows[1].measured.clear();
  expect_verdict(report, true, "libavcodec does not decode it");
  EXPECT_FALSE(advise(clip("hevc", 640, 480, fine, one, all)));
}

TEST(Advice, OfAModelAsksTheGpuForItsSpeed) {
  auto report = clip("h264", 640, 480, slow, one, all);
  report.rows.resize(3);
  report.modelled = true;
  Measurement profiled = measurement(100, 2);
  profiled.frames = 1;
  PictureProfile picture;
  picture.kind = 'P';
  picture.inter_mbs = 1200;
  picture.work = std::make_unique<JobWork>();
  profiled.pictures.push_back(std::move(picture));
  report.profiled = std::move(profiled);
  const auto advice = advise(report);
  ASSERT_TRUE(advice && advice->driver && advice->gpu_ms);
  EXPECT_GT(*advice->gpu_ms, 0);
  EXPECT_DOUBLE_EQ(advice->driver->frames_per_second, 1000 / *advice->gpu_ms);
  EXPECT_TRUE(advice->use_driver) << advice->reason;
}

CodecLimits limits(std::vector<FileReport> files) {
  Report report;
  report.files = std::move(files);
  return limits_of(advices_of(report));
}

TEST(Advice, BecomesLimits) {
  const auto at = [](int height, const Speed& driver) {
    return clip("h264", height * 4 / 3, height, driver, one, all);
  };
  const CodecLimit none = {0, 0}, unlimited;
  EXPECT_EQ(limits({at(480, fine), at(720, fine), at(960, slow)})[0], (CodecLimit{960, 720}));
  EXPECT_EQ(limits({at(960, fine), at(480, fine), at(720, fine)})[0], unlimited);
  EXPECT_EQ(limits({at(480, costly), at(720, costly)})[0], none);
  EXPECT_EQ(limits({at(480, costly), at(720, fine), at(960, costly)})[0], (CodecLimit{960, 720}));
  EXPECT_EQ(limits({at(480, slow), at(720, fine)})[0], none);
  EXPECT_EQ(limits({at(480, slow)})[1], unlimited) << "VP9 was not measured";
}

TEST(Advice, IsSpelledAsTheSettingReadsIt) {
  const CodecLimits some = {{{}, {0, 0}, {1280, 720}}};
  EXPECT_EQ(spell(some), "h264 av1@1280x720");
  for (const CodecLimits& limits : {some, CodecLimits{}, CodecLimits{{{0, 0}, {0, 0}, {0, 0}}}})
    EXPECT_EQ(parse_codec_limits(spell(limits)), limits) << spell(limits);
}

TEST(Advice, ReplacesEarlierAdviceInAFile) {
  Report report;
  report.device = "a GPU";
  report.cores = 2;
  report.files.push_back(clip("h264", 640, 480, slow, one, all));
  const auto first = settings_of(report, "2026-01-02");
  EXPECT_NE(first.find("# 2026-01-02, a GPU, 2 CPU cores\n"), first.npos) << first;
  EXPECT_NE(first.find("\nprofiles = vp9 av1\n"), first.npos) << first;
  for (std::size_t at = 0, end = 0; (end = first.find('\n', at)) != first.npos; at = end + 1)
    EXPECT_LT(end - at, 255u) << "longer than the driver reads";

  const std::string others = "device = x\n profiles= h264\n#profiles =\nprofile = /x";
  const auto once = with_settings(others, first);
  EXPECT_EQ(once, "device = x\n# profiles= h264\n#profiles =\nprofile = /x\n" + first);
  report.files[0] = clip("h264", 640, 480, fine, one, all);
  const auto second = settings_of(report, "2026-01-03");
  EXPECT_EQ(with_settings(once, second),
            "device = x\n# profiles= h264\n#profiles =\nprofile = /x\n" + second);
}

class MadeClip : public testing::TestWithParam<Codec> {};

TEST_P(MadeClip, DecodesToAllItsPictures) {
  if (!encoder_for(GetParam())) GTEST_SKIP() << "libavcodec has no encoder for it";
  constexpr ClipSize size = {322, 178, 12};
  int last = 0;
  const Clip clip = make_clip(GetParam(), size, [&](int done) { last = done; });
  EXPECT_EQ(last, size.pictures);
  ASSERT_FALSE(clip.packets.empty());
  EXPECT_TRUE(clip.packets.front()->flags & AV_PKT_FLAG_KEY);
  EXPECT_EQ(sched_getscheduler(0), SCHED_OTHER) << "the encoder has left real-time priority";
  const auto decoder = open_codec(clip, nullptr, 1);
  ASSERT_TRUE(decoder);
  const Frame frame(av_frame_alloc());
  int frames = 0;
  const auto receive = [&] {
    while (avcodec_receive_frame(decoder.get(), frame.get()) == 0) {
      EXPECT_EQ(frame->width, size.width);
      EXPECT_EQ(frame->height, size.height);
      ++frames;
    }
  };
  for (const auto& packet : clip.packets) {
    ASSERT_EQ(avcodec_send_packet(decoder.get(), packet.get()), 0);
    receive();
  }
  avcodec_send_packet(decoder.get(), nullptr);
  receive();
  EXPECT_EQ(frames, size.pictures);
}

INSTANTIATE_TEST_SUITE_P(Codecs, MadeClip, testing::Values(Codec::h264, Codec::vp9, Codec::av1),
                         [](const auto& codec) {
                           return std::string(codec_names[static_cast<std::size_t>(codec.param)]);
                         });

}  // namespace

}  // namespace daedalus::bench
