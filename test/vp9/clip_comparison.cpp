// SPDX-License-Identifier: MIT
#include "vp9/clip_comparison.h"

#include <deque>

#include "bench/clip.h"

namespace daedalus::vp9::test {

namespace {

// Keeps pictures until the other decoder has output them too.
class Comparison {
 public:
  Comparison(ClipComparison& result, bool compares) : result_(result), compares_(compares) {}

  void add_ours(Picture& picture) {
    ++result_.pictures;
    if (compares_) ours_.push_back(picture.i420());
    compare();
  }
  void add_theirs(const AVFrame& frame) {
    ++result_.libavcodec;
    if (compares_) theirs_.push_back(bench::i420(frame));
    compare();
  }

 private:
  void compare() {
    while (!ours_.empty() && !theirs_.empty()) {
      if (ours_.front() != theirs_.front()) {
        if (result_.different++ == 0) result_.first_difference = compared_;
      }
      ++compared_;
      ours_.pop_front();
      theirs_.pop_front();
    }
  }

  ClipComparison& result_;
  bool compares_;
  int32_t compared_ = 0;
  std::deque<std::vector<uint8_t>> ours_, theirs_;
};

void receive(AVCodecContext* codec, Comparison& comparison) {
  bench::Frame frame(av_frame_alloc());
  while (avcodec_receive_frame(codec, frame.get()) == 0) comparison.add_theirs(*frame);
}

}  // namespace

std::string ClipComparison::description() const {
  return std::to_string(report.frames) + " frames, " + std::to_string(pictures) + " pictures, " +
         std::to_string(libavcodec) + " of libavcodec, " + std::to_string(different) +
         " different (first " + std::to_string(first_difference) + "), " +
         std::to_string(report.refused) + " refused, " + std::to_string(report.damaged) +
         " damaged, " + std::to_string(report.broken_jobs) + " broken jobs";
}

ClipComparison compare_with_libavcodec(const std::string& file, bool reconstructs) {
  ClipComparison result;
  const auto clip = bench::load_clip(file);
  if (clip.packets.empty()) return result;
  const auto codec = bench::open_codec(clip, nullptr, 1);
  if (!codec) return result;
  SoftwareDecoder decoder(reconstructs);
  Comparison comparison(result, reconstructs);
  for (const auto& packet : clip.packets) {
    const auto bytes =
        std::as_bytes(std::span(packet->data, static_cast<std::size_t>(packet->size)));
    for (const auto frame : split_superframe(bytes))
      if (const auto shown = decoder.decode(frame)) comparison.add_ours(*shown);
    avcodec_send_packet(codec.get(), packet.get());
    receive(codec.get(), comparison);
  }
  avcodec_send_packet(codec.get(), nullptr);
  receive(codec.get(), comparison);
  result.report = decoder.report();
  return result;
}

}  // namespace daedalus::vp9::test
