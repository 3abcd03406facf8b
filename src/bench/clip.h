// SPDX-License-Identifier: MIT
// A compressed clip in memory, and libavcodec's decoders for it, with or without the driver.
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
using CodecContext = std::unique_ptr<AVCodecContext, Release<avcodec_free_context>>;
using BufferReference = std::unique_ptr<AVBufferRef, Release<av_buffer_unref>>;

struct Clip {
  std::unique_ptr<AVCodecParameters, Release<avcodec_parameters_free>> parameters;
  std::vector<Packet> packets;
};

// The clip has no packets if the file has no video or cannot be read.
Clip load_clip(const std::string& file);

// libavcodec's handle of an initialised display, which must outlive it; null if libavcodec rejects
// the display.
BufferReference vaapi_device(VADisplay display);

// Decodes in software if `device` is null, on that many threads; 0: one per core. `decoder` is
// libavcodec's name of a software decoder; empty: its first of the codec. Null if there is no such
// decoder. With a device, decoding fails if the driver refuses the stream.
CodecContext open_codec(const Clip& clip, AVBufferRef* device, int threads,
                        const std::string& decoder = {});

// The frame's samples as I420 without padding, in words of 16 bits beyond 8 bits; surfaces are read
// back. Empty if that fails.
std::vector<uint8_t> i420(const AVFrame& frame);

}  // namespace daedalus::bench
