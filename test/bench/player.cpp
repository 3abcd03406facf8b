// Plays a file through the driver as a VA-API client does, in one process and without X or DRM:
//   player [--software] [--check] [--frames N] [--streams N] [--threads N] FILE
// FILE is repeated until N frames are decoded. Prints frames/s and CPU milliseconds per frame.
// --check compares every frame with libavcodec's and says where the first difference is; --software
// decodes with libavcodec alone.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

extern "C" {
#include <libavutil/hwcontext.h>
#include <libavutil/hwcontext_vaapi.h>
}

#include "streams/clip.h"
#include "va/display.h"

namespace {

using namespace daedalus::test;

struct Options {
  bool software = false;
  bool check = false;
  int frames = 0;
  int streams = 1;
  int threads = 1;
  std::string file;
};

[[noreturn]] void fail(const char* what) {
  fprintf(stderr, "player: %s\n", what);
  exit(1);
}

// In memory, so that reading the file is no part of what is measured.
Clip load(const std::string& file) {
  Clip clip = load_clip(file);
  if (clip.packets.empty()) fail("no video in the file");
  return clip;
}

BufferReference open_device() {
  VADisplay display = open_test_display();
  int major = 0, minor = 0;
  if (!display || vaInitialize(display, &major, &minor) != VA_STATUS_SUCCESS)
    fail("vaInitialize failed: are LIBVA_DRIVER_NAME and LIBVA_DRIVERS_PATH set?");
  auto device = vaapi_device(display);
  if (!device) fail("libavcodec does not take the VA display");
  return device;
}

Codec open_decoder(const Clip& clip, AVBufferRef* device, int threads) {
  auto codec = open_codec(clip, device, threads);
  if (!codec) fail("cannot open the decoder");
  return codec;
}

// Decodes the clip over and over until it has given `limit` frames (once, where limit is 0).
class Decoding {
 public:
  Decoding(const Clip& clip, AVBufferRef* device, int threads, int limit)
      : clip_(clip), codec_(open_decoder(clip, device, threads)), limit_(limit) {}

  Frame next() {
    if (limit_ && given_ >= limit_) return nullptr;
    Frame frame(av_frame_alloc());
    while (true) {
      const int received = avcodec_receive_frame(codec_.get(), frame.get());
      if (received == 0) {
        ++given_;
        return frame;
      }
      if (received == AVERROR_EOF) {
        if (!limit_) return nullptr;
        avcodec_flush_buffers(codec_.get());
        position_ = 0;
      } else if (received != AVERROR(EAGAIN)) {
        fail("decoding failed");
      }
      send();
    }
  }
  int given() const { return given_; }

 private:
  void send() {
    if (position_ < clip_.packets.size())
      avcodec_send_packet(codec_.get(), clip_.packets[position_++].get());
    else
      avcodec_send_packet(codec_.get(), nullptr);
  }

  const Clip& clip_;
  Codec codec_;
  int limit_;
  int given_ = 0;
  std::size_t position_ = 0;
};

// Where the two differ first, or nothing.
std::string difference(const AVFrame& driver, const AVFrame& software) {
  const auto actual = i420(driver), expected = i420(software);
  if (actual.empty()) return "the picture cannot be read";
  if (actual.size() != expected.size()) return "the sizes differ";
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (actual[i] == expected[i]) continue;
    const auto width = static_cast<std::size_t>(driver.width);
    const auto luma = width * static_cast<std::size_t>(driver.height);
    const auto inside = i < luma ? i : (i - luma) % (luma / 4);
    const auto stride = i < luma ? width : width / 2;
    return std::string(i < luma              ? "luma"
                       : i < luma + luma / 4 ? "Cb"
                                             : "Cr") +
           " (" + std::to_string(inside % stride) + ", " + std::to_string(inside / stride) +
           ") is " + std::to_string(actual[i]) + ", should be " + std::to_string(expected[i]);
  }
  return "";
}

int check(const Clip& clip, AVBufferRef* device, int frames) {
  Decoding driver(clip, device, 1, frames), software(clip, nullptr, 1, frames);
  int wrong = 0;
  while (true) {
    const Frame actual = driver.next(), expected = software.next();
    if (!actual && !expected) break;
    const std::string differs =
        actual && expected ? difference(*actual, *expected) : "one decoder gave fewer frames";
    if (differs.empty()) continue;
    if (wrong++ < 5)
      printf("frame %d (type %c): %s\n", software.given() - 1,
             expected ? av_get_picture_type_char(expected->pict_type) : '?', differs.c_str());
    if (!actual || !expected) break;
  }
  printf("%d frames compared, %d differ\n", driver.given(), wrong);
  return wrong != 0;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void play(const Clip& clip, AVBufferRef* device, const Options& options) {
  Decoding decoding(clip, device, options.threads, options.frames);
  Frame last;
  while (Frame frame = decoding.next()) last = std::move(frame);
  if (device && last) {
    // The last picture's samples are there: so are those of all before it.
    const auto surface = static_cast<VASurfaceID>(reinterpret_cast<uintptr_t>(last->data[3]));
    auto* context = reinterpret_cast<AVHWDeviceContext*>(device->data);
    vaSyncSurface(static_cast<AVVAAPIDeviceContext*>(context->hwctx)->display, surface);
  }
}

int measure(const Clip& clip, AVBufferRef* device, const Options& options) {
  const auto start = std::chrono::steady_clock::now();
  const double cpu_start = cpu_seconds();
  std::vector<std::thread> streams;
  for (int i = 0; i < options.streams; ++i)
    streams.emplace_back([&] { play(clip, device, options); });
  for (auto& stream : streams) stream.join();
  const double wall =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const double cpu = cpu_seconds() - cpu_start;
  const int frames =
      options.streams * (options.frames ? options.frames : static_cast<int>(clip.packets.size()));
  printf("%s: %d frames, %d streams, %.1f frames/s, %.3f CPU ms/frame\n",
         device ? "driver" : "libavcodec", frames, options.streams, frames / wall,
         cpu * 1000 / frames);
  return 0;
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto number = [&] { return i + 1 < argc ? atoi(argv[++i]) : 0; };
    if (word == "--software")
      options.software = true;
    else if (word == "--check")
      options.check = true;
    else if (word == "--frames")
      options.frames = number();
    else if (word == "--streams")
      options.streams = number();
    else if (word == "--threads")
      options.threads = number();
    else
      options.file = word;
  }
  if (options.file.empty())
    fail("usage: player [--software] [--check] [--frames N] [--streams N] [--threads N] FILE");
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  av_log_set_level(AV_LOG_ERROR);
  const Clip clip = load(options.file);
  const BufferReference device = options.software ? nullptr : open_device();
  return options.check ? check(clip, device.get(), options.frames)
                       : measure(clip, device.get(), options);
}
