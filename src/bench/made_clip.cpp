// SPDX-License-Identifier: MIT
#include "bench/made_clip.h"

#include <unistd.h>

#include <thread>

#include "bench/scene.h"

extern "C" {
#include <libavutil/dict.h>
}

namespace daedalus::bench {

namespace {

struct Encoder {
  const char* name;
  Codec codec;
  const char* options;     // fast ones, with the tools that videos on the web use
  double bits_per_sample;  // of luma, about what videos on the web have
};

// A codec's clips are made by the first of these that exists.
constexpr Encoder encoders[] = {
    {"libx264", Codec::h264, "preset=veryfast", 0.10},
    {"libopenh264", Codec::h264, "", 0.10},
    {"libvpx-vp9", Codec::vp9,
     "deadline=realtime:cpu-used=7:row-mt=1:tile-columns=2:frame-parallel=0", 0.065},
    {"libsvtav1", Codec::av1, "preset=11", 0.05},
    {"libaom-av1", Codec::av1, "usage=realtime:cpu-used=9:row-mt=1:tiles=2x1", 0.05},
};
constexpr int frames_per_second = 30;

const Encoder* find_encoder(Codec codec) {
  for (const auto& encoder : encoders)
    if (encoder.codec == codec && avcodec_find_encoder_by_name(encoder.name)) return &encoder;
  return nullptr;
}

// While it exists, root acts as nobody: SVT-AV1 as root gives itself, and processes forked later,
// real-time priority.
class WithoutPrivileges {
 public:
  WithoutPrivileges() { set(nobody); }
  ~WithoutPrivileges() { set(0); }
  WithoutPrivileges(const WithoutPrivileges&) = delete;
  WithoutPrivileges& operator=(const WithoutPrivileges&) = delete;

 private:
  static constexpr uid_t nobody = 65534;

  // If the system does not let root change its user, nothing is lost.
  static void set(uid_t user) {
    if (getuid() == 0 && seteuid(user) != 0) return;
  }
};

CodecContext open_encoder(const Encoder& encoder, const ClipSize& size) {
  const AVCodec* codec = avcodec_find_encoder_by_name(encoder.name);
  CodecContext context(avcodec_alloc_context3(codec));
  context->width = size.width;
  context->height = size.height;
  context->pix_fmt = AV_PIX_FMT_YUV420P;
  context->time_base = {1, frames_per_second};
  context->framerate = {frames_per_second, 1};
  context->gop_size = size.pictures;
  context->bit_rate =
      static_cast<int64_t>(encoder.bits_per_sample * size.width * size.height * frames_per_second);
  context->thread_count = static_cast<int>(std::thread::hardware_concurrency());
  AVDictionary* options = nullptr;
  av_dict_parse_string(&options, encoder.options, "=", ":", 0);
  const WithoutPrivileges unprivileged;
  const bool opened = avcodec_open2(context.get(), codec, &options) == 0;
  av_dict_free(&options);
  return opened ? std::move(context) : nullptr;
}

// Takes the packets that the encoder has ready. False if it fails.
bool take_packets(AVCodecContext& encoder, Clip& clip) {
  while (true) {
    Packet packet(av_packet_alloc());
    const int received = avcodec_receive_packet(&encoder, packet.get());
    if (received == AVERROR(EAGAIN) || received == AVERROR_EOF) return true;
    if (received < 0) return false;
    clip.packets.push_back(std::move(packet));
  }
}

Frame make_frame(const ClipSize& size) {
  Frame frame(av_frame_alloc());
  frame->format = AV_PIX_FMT_YUV420P;
  frame->width = size.width;
  frame->height = size.height;
  return av_frame_get_buffer(frame.get(), 0) == 0 ? std::move(frame) : nullptr;
}

bool encode(AVCodecContext& encoder, const ClipSize& size, Clip& clip,
            const std::function<void(int)>& progress) {
  const Scene scene(size.width, size.height);
  for (int i = 0; i < size.pictures; ++i) {
    const Frame frame = make_frame(size);
    if (!frame) return false;
    scene.draw(i, *frame);
    frame->pts = i;
    if (avcodec_send_frame(&encoder, frame.get()) < 0 || !take_packets(encoder, clip)) return false;
    progress(i + 1);
  }
  return avcodec_send_frame(&encoder, nullptr) == 0 && take_packets(encoder, clip);
}

}  // namespace

const char* encoder_for(Codec codec) {
  const Encoder* encoder = find_encoder(codec);
  return encoder ? encoder->name : nullptr;
}

Clip make_clip(Codec codec, const ClipSize& size, const std::function<void(int)>& progress) {
  Clip clip;
  const Encoder* encoder = find_encoder(codec);
  const auto context = encoder ? open_encoder(*encoder, size) : nullptr;
  if (!context || !encode(*context, size, clip, progress)) return {};
  clip.parameters.reset(avcodec_parameters_alloc());
  avcodec_parameters_from_context(clip.parameters.get(), context.get());
  return clip;
}

}  // namespace daedalus::bench
