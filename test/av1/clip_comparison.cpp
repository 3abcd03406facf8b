// SPDX-License-Identifier: MIT
#include "av1/clip_comparison.h"

#include <algorithm>
#include <deque>

#include "bench/clip.h"

namespace daedalus::av1::test {

namespace {

// Keeps pictures until the other decoder has output them too.
class Comparison {
 public:
  Comparison(ClipComparison& result, bool compares) : result_(result), compares_(compares) {}

  void add_ours(Picture& picture) {
    ++result_.pictures;
    if (compares_) ours_.push_back(picture.planes());
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
      if (ours_.front() != theirs_.front() && result_.different++ == 0) {
        result_.first_difference = compared_;
        const auto [ours, theirs] = std::mismatch(ours_.front().begin(), ours_.front().end(),
                                                  theirs_.front().begin(), theirs_.front().end());
        result_.first_byte = ours - ours_.front().begin();
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
         " different (first " + std::to_string(first_difference) + " at byte " +
         std::to_string(first_byte) + "), " + std::to_string(report.refused) + " refused, " +
         std::to_string(report.damaged) + " damaged, " + std::to_string(report.broken_units) +
         " broken units";
}

ClipComparison compare_with_libavcodec(const std::string& file, bool reconstructs) {
  ClipComparison result;
  av_log_set_level(AV_LOG_QUIET);
  const auto clip = bench::load_clip(file);
  if (clip.packets.empty()) return result;
  const auto codec = bench::open_codec(clip, nullptr, 1);
  if (!codec) return result;
  Comparison comparison(result, reconstructs);
  SoftwareDecoder decoder(reconstructs, [&](Picture& picture) { comparison.add_ours(picture); });
  // MP4 and WebM files may store sequence headers outside their packets, after four bytes.
  const auto& parameters = *clip.parameters;
  if (parameters.extradata_size > 4 && parameters.extradata[0] == 0x81)
    decoder.decode(std::as_bytes(std::span(
        parameters.extradata + 4, static_cast<std::size_t>(parameters.extradata_size - 4))));
  for (const auto& packet : clip.packets) {
    decoder.decode(std::as_bytes(std::span(packet->data, static_cast<std::size_t>(packet->size))));
    avcodec_send_packet(codec.get(), packet.get());
    receive(codec.get(), comparison);
  }
  avcodec_send_packet(codec.get(), nullptr);
  receive(codec.get(), comparison);
  result.report = decoder.report();
  return result;
}

}  // namespace daedalus::av1::test
