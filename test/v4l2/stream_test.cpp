// SPDX-License-Identifier: MIT
// The daemon's streams with a test in place of the kernel: compares frames with libavcodec's, and
// tests bad messages, clients that leave and devices that do not answer.
#include "v4l2/stream.h"

#include <gtest/gtest.h>
#include <linux/videodev2.h>

#include <algorithm>
#include <cstring>
#include <thread>

#include "null/null_device.h"
#include "streams/manifest.h"
#include "v4l2/client.h"
#include "vulkan/device.h"

namespace daedalus::test {
namespace {

using v4l2::Metrics;
using v4l2::Stream;
using v4l2::StreamSettings;

constexpr std::chrono::minutes long_enough{2};
constexpr FakeFormat small = {V4L2_PIX_FMT_NV12, 64, 48};

struct TestClip {
  const char* codec;
  const char* file;
};

void PrintTo(const TestClip& clip, std::ostream* out) {
  *out << clip.codec << '/' << clip.file;
}

class V4l2Decoding : public testing::TestWithParam<TestClip> {};

TEST_P(V4l2Decoding, EqualsLibavcodec) {
  av_log_set_level(AV_LOG_QUIET);
  const auto clip = load_clip(vectors() + "/" + GetParam().codec + "/" + GetParam().file);
  if (clip.packets.empty()) GTEST_SKIP() << "no such clip: set DAEDALUS_VECTORS";
  auto gpu = vulkan::open_device({});
  ASSERT_TRUE(gpu) << "no usable Vulkan device";
  Metrics metrics;
  FakeKernel kernel;
  StreamSettings settings;
  settings.time_for_picture = long_enough;
  auto stream = Stream::start(**gpu, kernel.connect(), settings, metrics);
  ASSERT_TRUE(stream);
  VADisplay display = open_display();  // the null device's, only for libavcodec
  ASSERT_TRUE(display);
  V4l2Client client(display, kernel);
  {
    const auto va_device = vaapi_device(display);
    client.play(clip, va_device.get());
  }
  const auto expected = software_frames(clip);
  ASSERT_EQ(client.frames.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    ASSERT_TRUE(client.frames[i] == expected[i]) << "frame " << i;
  EXPECT_GT(client.jobs, 0u);
  EXPECT_EQ(metrics.refused, 0u);
  EXPECT_EQ(metrics.damaged, 0u);
  EXPECT_EQ(metrics.failed, 0u);
  const auto answers = kernel.answers();
  EXPECT_TRUE(std::is_sorted(answers.begin(), answers.end())) << "not in decode order";
  client.restore();
  vaTerminate(display);
}

constexpr TestClip clips[] = {
    {"h264", "conformance/CABA3_SVA_B.264"},      // B pictures
    {"h264", "conformance/BA3_SVA_C.264"},        // CAVLC
    {"h264", "conformance/CVPA1_TOSHIBA_B.264"},  // fields and frames
    {"h264", "conformance/CAMA3_Sand_E.264"},     // MBAFF
    {"h264", "conformance/FRExt2_Panasonic_C.264"},
    {"vp9", "made/multi-arf.ivf"},
    {"vp9", "made/p2-10bit-151x83.ivf"},
    {"vp9", "conformance/vp90-2-05-resize.ivf"},
    {"av1", "made/tiles-width-list.ivf"},
    {"av1", "made/grain-odd-161x91-test-12.ivf"},
    {"av1", "made/grain-10bit-test-3.ivf"},
    {"av1", "made/superres-16-odd-161x91.ivf"},
};
std::string name_of(const testing::TestParamInfo<TestClip>& info) {
  std::string name = std::string(info.param.codec) + "_" + info.param.file;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return !isalnum(c); }, '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(Clips, V4l2Decoding, testing::ValuesIn(clips), name_of);

class V4l2Stream : public testing::Test {
 protected:
  void SetUp() override { start({.time_for_picture = long_enough}); }
  void start(const StreamSettings& settings) {
    auto started = Stream::start(*device, kernel.connect(), settings, metrics);
    ASSERT_TRUE(started);
    stream = std::move(*started);
  }
  bool ends() {
    for (int i = 0; i < 1000 && !stream->ended(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return stream->ended();
  }
  // A picture without slices.
  JobMessage h264_job(uint64_t buffer, const FakeFormat& format = small) {
    JobMessage message(DAEDALUS_V4L2_H264, format, buffer, 1);
    v4l2_ctrl_h264_sps sps{};
    sps.chroma_format_idc = 1;
    sps.pic_width_in_mbs_minus1 = 3;
    sps.pic_height_in_map_units_minus1 = 2;
    sps.flags = V4L2_H264_SPS_FLAG_FRAME_MBS_ONLY;
    message.add_control(V4L2_CID_STATELESS_H264_SPS, sps);
    message.add_control(V4L2_CID_STATELESS_H264_PPS, v4l2_ctrl_h264_pps{});
    message.add_control(V4L2_CID_STATELESS_H264_SCALING_MATRIX, v4l2_ctrl_h264_scaling_matrix{});
    message.add_control(V4L2_CID_STATELESS_H264_DECODE_PARAMS, v4l2_ctrl_h264_decode_params{});
    return message;
  }

  std::unique_ptr<daedalus::Device> device = null::open_device();
  Metrics metrics;
  FakeKernel kernel;
  std::unique_ptr<Stream> stream;
};

TEST_F(V4l2Stream, PicturesWithoutSlicesAreConcealed) {
  const auto job = kernel.send(h264_job(kernel.add_buffer(small)));
  EXPECT_EQ(kernel.wait(job), DAEDALUS_V4L2_DONE);
  EXPECT_EQ(metrics.damaged, 1u);
  EXPECT_EQ(metrics.refused, 0u);
}

TEST_F(V4l2Stream, RefusedPicturesHaveSubstitutes) {
  const auto buffer = kernel.add_buffer(small);
  for (const uint32_t codec : {DAEDALUS_V4L2_H264, DAEDALUS_V4L2_VP9, DAEDALUS_V4L2_AV1, 7}) {
    const auto job = kernel.send(JobMessage(codec, small, buffer, 1));  // without controls
    EXPECT_EQ(kernel.wait(job), DAEDALUS_V4L2_DONE) << codec;
  }
  EXPECT_EQ(metrics.refused, 4u);
  EXPECT_EQ(kernel.memory(buffer)[0], std::byte{0x10}) << "black";
}

TEST_F(V4l2Stream, UnknownBuffersFail) {
  EXPECT_EQ(kernel.wait(kernel.send(h264_job(77))), DAEDALUS_V4L2_FAILED);
  const auto buffer = kernel.add_buffer(small);
  EXPECT_EQ(kernel.wait(kernel.send(h264_job(buffer))), DAEDALUS_V4L2_DONE);
  kernel.remove_buffer(buffer);
  EXPECT_EQ(kernel.wait(kernel.send(h264_job(buffer))), DAEDALUS_V4L2_FAILED);
  EXPECT_EQ(metrics.failed, 2u);
}

// The memory is smaller than the message states.
TEST_F(V4l2Stream, BuffersThatAreTooSmallFail) {
  const FakeFormat large = {V4L2_PIX_FMT_NV12, 640, 480};
  const JobMessage message(DAEDALUS_V4L2_H264, large, kernel.add_buffer(small), 1);
  EXPECT_EQ(kernel.wait(kernel.send(message)), DAEDALUS_V4L2_FAILED);
}

TEST_F(V4l2Stream, BuffersAreBounded) {
  uint64_t job = 0;
  for (int i = 0; i < 100; ++i) job = kernel.send(h264_job(kernel.add_buffer(small)));
  EXPECT_EQ(kernel.wait(job), DAEDALUS_V4L2_FAILED);
  EXPECT_EQ(metrics.buffers, 64u);
}

TEST_F(V4l2Stream, EndsWithTheClient) {
  std::vector<uint64_t> jobs;
  for (int i = 0; i < 20; ++i) jobs.push_back(kernel.send(h264_job(kernel.add_buffer(small))));
  kernel.hang_up();
  EXPECT_TRUE(ends());
  EXPECT_EQ(kernel.answers(), jobs);
  stream.reset();
  EXPECT_EQ(metrics.open_streams, 0u);
}

TEST_F(V4l2Stream, EndsWithTheDaemon) {
  for (int i = 0; i < 20; ++i) kernel.send(h264_job(kernel.add_buffer(small)));
  stream.reset();
  EXPECT_EQ(metrics.open_streams, 0u);
}

TEST_F(V4l2Stream, EndsIfTheModuleViolatesTheProtocol) {
  kernel.send({std::byte{1}, std::byte{2}});
  EXPECT_TRUE(ends());
}

TEST_F(V4l2Stream, CodecsAndSizesMayChange) {
  const FakeFormat formats[] = {small, {V4L2_PIX_FMT_NV12, 640, 360}, small};
  for (const auto& format : formats) {
    const auto buffer = kernel.add_buffer(format);
    EXPECT_EQ(kernel.wait(kernel.send(h264_job(buffer, format))), DAEDALUS_V4L2_DONE);
    const auto other = kernel.send(JobMessage(DAEDALUS_V4L2_VP9, format, buffer, 2));
    EXPECT_EQ(kernel.wait(other), DAEDALUS_V4L2_DONE);
  }
  EXPECT_EQ(metrics.damaged, 3u);
  EXPECT_EQ(metrics.refused, 3u);
}

class ImpatientV4l2Stream : public V4l2Stream {
  void SetUp() override { start({}); }
};

TEST_F(ImpatientV4l2Stream, FailsPicturesThatTakeTooLong) {
  kernel.is_slow = true;
  const auto buffer = kernel.add_buffer(small);
  EXPECT_EQ(kernel.wait(kernel.send(h264_job(buffer))), DAEDALUS_V4L2_FAILED);
  EXPECT_EQ(kernel.wait(kernel.send(h264_job(buffer))), DAEDALUS_V4L2_DONE) << "the next one";
}

}  // namespace
}  // namespace daedalus::test
