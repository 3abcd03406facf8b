// SPDX-License-Identifier: MIT
// v4l2_cost CLIP...: CPU time per picture of the daemon's path and of the VA driver's, both on the
// null device, with the same pictures in memory: `meson devenv -C build test/v4l2/v4l2_cost CLIP`.
// The daemon's device imports buffers, like a GPU. Excludes the kernel's work.
//
// v4l2_cost node VIDEO PID CLIP: the same with the module and a daemon (sharing_daemon as process
// PID), including the kernel's work: see test/v4l2/cost.
//
// v4l2_cost va|daemon REPETITIONS CLIP...: plays that often through one path, for counting
// instructions: see src/v4l2/README.md.
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "null/null_device.h"
#include "v4l2/client.h"
#include "v4l2/node_player.h"
#include "v4l2/sharing_device.h"
#include "v4l2/stream.h"

namespace daedalus::test {
namespace {

constexpr int repetitions = 5;

double cpu_seconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// The minimum of several runs.
template <typename Run>
double cost(Run run) {
  double least = 1e9;
  for (int i = 0; i < repetitions; ++i) {
    const double before = cpu_seconds();
    run();
    least = std::min(least, cpu_seconds() - before);
  }
  return least;
}

void play_through_va(VADisplay display, const std::vector<V4l2Client::Picture>& pictures) {
  const auto render = [&](const V4l2Client::Picture& picture, VABufferType type,
                          const std::vector<std::byte>& contents, unsigned count = 1) {
    if (contents.empty()) return;
    VABufferID buffer;
    vaCreateBuffer(display, picture.context, type, static_cast<unsigned>(contents.size()) / count,
                   count, const_cast<std::byte*>(contents.data()), &buffer);
    vaRenderPicture(display, picture.context, &buffer, 1);
    vaDestroyBuffer(display, buffer);
  };
  for (const auto& picture : pictures) {
    vaBeginPicture(display, picture.context, picture.target);
    render(picture, VAPictureParameterBufferType, picture.parameters);
    render(picture, VAIQMatrixBufferType, picture.matrices);
    for (std::size_t i = 0; i < picture.slice_data.size(); ++i) {
      render(picture, VASliceParameterBufferType, picture.slice_parameters[i],
             picture.slice_counts[i]);
      render(picture, VASliceDataBufferType, picture.slice_data[i]);
    }
    vaEndPicture(display, picture.context);
  }
  for (const auto& picture : pictures) vaSyncSurface(display, picture.target);
}

// A stream as warm as the VA driver's context: plays the same messages repeatedly.
class DaemonPlayer {
 public:
  explicit DaemonPlayer(std::vector<std::vector<std::byte>> messages)
      : messages_(std::move(messages)) {
    v4l2::StreamSettings settings;
    settings.entropy_threads = std::max(std::thread::hardware_concurrency(), 1u);
    settings.time_for_picture = std::chrono::minutes(10);
    uint64_t buffers = 0;
    daedalus_v4l2_job job = {};
    for (const auto& message : messages_) {
      memcpy(&job, message.data(), sizeof(job));
      buffers = std::max<uint64_t>(buffers, job.buffer);
    }
    for (uint64_t i = 0; i < buffers; ++i) kernel_.add_buffer({job.format, job.width, job.height});
    stream_ = std::move(*v4l2::Stream::start(device_, kernel_.connect(), settings, metrics_));
  }

  void play() {
    for (auto message : messages_) {
      const uint64_t job = ++last_job_;
      memcpy(message.data() + offsetof(daedalus_v4l2_job, job), &job, sizeof(job));
      kernel_.send(std::move(message));
    }
    kernel_.wait(last_job_, std::chrono::minutes(10));
  }
  bool decoded_all() const { return metrics_.refused + metrics_.failed == 0; }

 private:
  const std::vector<std::vector<std::byte>> messages_;
  SharingDevice device_{null::open_device()};
  v4l2::Metrics metrics_;
  FakeKernel kernel_;
  std::unique_ptr<v4l2::Stream> stream_;
  uint64_t last_job_ = 0;
};

struct Repeat {
  enum class Path { both, va, daemon, node } path = Path::both;
  int count = 0;
  unsigned video = 0;
  pid_t daemon = 0;
};

[[noreturn]] void fail(const char* what) {
  fprintf(stderr, "%s\n", what);
  exit(EXIT_FAILURE);
}

// User and kernel time of all threads of a process.
double process_seconds(pid_t process) {
  clockid_t clock;
  timespec time = {};
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0)
    fail("the daemon's process does not exist");
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// Measures the VA driver, then the node's client and its daemon, with the same number of plays,
// after a first play that allocates everything.
void measure_node(VADisplay display, const std::vector<V4l2Client::Picture>& pictures,
                  const std::vector<std::vector<std::byte>>& messages, const Repeat& repeat) {
  constexpr int plays = 4;
  const auto per_picture = [&](double seconds) {
    return seconds * 1000 / plays / static_cast<double>(pictures.size());
  };
  v4l2_test::NodePlayer player(repeat.video, messages);
  play_through_va(display, pictures);
  if (!player.play()) fail("the node does not decode");
  double begin = process_seconds(0);
  for (int i = 0; i < plays; ++i) play_through_va(display, pictures);
  const double va = per_picture(process_seconds(0) - begin);
  begin = process_seconds(0);
  const double daemon_begin = process_seconds(repeat.daemon);
  bool decoded = true;
  for (int i = 0; i < plays; ++i) decoded = player.play() && decoded;
  const double client = per_picture(process_seconds(0) - begin);
  const double daemon = per_picture(process_seconds(repeat.daemon) - daemon_begin);
  printf("%zu pictures, ms per picture: VA %.3f, daemon %.3f, client %.3f, %+.1f %%%s\n",
         pictures.size(), va, daemon, client, ((daemon + client) / va - 1) * 100,
         decoded ? "" : ", not all decoded");
}

void measure(const char* file, const Repeat& repeat) {
  const auto clip = load_clip(file);
  VADisplay display = open_display();
  if (clip.packets.empty()) fail("the clip has no pictures");
  if (!display) fail("the driver does not open");
  auto device = vaapi_device(display);
  SharingDevice sharing(null::open_device());
  v4l2::Metrics metrics;
  FakeKernel kernel;
  std::vector<std::vector<std::byte>> messages;
  kernel.record = &messages;
  v4l2::StreamSettings settings;
  settings.time_for_picture = std::chrono::minutes(10);
  const auto stream = v4l2::Stream::start(sharing, kernel.connect(), settings, metrics);
  std::vector<V4l2Client::Picture> pictures;
  V4l2Client client(display, kernel);
  client.record = &pictures;
  client.at_end = [&] {
    client.restore();
    if (repeat.path == Repeat::Path::node) {
      measure_node(display, pictures, messages, repeat);
      return;
    }
    if (repeat.path == Repeat::Path::va)
      for (int i = 0; i < repeat.count; ++i) play_through_va(display, pictures);
    if (repeat.path == Repeat::Path::daemon) {
      DaemonPlayer player(std::move(messages));
      for (int i = 0; i < repeat.count; ++i) player.play();
    }
    if (repeat.path != Repeat::Path::both) {
      printf("%s: %zu pictures\n", file, pictures.size());
      return;
    }
    const auto per_picture = [&](double seconds) {
      return seconds * 1000 / static_cast<double>(pictures.size());
    };
    const double va = per_picture(cost([&] { play_through_va(display, pictures); }));
    DaemonPlayer player(std::move(messages));
    const double daemon = per_picture(cost([&] { player.play(); }));
    if (!player.decoded_all()) printf("the stream was not decoded completely\n");
    printf("%s: %zu pictures, CPU ms per picture: VA %.3f, daemon %.3f, %+.1f %%\n", file,
           pictures.size(), va, daemon, (daemon / va - 1) * 100);
  };
  client.play(clip, device.get());
  device.reset();
  vaTerminate(display);
}

}  // namespace
}  // namespace daedalus::test

int main(int argc, char** argv) {
  setenv("DAEDALUS_DEVICE", "null", 1);
  av_log_set_level(AV_LOG_QUIET);
  using daedalus::test::Repeat;
  Repeat repeat;
  int first = 1;
  if (argc > 3 && (!strcmp(argv[1], "va") || !strcmp(argv[1], "daemon"))) {
    repeat = {*argv[1] == 'v' ? Repeat::Path::va : Repeat::Path::daemon, atoi(argv[2])};
    first = 3;
  }
  if (argc > 4 && !strcmp(argv[1], "node")) {
    repeat.path = Repeat::Path::node;
    repeat.video = static_cast<unsigned>(atoi(argv[2]));
    repeat.daemon = atoi(argv[3]);
    first = 4;
  }
  for (int i = first; i < argc; ++i) daedalus::test::measure(argv[i], repeat);
  return argc <= first;
}
