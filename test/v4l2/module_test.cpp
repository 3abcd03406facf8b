// SPDX-License-Identifier: MIT
// Tests the V4L2 module with clients and daemons that behave, exit, hang and attack. Runs as root
// in the virtual machine, where nobody else uses the module. One thread plays both client and
// daemon: neither waits for the other in a system call.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <random>
#include <string>
#include <thread>

#include "client_side.h"
#include "daemon_side.h"

namespace daedalus::v4l2_test {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::array<uint8_t, 5> kBytes{0, 0, 1, 0x65, 0x88};

// An unmapped address; volatile to hide it from the compiler.
void* volatile nowhere = nullptr;

class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}
  uint32_t operator()() { return static_cast<uint32_t>(engine_()); }

 private:
  std::mt19937 engine_;
};

int64_t elapsed_ms(Clock::time_point begin) {
  return std::chrono::duration_cast<milliseconds>(Clock::now() - begin).count();
}

v4l2_ctrl_h264_sps sps(uint16_t mbs_wide = 4, uint16_t mbs_high = 4) {
  v4l2_ctrl_h264_sps sps{};
  sps.profile_idc = 100;
  sps.chroma_format_idc = 1;
  sps.pic_width_in_mbs_minus1 = static_cast<uint16_t>(mbs_wide - 1);
  sps.pic_height_in_map_units_minus1 = static_cast<uint16_t>(mbs_high - 1);
  sps.flags = V4L2_H264_SPS_FLAG_FRAME_MBS_ONLY;
  return sps;
}

class Module : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(control.error(), 0); }
  void TearDown() override {
    // Shows whether the kernel warned, oopsed or found a damaged slab.
    std::ifstream file("/proc/sys/kernel/tainted");
    int tainted = 0;
    file >> tainted;
    constexpr int kWarned = 1 << 9, kDied = 1 << 7, kBadMemory = 1 << 5;
    EXPECT_EQ(tainted & (kWarned | kDied | kBadMemory), 0) << "see the console";
  }

  // Starts a client that streams 64x64, and accepts its stream as the daemon.
  void start(Client& client, std::optional<Stream>& stream, uint32_t count = 4) {
    ASSERT_EQ(client.start(V4L2_PIX_FMT_H264_SLICE, 64, 64, count), 0);
    stream = control.accept();
    ASSERT_TRUE(stream);
  }

  // The same with room for two requests and one picture. `most`: the size of a request in bytes, 0:
  // the module's default.
  void start_with_one_picture(Client& client, std::optional<Stream>& stream, uint32_t most = 0) {
    ASSERT_EQ(client.set_format(V4L2_PIX_FMT_H264_SLICE, 64, 64, most), 0);
    ASSERT_EQ(client.request_buffers(kOutput, 2), 0);
    ASSERT_EQ(client.request_buffers(kCapture, 1), 0);
    ASSERT_EQ(client.queue_capture(0), 0);
    for (const uint32_t type : {kOutput, kCapture}) ASSERT_EQ(client.stream(type, true), 0);
    stream = control.accept();
    ASSERT_TRUE(stream);
  }

  Control control{everything()};
};

TEST_F(Module, RefusesAnotherCreate) {
  auto create = everything();
  EXPECT_EQ(ioctl(control.fd(), DAEDALUS_V4L2_CREATE, &create), -1);
  EXPECT_EQ(errno, EBUSY);
}

TEST_F(Module, RefusesBadCreates) {
  const auto error = [](auto change) {
    auto create = everything();
    change(create);
    return Control(create).error();
  };
  EXPECT_EQ(error([](auto& c) { c.size = 0; }), -EINVAL);
  EXPECT_EQ(error([](auto& c) { ++c.version; }), -EINVAL);
  EXPECT_EQ(error([](auto& c) { c.video = 1; }), -EINVAL);
  EXPECT_EQ(error([](auto& c) { std::ranges::fill(c.codecs, daedalus_v4l2_codec{}); }), -EINVAL);
  EXPECT_EQ(error([](auto& c) { c.codecs[1].max_width = 0; }), -EINVAL) << "but flags and height";
  EXPECT_EQ(error([](auto& c) { c.codecs[0].flags = 8; }), -EINVAL);
  EXPECT_EQ(error([](auto& c) { c.codecs[0].max_width = 15; }), -EINVAL);
  EXPECT_EQ(error([](auto& c) { c.codecs[2].max_height = 370; }), -EINVAL);
  EXPECT_EQ(error([](auto& c) { c.codecs[0].max_height = 16400; }), -EINVAL);
}

TEST_F(Module, ListsWhatTheDaemonSays) {
  control.close();
  auto create = everything(640, 368);
  create.codecs[DAEDALUS_V4L2_H264] = create.codecs[DAEDALUS_V4L2_AV1] = {};
  control = Control(create);
  ASSERT_EQ(control.error(), 0);
  Client client(control.video());
  v4l2_fmtdesc description{};
  description.type = kOutput;
  EXPECT_EQ(ioctl(client.video(), VIDIOC_ENUM_FMT, &description), 0);
  EXPECT_EQ(description.pixelformat, V4L2_PIX_FMT_VP9_FRAME);
  description.index = 1;
  EXPECT_EQ(ioctl(client.video(), VIDIOC_ENUM_FMT, &description), -1);
  ASSERT_EQ(client.set_format(V4L2_PIX_FMT_H264_SLICE, 9999, 9999), 0);
  EXPECT_EQ(client.format(kOutput).pixelformat, V4L2_PIX_FMT_VP9_FRAME);
  EXPECT_EQ(client.format(kOutput).width, 640u);
  EXPECT_EQ(client.format(kOutput).height, 368u);
  v4l2_frmsizeenum size{};
  EXPECT_EQ(ioctl(client.video(), VIDIOC_ENUM_FRAMESIZES, &size), -1) << "of format 0";
  const auto parameters = sps();
  EXPECT_EQ(client.set_control(V4L2_CID_STATELESS_H264_SPS, &parameters, sizeof parameters),
            -EINVAL);
}

TEST_F(Module, JobsCarryWhatTheClientGave) {
  Client client(control.video());
  std::optional<Stream> stream;
  start(client, stream);
  auto request = client.make_request();
  ASSERT_TRUE(request);
  const auto parameters = sps(3, 2);
  ASSERT_EQ(client.set_control(V4L2_CID_STATELESS_H264_SPS, &parameters, sizeof parameters,
                               request.get()),
            0);
  ASSERT_EQ(client.queue_output(0, kBytes, 1234, request.get()), 0);
  ASSERT_EQ(client.queue_request(request.get()), 0);
  const auto message = stream->read();
  ASSERT_TRUE(message && message->is_job());
  const auto& job = message->job();
  EXPECT_EQ(job.header.size, message->bytes.size());
  EXPECT_EQ(job.timestamp, 1234000u);
  EXPECT_EQ(job.codec, static_cast<uint32_t>(DAEDALUS_V4L2_H264));
  EXPECT_EQ(job.format, V4L2_PIX_FMT_NV12);
  EXPECT_EQ(job.width, 64u);
  EXPECT_EQ(job.pitch, 64u);
  EXPECT_EQ(job.sizeimage, 64u * 64 * 3 / 2);
  ASSERT_EQ(job.bitstream_size, kBytes.size());
  EXPECT_EQ(std::memcmp(message->bitstream().data(), kBytes.data(), kBytes.size()), 0);
  const auto controls = message->controls();
  ASSERT_EQ(controls.size(), 4u);
  const auto found = controls.find(V4L2_CID_STATELESS_H264_SPS);
  ASSERT_TRUE(found != controls.end() && found->second.size() == sizeof parameters);
  EXPECT_EQ(std::memcmp(found->second.data(), &parameters, sizeof parameters), 0);

  const FileDescriptor dma_buf(stream->get(job.buffer));
  ASSERT_TRUE(dma_buf);
  ASSERT_TRUE(paint(job, dma_buf.get(), 77));
  EXPECT_EQ(wait_for(request.get(), POLLPRI, 0), 0);
  EXPECT_EQ(stream->answer(job.job), static_cast<int>(sizeof(daedalus_v4l2_answer)));
  EXPECT_EQ(wait_for(request.get(), POLLPRI, 0), POLLPRI);
  const auto picture = client.dequeue(kCapture);
  ASSERT_EQ(picture.error, 0);
  EXPECT_FALSE(picture.failed());
  EXPECT_EQ(picture.timestamp_us, 1234u);
  EXPECT_EQ(client.first_sample(picture.index), 77);
  EXPECT_EQ(client.dequeue(kOutput).error, 0);
}

TEST_F(Module, PicturesReturnInDecodeOrder) {
  Client client(control.video(), O_NONBLOCK);
  std::optional<Stream> stream;
  start(client, stream);
  std::array<FileDescriptor, 3> requests;
  for (uint32_t i = 0; i < 3; ++i) requests[i] = client.decode(i, kBytes, 100 + i);
  std::array<uint64_t, 3> jobs{};
  for (auto& job : jobs) job = stream->read()->job().job;
  stream->answer(jobs[2]);
  stream->answer(jobs[1], DAEDALUS_V4L2_FAILED);
  EXPECT_EQ(client.dequeue(kCapture).error, -EAGAIN);
  stream->answer(jobs[0]);
  for (uint32_t i = 0; i < 3; ++i) {
    const auto picture = client.dequeue(kCapture);
    EXPECT_EQ(picture.error, 0);
    EXPECT_EQ(picture.timestamp_us, 100 + i);
    EXPECT_EQ(picture.failed(), i == 1);
    EXPECT_EQ(client.dequeue(kOutput).error, 0);
  }
}

TEST_F(Module, SecondFieldsShareABuffer) {
  Client client(control.video(), O_NONBLOCK);
  std::optional<Stream> stream;
  start(client, stream);
  const auto first = client.decode(0, kBytes, 5, V4L2_BUF_FLAG_M2M_HOLD_CAPTURE_BUF);
  const auto second = client.decode(1, kBytes, 5);
  const auto alone = client.decode(2, kBytes, 6, V4L2_BUF_FLAG_M2M_HOLD_CAPTURE_BUF);
  const auto a = stream->read(), b = stream->read(), c = stream->read();
  ASSERT_TRUE(a && b && c);
  EXPECT_EQ(a->job().flags, 0u);
  EXPECT_EQ(b->job().flags, DAEDALUS_V4L2_JOB_SECOND_FIELD);
  EXPECT_EQ(c->job().flags, 0u);
  EXPECT_EQ(a->job().buffer, b->job().buffer);
  EXPECT_NE(a->job().buffer, c->job().buffer);
  stream->answer(a->job().job);
  EXPECT_EQ(wait_for(first.get(), POLLPRI, 0), POLLPRI);
  EXPECT_EQ(client.dequeue(kCapture).error, -EAGAIN) << "the second field is missing";
  stream->answer(b->job().job);
  EXPECT_EQ(client.dequeue(kCapture).timestamp_us, 5u);
  stream->answer(c->job().job);
  EXPECT_EQ(client.dequeue(kCapture).error, -EAGAIN);
  EXPECT_EQ(client.flush(), 0);
  EXPECT_EQ(client.dequeue(kCapture).timestamp_us, 6u);
}

// The module accepts no more bytes until the daemon has read the first field, whose buffer must not
// be returned meanwhile.
TEST_F(Module, ASecondFieldThatBecomesNoJob) {
  Client client(control.video(), O_NONBLOCK);
  std::optional<Stream> stream;
  ASSERT_NO_FATAL_FAILURE(start_with_one_picture(client, stream, DAEDALUS_V4L2_MAX_BITSTREAM));
  const std::vector<uint8_t> large(DAEDALUS_V4L2_MAX_BITSTREAM);
  const auto first = client.decode(0, large, 5, V4L2_BUF_FLAG_M2M_HOLD_CAPTURE_BUF);
  const auto second = client.decode(1, large, 5);
  EXPECT_EQ(wait_for(second.get(), POLLPRI, 2000), POLLPRI);
  EXPECT_EQ(client.dequeue(kCapture).error, -EAGAIN) << "the daemon is to write it";
  const auto job = stream->read();
  ASSERT_TRUE(job && job->is_job());
  EXPECT_FALSE(stream->read(0));
  stream->answer(job->job().job);
  EXPECT_TRUE(client.dequeue(kCapture).failed());
  EXPECT_EQ(wait_for(first.get(), POLLPRI, 0), POLLPRI);
}

TEST_F(Module, TenBitsMakeP010) {
  Client client(control.video());
  ASSERT_EQ(client.set_format(V4L2_PIX_FMT_VP9_FRAME, 64, 64), 0);
  EXPECT_EQ(client.format(kCapture).pixelformat, V4L2_PIX_FMT_NV12);
  v4l2_ctrl_vp9_frame frame{};
  frame.profile = 2;
  frame.bit_depth = 10;
  frame.frame_width_minus_1 = frame.frame_height_minus_1 = 63;
  frame.flags = V4L2_VP9_FRAME_FLAG_X_SUBSAMPLING | V4L2_VP9_FRAME_FLAG_Y_SUBSAMPLING;
  ASSERT_EQ(client.set_control(V4L2_CID_STATELESS_VP9_FRAME, &frame, sizeof frame), 0);
  EXPECT_EQ(client.format(kCapture).pixelformat, V4L2_PIX_FMT_P010);
  EXPECT_EQ(client.format(kCapture).plane_fmt[0].sizeimage, 64u * 64 * 3);
}

TEST_F(Module, RefusesWhatTheDaemonDoesNotDecode) {
  Client client(control.video());
  ASSERT_EQ(client.set_format(V4L2_PIX_FMT_H264_SLICE, 64, 64), 0);
  const auto error = [&](auto change) {
    auto parameters = sps();
    change(parameters);
    return client.set_control(V4L2_CID_STATELESS_H264_SPS, &parameters, sizeof parameters);
  };
  EXPECT_EQ(error([](auto&) {}), 0);
  EXPECT_EQ(error([](auto& s) { s.pic_width_in_mbs_minus1 = 4; }), -EINVAL);
  EXPECT_EQ(error([](auto& s) { s.pic_height_in_map_units_minus1 = 0xffff; }), -EINVAL);
  EXPECT_EQ(error([](auto& s) { s.bit_depth_luma_minus8 = 2; }), -EINVAL);
  EXPECT_EQ(error([](auto& s) { s.profile_idc = 122, s.chroma_format_idc = 2; }), -EINVAL);
}

TEST_F(Module, SeekTakesJobsBack) {
  Client client(control.video(), O_NONBLOCK);
  std::optional<Stream> stream;
  start(client, stream);
  const auto request = client.decode(0, kBytes, 1);
  const auto unread = client.decode(1, kBytes, 2);
  const auto before = stream->read();
  ASSERT_TRUE(before);
  const auto begin = Clock::now();
  EXPECT_EQ(client.stream(kOutput, false), 0);
  EXPECT_EQ(client.stream(kCapture, false), 0);
  EXPECT_LT(elapsed_ms(begin), 1000);
  EXPECT_EQ(wait_for(request.get(), POLLPRI, 0), POLLPRI);
  EXPECT_EQ(wait_for(unread.get(), POLLPRI, 0), POLLPRI);
  for (uint32_t i = 0; i < 4; ++i) EXPECT_EQ(client.queue_capture(i), 0);
  EXPECT_EQ(client.stream(kOutput, true), 0);
  EXPECT_EQ(client.stream(kCapture, true), 0);
  const auto again = client.decode(0, kBytes, 3);
  EXPECT_GT(stream->answer(before->job().job), 0) << "late answers are ignored";
  EXPECT_EQ(client.dequeue(kCapture).error, -EAGAIN);
  const auto after = stream->read();
  ASSERT_TRUE(after && after->is_job());
  EXPECT_EQ(after->job().timestamp, 3000u);
  EXPECT_GT(stream->answer(after->job().job), 0);
  EXPECT_EQ(client.dequeue(kCapture).timestamp_us, 3u);
}

TEST_F(Module, ResolutionChangeNamesNewMemory) {
  Client client(control.video(), O_NONBLOCK);
  std::optional<Stream> stream;
  start(client, stream, 2);
  const auto request = client.decode(0, kBytes, 1);
  const auto small = stream->read();
  ASSERT_TRUE(small);
  const FileDescriptor dma_buf(stream->get(small->job().buffer));
  EXPECT_EQ(client.set_format(V4L2_PIX_FMT_H264_SLICE, 128, 96), -EBUSY);
  stream->answer(small->job().job);
  for (const uint32_t type : {kOutput, kCapture}) {
    EXPECT_EQ(client.stream(type, false), 0);
    EXPECT_EQ(client.request_buffers(type, 0), 0);
  }
  const auto gone = stream->read();
  ASSERT_TRUE(gone);
  ASSERT_EQ(gone->header().type, DAEDALUS_V4L2_BUFFER_GONE);
  EXPECT_EQ(reinterpret_cast<const daedalus_v4l2_buffer_gone&>(gone->header()).buffer,
            small->job().buffer);
  EXPECT_EQ(stream->get(small->job().buffer), -ENOENT);
  EXPECT_TRUE(paint(small->job(), dma_buf.get(), 3)) << "the descriptor keeps the memory";
  ASSERT_EQ(client.start(V4L2_PIX_FMT_H264_SLICE, 128, 96, 2), 0);
  const auto next = client.decode(0, kBytes, 2);
  const auto large = stream->read();
  ASSERT_TRUE(large && large->is_job());
  EXPECT_EQ(large->job().width, 128u);
  EXPECT_EQ(large->job().pitch, 128u);
  EXPECT_GT(large->job().buffer, small->job().buffer);
}

TEST_F(Module, TwoClientsHaveTheirOwnStreams) {
  Client first(control.video(), O_NONBLOCK), second(control.video(), O_NONBLOCK);
  std::optional<Stream> a, b;
  start(first, a);
  start(second, b);
  const auto of_first = first.decode(0, kBytes, 1);
  const auto of_second = second.decode(0, kBytes, 2);
  const auto job_a = a->read(), job_b = b->read();
  ASSERT_TRUE(job_a && job_b);
  EXPECT_GT(b->answer(job_b->job().job), 0);
  EXPECT_EQ(second.dequeue(kCapture).timestamp_us, 2u);
  EXPECT_EQ(first.dequeue(kCapture).error, -EAGAIN);
  a->close();  // only this stream must fail
  EXPECT_EQ(wait_for(of_first.get(), POLLPRI, 2000), POLLPRI);
  EXPECT_EQ(second.dequeue(kOutput).error, 0);
  EXPECT_EQ(second.queue_capture(0), 0);
  const auto more = second.decode(0, kBytes, 3);
  EXPECT_TRUE(b->read());
}

TEST_F(Module, NoMoreStreamsThanTheLimit) {
  std::vector<std::unique_ptr<Client>> clients;
  for (unsigned i = 0; i < DAEDALUS_V4L2_MAX_STREAMS; ++i) {
    clients.push_back(std::make_unique<Client>(control.video()));
    ASSERT_EQ(clients.back()->start(V4L2_PIX_FMT_H264_SLICE, 64, 64, 1), 0);
  }
  Client last(control.video());
  EXPECT_EQ(last.start(V4L2_PIX_FMT_H264_SLICE, 64, 64, 1), -EBUSY);
  clients.pop_back();
  EXPECT_EQ(last.stream(kOutput, true), 0);
}

TEST_F(Module, ClientIsKilled) {
  const pid_t child = fork();
  if (child == 0) {
    Client client(control.video());
    if (client.start(V4L2_PIX_FMT_H264_SLICE, 64, 64)) _exit(1);
    const auto first = client.decode(0, kBytes, 1), second = client.decode(1, kBytes, 2);
    client.dequeue(kCapture);
    _exit(2);
  }
  auto stream = control.accept();
  ASSERT_TRUE(stream);
  const auto job = stream->read();
  ASSERT_TRUE(job && job->is_job());
  const FileDescriptor dma_buf(stream->get(job->job().buffer));
  std::this_thread::sleep_for(milliseconds(200));
  const auto begin = Clock::now();
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_LT(elapsed_ms(begin), 1000);
  std::optional<Message> message;
  do message = stream->read();
  while (message && !message->bytes.empty());
  EXPECT_TRUE(message) << "the end of the stream";
  EXPECT_TRUE(wait_for(stream->fd(), POLLIN, 0) & POLLHUP);
  EXPECT_GT(stream->answer(job->job().job), 0);
  EXPECT_TRUE(paint(job->job(), dma_buf.get(), 9));
}

TEST_F(Module, DaemonIsStuck) {
  Client client(control.video());
  std::optional<Stream> stream;
  start(client, stream);
  std::array<FileDescriptor, 3> requests;
  for (uint32_t i = 0; i < 3; ++i) requests[i] = client.decode(i, kBytes, i);
  ASSERT_TRUE(stream->read());
  const auto begin = Clock::now();
  { const Client closed = std::move(client); }
  EXPECT_LT(elapsed_ms(begin), 1000);
}

TEST_F(Module, DaemonExitsWithUnansweredJobs) {
  Client client(control.video());
  std::optional<Stream> stream;
  start(client, stream);
  const auto in_hand = client.decode(0, kBytes, 1);
  const auto unread = client.decode(1, kBytes, 2);
  ASSERT_TRUE(stream->read());
  int error = 0;
  std::thread blocked([&] { error = client.dequeue(kCapture).error; });
  std::this_thread::sleep_for(milliseconds(100));
  stream->close();
  control.close();
  blocked.join();
  EXPECT_NE(wait_for(client.video(), POLLIN, 2000), 0);
  EXPECT_EQ(wait_for(in_hand.get(), POLLPRI, 2000), POLLPRI);
  EXPECT_EQ(wait_for(unread.get(), POLLPRI, 2000), POLLPRI);
  EXPECT_EQ(client.queue_capture(0), -ENODEV);
  Client late(0);
  EXPECT_FALSE(late.video() >= 0) << "the node is gone";
}

// The second request has no CAPTURE buffer, so it has not become a job.
TEST_F(Module, RequestWaitsForCaptureWhenTheDaemonGoes) {
  Client client(control.video());
  std::optional<Stream> stream;
  ASSERT_NO_FATAL_FAILURE(start_with_one_picture(client, stream));
  const auto in_hand = client.decode(0, kBytes, 1);
  const auto waiting = client.decode(1, kBytes, 2);
  ASSERT_TRUE(stream->read());
  EXPECT_FALSE(stream->read(100));
  stream->close();
  EXPECT_EQ(wait_for(in_hand.get(), POLLPRI, 2000), POLLPRI);
  EXPECT_EQ(wait_for(waiting.get(), POLLPRI, 2000), POLLPRI);
  EXPECT_EQ(client.stream(kOutput, false), 0);
  EXPECT_EQ(client.stream(kOutput, true), -EIO);
}

TEST_F(Module, HostileAnswers) {
  Client client(control.video(), O_NONBLOCK);
  std::optional<Stream> stream;
  start(client, stream);
  const auto request = client.decode(0, kBytes, 1);
  EXPECT_EQ(stream->answer(1), -EINVAL) << "not read";
  char small[16];
  EXPECT_EQ(read(stream->fd(), small, sizeof small), -1);
  EXPECT_EQ(errno, EMSGSIZE);
  EXPECT_EQ(stream->get(1), -ENOENT) << "not named yet";
  const auto job = stream->read();
  ASSERT_TRUE(job);
  EXPECT_EQ(stream->answer(0), -EINVAL);
  EXPECT_EQ(stream->answer(2), -EINVAL);
  EXPECT_EQ(stream->answer(~uint64_t{0}), -EINVAL);
  EXPECT_EQ(stream->answer(1, 2), -EINVAL);
  EXPECT_EQ(stream->get(0), -ENOENT);
  EXPECT_EQ(stream->get(~uint64_t{0}), -ENOENT);
  EXPECT_EQ(write(stream->fd(), small, 0), -1);
  EXPECT_EQ(write(stream->fd(), nowhere, sizeof(daedalus_v4l2_answer)), -1);
  EXPECT_EQ(ioctl(stream->fd(), DAEDALUS_V4L2_GET, nullptr), -1);
  EXPECT_EQ(ioctl(control.fd(), DAEDALUS_V4L2_ACCEPT), -1);
  Random random(1);
  for (int i = 0; i < 3000; ++i) {
    constexpr size_t kSize = sizeof(daedalus_v4l2_answer);
    std::array<daedalus_v4l2_answer, 2> answers{};
    answers[0] = {{kSize, DAEDALUS_V4L2_ANSWER, 1}, random() % 4, random() % 3, 0};
    auto* bytes = reinterpret_cast<uint8_t*>(answers.data());
    for (uint32_t last = random() % 3; last > 0; --last)
      bytes[random() % kSize] = static_cast<uint8_t>(random());
    if (write(stream->fd(), bytes, random() % 4 ? kSize : random() % sizeof answers) > 0 &&
        client.dequeue(kOutput).error == 0) {
      const auto back = client.dequeue(kCapture);
      EXPECT_EQ(back.error, 0);
      client.queue_capture(back.index);
    }
    ioctl(stream->fd(), random(), random() % 2 ? static_cast<void*>(bytes) : nullptr);
  }
}

TEST_F(Module, AMessageThatCannotBeCopiedFails) {
  Client client(control.video());
  std::optional<Stream> stream;
  start(client, stream);
  const auto request = client.decode(0, kBytes, 1);
  EXPECT_EQ(read(stream->fd(), nowhere, 1 << 20), -1);
  EXPECT_EQ(errno, EFAULT);
  EXPECT_EQ(wait_for(request.get(), POLLPRI, 2000), POLLPRI);
  const auto picture = client.dequeue(kCapture);
  EXPECT_TRUE(picture.error || picture.failed());
}

// Suspending affects only tasks, because the module has no state outside memory. The kernel's test
// stops for a second after freezing tasks; both sides are then waiting in system calls.
TEST_F(Module, SuspendFreezesAStream) {
  if (access("/sys/power/pm_test", W_OK)) GTEST_SKIP() << "the kernel has no pm_test";
  Client client(control.video());
  std::optional<Stream> stream;
  start(client, stream);
  std::thread daemon([&] {
    const auto message = stream->read(60'000);
    if (message && message->is_job()) stream->answer(message->job().job);
  });
  Dequeued picture;
  std::thread blocked([&] { picture = client.dequeue(kCapture); });
  std::this_thread::sleep_for(milliseconds(100));
  std::ofstream("/sys/module/suspend/parameters/pm_test_delay") << 1;
  std::ofstream("/sys/power/pm_test") << "freezer";
  const auto begin = Clock::now();
  const bool suspended =
      static_cast<bool>(std::ofstream("/sys/power/state") << "freeze" << std::flush);
  EXPECT_TRUE(suspended);
  // The kernel's second is a loop calibrated at boot: on a loaded host it may be shorter.
  EXPECT_GE(elapsed_ms(begin), 100);
  const auto request = client.decode(0, kBytes, 7);
  blocked.join();
  daemon.join();
  EXPECT_EQ(picture.error, 0);
  EXPECT_EQ(picture.timestamp_us, 7u);
}

// Random bytes in every control, random requests, buffers and ioctls. The daemon answers whatever
// arrives.
TEST_F(Module, HostileClient) {
  Random random(2);
  const std::array<uint32_t, 3> codecs{V4L2_PIX_FMT_H264_SLICE, V4L2_PIX_FMT_VP9_FRAME,
                                       v4l2_fourcc('A', 'V', '1', 'F')};
  std::vector<uint8_t> bytes(1 << 12);
  int jobs = 0;
  for (const uint32_t codec : codecs) {
    Client client(control.video(), O_NONBLOCK);
    ASSERT_EQ(client.start(codec, 64, 64), 0);
    auto stream = control.accept();
    ASSERT_TRUE(stream);
    for (int round = 0; round < 200; ++round) {
      for (auto& byte : bytes) byte = random() & 1 ? 0 : static_cast<uint8_t>(random());
      auto request = client.make_request();
      // H.264's controls begin at 0 of this class, VP9's at 300 and AV1's at 500.
      for (const uint32_t base : {0u, 300u, 500u})
        for (uint32_t id = 0; id < 9; ++id)
          if (random() & 1)
            client.set_control(V4L2_CID_CODEC_STATELESS_BASE + base + id, bytes.data(),
                               random() % 4096, random() & 1 ? request.get() : -1);
      client.queue_output(random() % 5, std::span(bytes).first(random() % bytes.size()),
                          random() % 3, random() & 3 ? request.get() : -1,
                          random() & 3 ? 0 : V4L2_BUF_FLAG_M2M_HOLD_CAPTURE_BUF);
      if (random() & 7) client.queue_request(request.get());
      const auto message = stream->read(0);
      if (message && message->is_job()) {
        ++jobs;
        stream->answer(message->job().job);
      }
      for (const uint32_t type : {kOutput, kCapture}) client.dequeue(type);
      client.queue_capture(random() % 5);
      if (random() % 32 == 0) client.flush();
      if (random() % 32 == 0) {
        const uint32_t type = random() & 1 ? kOutput : kCapture;
        client.stream(type, false);
        if (random() & 1) client.request_buffers(type, random() % 5);
        client.set_format(codecs[random() % 3], random() % 256, 64);
        client.stream(type, true);
      }
    }
  }
  EXPECT_GT(jobs, 50) << "most are refused";
}

// All combinations: two clients that open, decode and close, and daemons that exit with unanswered
// jobs.
TEST_F(Module, DaemonsAndClientsComeAndGo) {
  control.close();
  std::atomic<bool> over = false;
  std::atomic<int> pictures = 0;
  std::vector<std::thread> clients;
  for (uint32_t seed = 0; seed < 2; ++seed)
    clients.emplace_back([&, seed] {
      Random random(seed);
      while (!over) {
        Client client(0, O_NONBLOCK);
        if (client.start(V4L2_PIX_FMT_H264_SLICE, 64, 64, 3)) continue;
        std::vector<FileDescriptor> requests;
        for (uint32_t i = 0; i < 3; ++i) requests.push_back(client.decode(i, kBytes, i));
        if (random() & 1) wait_for(requests[0].get(), POLLPRI, 50);
        const auto picture = client.dequeue(kCapture);
        if (!picture.error && !picture.failed()) ++pictures;
        if (random() & 1) client.stream(kOutput, false);
      }
    });
  Random random(3);
  const auto begin = Clock::now();
  while (elapsed_ms(begin) < 5000) {
    Control daemon(everything());
    ASSERT_EQ(daemon.error(), 0);
    std::vector<Stream> streams;
    for (uint32_t turn = 0, last = random() % 40; turn < last; ++turn) {
      if (auto stream = daemon.accept(5)) streams.push_back(std::move(*stream));
      for (auto& stream : streams) {
        const auto message = stream.read(0);
        if (!message || !message->is_job()) continue;
        const FileDescriptor dma_buf(stream.get(message->job().buffer));
        if (random() & 7) stream.answer(message->job().job);
      }
    }
    if (random() & 1) daemon.close();
  }
  over = true;
  for (auto& client : clients) client.join();
  EXPECT_GT(pictures, 0);
}

TEST_F(Module, RequestOutlivesItsDevice) {
  FileDescriptor request;
  {
    Client client(control.video());
    std::optional<Stream> stream;
    start(client, stream);
    request = client.decode(0, kBytes, 1);
    control.close();
  }
  EXPECT_EQ(syscall(SYS_delete_module, "daedalus_v4l2", O_NONBLOCK), -1) << "it is in use";
  request = FileDescriptor();
}

TEST_F(Module, IsRemovedOnlyWhenUnused) {
  const char* file = std::getenv("DAEDALUS_V4L2_MODULE");
  if (!file) GTEST_SKIP() << "no DAEDALUS_V4L2_MODULE to load again";
  {
    Client client(control.video());
    std::optional<Stream> stream;
    start(client, stream);
    const auto request = client.decode(0, kBytes, 1);
    EXPECT_EQ(syscall(SYS_delete_module, "daedalus_v4l2", O_NONBLOCK), -1);
    control.close();
    EXPECT_EQ(syscall(SYS_delete_module, "daedalus_v4l2", O_NONBLOCK), -1);
  }
  const auto begin = Clock::now();
  int result = -1;
  while ((result = static_cast<int>(syscall(SYS_delete_module, "daedalus_v4l2", O_NONBLOCK))) < 0 &&
         elapsed_ms(begin) < 2000)
    std::this_thread::sleep_for(milliseconds(10));
  EXPECT_EQ(result, 0);
  const FileDescriptor module(open(file, O_RDONLY));
  ASSERT_EQ(syscall(SYS_finit_module, module.get(), "", 0), 0) << std::strerror(errno);
}

// Each allocation of the module fails once, from CREATE to a decoded picture.
TEST_F(Module, OutOfMemory) {
  constexpr const char* kParameter = "/sys/module/daedalus_v4l2/parameters/fail_allocation";
  if (access(kParameter, W_OK)) GTEST_SKIP() << "the module is not the test's build";
  control.close();
  const auto left = [&] {
    int value = 0;
    std::ifstream(kParameter) >> value;
    return value;
  };
  int nth = 1;
  for (;; ++nth) {
    std::ofstream(kParameter) << nth;
    {
      const Control failing(everything());
      if (failing.error() == 0) {
        Client client(failing.video(), O_NONBLOCK);
        if (client.video() >= 0 && client.start(V4L2_PIX_FMT_H264_SLICE, 64, 64, 2) == 0) {
          const auto request = client.decode(0, kBytes, 1);
          if (request) {
            EXPECT_EQ(wait_for(request.get(), POLLPRI, 0) == POLLPRI, left() <= 0);
          }
        }
      }
    }
    if (left() > 0) break;
    ASSERT_LT(nth, 100);
  }
  std::ofstream(kParameter) << 0;
  EXPECT_GE(nth, 7) << "the parameter does nothing";
}

}  // namespace
}  // namespace daedalus::v4l2_test
