// SPDX-License-Identifier: MIT
#include "bench/decoding.h"

namespace daedalus::bench {

namespace {

std::string describe(const char* what, int error) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(error, text, sizeof text);
  return std::string(what) + ": " + text;
}

}  // namespace

Decoding::Decoding(const Clip& clip, AVBufferRef* device, int threads, uint64_t pictures,
                   const std::string& decoder)
    : clip_(clip),
      codec_(open_codec(clip, device, threads, decoder)),
      pictures_(pictures ? pictures : clip.packets.size()) {
  if (!codec_)
    error_ = "libavcodec cannot open its decoder" + (decoder.empty() ? "" : " " + decoder);
}

Frame Decoding::next() {
  Frame frame(av_frame_alloc());
  while (error_.empty()) {
    const int received = avcodec_receive_frame(codec_.get(), frame.get());
    if (received == 0) return frame;
    if (received == AVERROR_EOF) {
      if (sent_ == pictures_) return nullptr;
      avcodec_flush_buffers(codec_.get());
      draining_ = false;
    } else if (received != AVERROR(EAGAIN)) {
      error_ = describe("decoding failed", received);
      break;
    }
    if (!send()) break;
  }
  return nullptr;
}

void Decoding::finish_clip() {
  const uint64_t clip = clip_.packets.size();
  pictures_ = (sent_ + clip - 1) / clip * clip;
}

bool Decoding::send() {
  const std::size_t next = sent_ % clip_.packets.size();
  const bool begins_anywhere = clip_.packets.front()->flags & AV_PKT_FLAG_KEY;
  const bool ends = sent_ == pictures_ || (next == 0 && sent_ > 0 && !begins_anywhere);
  int sent = 0;
  if (ends && !draining_) {
    draining_ = true;
    sent = avcodec_send_packet(codec_.get(), nullptr);
  } else {
    sent = avcodec_send_packet(codec_.get(), clip_.packets[next].get());
    ++sent_;
  }
  if (sent < 0) error_ = describe("libavcodec does not take a picture", sent);
  return sent >= 0;
}

}  // namespace daedalus::bench
