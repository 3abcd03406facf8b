// A compressed clip in memory, and libavcodec's decoders for it, with the driver or without.
#pragma once

#include <va/va.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

extern "C" {
#include <libavcodec/avcodec.h>
}

namespace daedalus::bench {

template <auto release>
struct Release {
  template <typename T>
  void operator()(T* object) const {
    release(&object);
  }
};
using Frame = std::unique_ptr<AVFrame, Release<av_frame_free>>;
using Packet = std::unique_ptr<AVPacket, Release<av_packet_free>>;
using Codec = std::unique_ptr<AVCodecContext, Release<avcodec_free_context>>;
using BufferReference = std::unique_ptr<AVBufferRef, Release<av_buffer_unref>>;

struct Clip {
  std::unique_ptr<AVCodecParameters, Release<avcodec_parameters_free>> parameters;
  std::vector<Packet> packets;
};

// No packets where the file has no video or cannot be read.
Clip load_clip(const std::string& file);

// libavcodec's handle of an initialised display, which lasts longer; null where it does not take
// it.
BufferReference vaapi_device(VADisplay display);

// Without a device in software, on so many threads, 0: as many as there are cores. Null where there
// is no decoder; with a device decoding fails where the driver does not take the stream.
Codec open_codec(const Clip& clip, AVBufferRef* device, int threads);

// I420 without padding, of surfaces too. Empty where they cannot be read.
std::vector<uint8_t> i420(const AVFrame& frame);

}  // namespace daedalus::bench
