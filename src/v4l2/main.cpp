// SPDX-License-Identifier: MIT
// daedalus-v4l2d: decodes for the clients of the kernel module's video node.
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <string_view>
#include <thread>
#include <vector>

#include "daedalus/av1/job.h"
#include "daedalus/file_descriptor.h"
#include "daedalus/h264/job.h"
#include "daedalus/log.h"
#include "daedalus/vp9/job.h"
#include "null/null_device.h"
#include "settings/load_settings.h"
#include "settings/log_sink.h"
#include "settings/words.h"
#include "v4l2/stream.h"
#include "vulkan/device.h"

namespace daedalus::v4l2 {
namespace {

constexpr char kernel_path[] = "/dev/daedalus-v4l2";
constexpr uint32_t most_entropy_threads = 16;

constexpr char usage[] =
    "Usage: daedalus-v4l2d [OPTION]\n"
    "Turns the GPU into a V4L2 stateless decoder, with the kernel module daedalus_v4l2.\n"
    "\n"
    "  --help     show this text\n"
    "  --version  show the version\n"
    "\n"
    "It runs until it receives SIGTERM or SIGINT. On SIGUSR1 it logs how many streams and\n"
    "pictures it has decoded. It reads the VA-API driver's settings, from\n"
    "daedalus_drv_video.conf and the environment. Errors are always logged.\n";

struct Offer {
  uint32_t codec, flags;  // DAEDALUS_V4L2_H264 and so on, by daedalus::Codec
  uint32_t max_width, max_height;
};

constexpr Offer offers[] = {
    {DAEDALUS_V4L2_H264, DAEDALUS_V4L2_INTERLACED | DAEDALUS_V4L2_MONOCHROME,
     h264::max_width_in_mbs * 16, h264::max_height_in_mbs * 16},
    {DAEDALUS_V4L2_VP9, DAEDALUS_V4L2_10_BIT, vp9::max_width, vp9::max_height},
    {DAEDALUS_V4L2_AV1, DAEDALUS_V4L2_10_BIT | DAEDALUS_V4L2_MONOCHROME, av1::max_width,
     av1::max_height},
};
static_assert(DAEDALUS_V4L2_H264 == static_cast<int>(daedalus::Codec::h264) &&
              DAEDALUS_V4L2_VP9 == static_cast<int>(daedalus::Codec::vp9) &&
              DAEDALUS_V4L2_AV1 == static_cast<int>(daedalus::Codec::av1));

// The largest size that the device supports in all of the codec's formats, within the settings'
// limit.
daedalus_v4l2_codec within_limits(const Offer& offer, const Device& device,
                                  const CodecLimit& limit) {
  daedalus_v4l2_codec codec = {offer.flags, std::min(offer.max_width, limit.width),
                               std::min(offer.max_height, limit.height)};
  for (const auto format : {PictureFormat::nv12, PictureFormat::p010}) {
    if (format == PictureFormat::p010 && !(offer.flags & DAEDALUS_V4L2_10_BIT)) continue;
    const auto most = device.max_picture_size(format);
    codec.max_width = std::min(codec.max_width, most.width) / 16 * 16;
    codec.max_height = std::min(codec.max_height, most.height) / 16 * 16;
  }
  return codec;
}

// Clients wait at most a second for a picture, so each codec's shaders are compiled before there
// are clients. A codec that the device cannot decode is not offered.
bool prepare(Device& device, uint32_t codec, uint32_t entropy_threads) {
  constexpr uint32_t size = 64;
  const auto made = create_codec(device, {codec, size, size, entropy_threads});
  if (!made) log(LogLevel::error, "%s: %s", codec_names[codec], describe(made.error()));
  return made.has_value();
}

daedalus_v4l2_create create_request(Device& device, const CodecLimits& limits,
                                    uint32_t entropy_threads) {
  daedalus_v4l2_create request = {};
  request.size = sizeof(request);
  request.version = DAEDALUS_V4L2_VERSION;
  for (const Offer& offer : offers) {
    const auto codec = within_limits(offer, device, limits[offer.codec]);
    if (codec.max_width > 0 && codec.max_height > 0 &&
        prepare(device, offer.codec, entropy_threads))
      request.codecs[offer.codec] = codec;
  }
  return request;
}

// Tells systemd that the daemon is ready, as sd_notify(3) does.
void notify_ready() {
  constexpr std::string_view ready = "READY=1";
  const char* const path = getenv("NOTIFY_SOCKET");
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  const std::size_t length = path ? strlen(path) : 0;
  if (length == 0 || length >= sizeof(address.sun_path)) return;
  memcpy(address.sun_path, path, length);
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const FileDescriptor descriptor(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (sendto(descriptor.get(), ready.data(), ready.size(), 0,
             reinterpret_cast<const sockaddr*>(&address),
             static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length)) < 0)
    log(LogLevel::warning, "cannot notify systemd: %s", strerror(errno));
}

class Daemon {
 public:
  explicit Daemon(const Settings& settings) : settings_(settings) {
    entropy_threads_ = settings.entropy_threads;
    if (entropy_threads_ == 0)
      entropy_threads_ = std::clamp(std::thread::hardware_concurrency(), 1u, most_entropy_threads);
  }
  ~Daemon() {
    streams_.clear();
    for (const int descriptor : {kernel_, signals_})
      if (descriptor >= 0) close(descriptor);
  }

  // Routes signals to a descriptor. Call before creating any thread.
  bool open();
  // Runs until a signal arrives. Returns false on an error: another daemon should be started.
  bool run();

 private:
  void accept_or_log();
  void accept();
  bool handle_signal();
  void remove_ended();
  [[noreturn]] void end_without_device();

  const Settings settings_;
  uint32_t entropy_threads_;
  int signals_ = -1, kernel_ = -1;
  bool asked_to_end_ = false;
  std::unique_ptr<Device> device_;
  Metrics metrics_;
  uint64_t accepted_ = 0;
  std::vector<std::unique_ptr<Stream>> streams_;
};

bool Daemon::open() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) sigaddset(&set, signal);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  signals_ = signalfd(-1, &set, SFD_CLOEXEC);
  if (signals_ < 0) return false;
  if (same_word(settings_.device, null::device_name)) {
    device_ = null::open_device();
  } else if (auto device = vulkan::open_device(settings_)) {
    device_ = std::move(*device);
  } else {
    log(LogLevel::error, "no device to decode on");
    return false;
  }
  kernel_ = ::open(kernel_path, O_RDWR | O_CLOEXEC);
  if (kernel_ < 0) {
    log(LogLevel::error, "%s: %s (is the module daedalus_v4l2 loaded?)", kernel_path,
        strerror(errno));
    return false;
  }
  auto request = create_request(*device_, settings_.profiles, entropy_threads_);
  if (std::ranges::all_of(request.codecs, [](auto& codec) { return codec.max_width == 0; })) {
    log(LogLevel::error, "no codec is left to offer");
    return false;
  }
  if (ioctl(kernel_, DAEDALUS_V4L2_CREATE, &request) < 0) {
    log(LogLevel::error, "the kernel module did not create a device: %s", strerror(errno));
    return false;
  }
  log(LogLevel::info, "/dev/video%u decodes on %s", request.video, device_->name().c_str());
  notify_ready();
  return true;
}

// If a client is not served, the module fails its jobs.
void Daemon::accept_or_log() {
  try {
    accept();
  } catch (const std::bad_alloc&) {  // other streams go on
    log(LogLevel::error, "no memory for another stream");
  }
}

void Daemon::accept() {
  const int descriptor = ioctl(kernel_, DAEDALUS_V4L2_ACCEPT);
  if (descriptor < 0) {
    if (errno != EAGAIN) log(LogLevel::error, "no descriptor for a stream: %s", strerror(errno));
    return;
  }
  auto connection = open_kernel_stream(descriptor);
  if (!connection) return;
  StreamSettings settings;
  settings.number = ++accepted_;
  settings.entropy_threads = entropy_threads_;
  auto stream = Stream::start(*device_, std::move(*connection), settings, metrics_);
  if (!stream) {
    log(LogLevel::error, "no memory for another stream");
    return;
  }
  log(LogLevel::info, "stream %llu begins", static_cast<unsigned long long>(settings.number));
  streams_.push_back(std::move(*stream));
}

bool Daemon::handle_signal() {
  signalfd_siginfo info;
  if (read(signals_, &info, sizeof(info)) != static_cast<ssize_t>(sizeof(info))) return false;
  if (info.ssi_signo == SIGUSR1)
    metrics_.tell();
  else
    asked_to_end_ = true;
  return true;
}

void Daemon::remove_ended() {
  std::erase_if(streams_, [](const auto& stream) { return stream->ended(); });
}

// Exits without destroying anything that a lost device's driver may still use. The kernel removes
// the nodes, and their clients' jobs fail.
void Daemon::end_without_device() {
  log(LogLevel::error, "the device is lost: exiting so that the daemon is restarted");
  _exit(EXIT_FAILURE);
}

bool Daemon::run() {
  constexpr int look_after_streams_ms = 1000;
  while (!asked_to_end_) {
    std::array<pollfd, 2> waits = {pollfd{kernel_, POLLIN, 0}, pollfd{signals_, POLLIN, 0}};
    const int ready =
        poll(waits.data(), waits.size(), streams_.empty() ? -1 : look_after_streams_ms);
    if (ready < 0 && errno != EINTR) return false;
    remove_ended();
    if (waits[1].revents && !handle_signal()) return false;
    if (waits[0].revents & (POLLERR | POLLHUP)) {
      log(LogLevel::error, "the kernel module has removed the device");
      return false;
    }
    if (waits[0].revents) accept_or_log();
    if (device_->lost()) end_without_device();
  }
  metrics_.tell();
  return true;
}

int run_daemon() {
  auto loaded = load_settings(default_settings_path, secure_getenv);
  // In other programs the driver is silent, but a daemon must say why it exits.
  loaded.settings.log_level = std::max(loaded.settings.log_level, LogLevel::error);
  open_log(loaded.settings);
  for (const auto& warning : loaded.warnings) log(LogLevel::warning, "%s", warning.c_str());
  bool done;
  {
    Daemon daemon(loaded.settings);
    done = daemon.open() && daemon.run();
  }
  close_log();
  return done ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace daedalus::v4l2

int main(int argc, char** argv) {
  const option options[] = {{"help", no_argument, nullptr, 'h'},
                            {"version", no_argument, nullptr, 'v'},
                            {nullptr, 0, nullptr, 0}};
  switch (getopt_long(argc, argv, "", options, nullptr)) {
    case -1:
      break;
    case 'h':
      fputs(daedalus::v4l2::usage, stdout);
      return EXIT_SUCCESS;
    case 'v':
      puts("daedalus-v4l2d " DAEDALUS_VERSION);
      return EXIT_SUCCESS;
    default:
      return EXIT_FAILURE;
  }
  try {
    return daedalus::v4l2::run_daemon();
  } catch (const std::exception& error) {
    fprintf(stderr, "daedalus-v4l2d: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
