// SPDX-License-Identifier: MIT
// libavcodec with the driver in this process, like a player.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bench/clip.h"
#include "va/client.h"

namespace daedalus::test {

using namespace bench;

// Frames by their packet's number in the clip.
using Frames = std::map<int64_t, std::vector<uint8_t>>;

// A clip and its decoded frames.
struct Source {
  Clip clip;
  Frames frames;
  std::vector<std::size_t> intra;  // packets of IDR pictures, or key frames
};

// A decoder that calls `take` for each frame.
class Player {
 public:
  Player(const Clip& clip, AVBufferRef* device) : codec_(open_codec(clip, device, 1)) {
    // Also output pictures with missing references.
    codec_->flags |= AV_CODEC_FLAG_OUTPUT_CORRUPT;
    codec_->flags2 |= AV_CODEC_FLAG2_SHOW_ALL;
  }

  // Null flushes the decoder. Packets that cannot be decoded are skipped.
  template <typename Take>
  void send(const AVPacket* packet, Take&& take) {
    avcodec_send_packet(codec_.get(), packet);
    Frame frame(av_frame_alloc());
    while (avcodec_receive_frame(codec_.get(), frame.get()) == 0) take(*frame);
  }
  template <typename Take>
  void play(const Clip& clip, std::size_t first, std::size_t end, Take&& take) {
    for (std::size_t i = first; i < std::min(end, clip.packets.size()); ++i)
      send(clip.packets[i].get(), take);
    send(nullptr, take);
    avcodec_flush_buffers(codec_.get());
  }

 private:
  CodecContext codec_;
};

// A clip of 60 pictures, encoded by libx264 with these parameters. It has no packets if encoding
// fails.
Source make_source(uint32_t width, uint32_t height, const std::string& encoder);
// The same with libvpx (VP9) and ffmpeg options.
Source make_vp9_source(uint32_t width, uint32_t height, const std::string& options);

// The same with libaom (AV1).
Source make_av1_source(uint32_t width, uint32_t height, const std::string& options);

// A display of the driver, and libavcodec's handle for it.
class Device {
 public:
  Device() : display_(open_display()), reference_(display_ ? vaapi_device(display_) : nullptr) {}
  ~Device() {
    reference_.reset();
    if (display_) vaTerminate(display_);
  }
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  AVBufferRef* get() const { return reference_.get(); }
  VADisplay display() const { return display_; }

 private:
  VADisplay display_;
  BufferReference reference_;
};

}  // namespace daedalus::test
