// SPDX-License-Identifier: MIT
// sweep CUTS SEEDS FILE...: plays each stream through libavcodec and the driver, cut short at CUTS
// places and with bits flipped by SEEDS seeds. After the damage it plays the stream's beginning,
// which must decode exactly: to the same jobs on the null device, to libavcodec's samples on others
// (DAEDALUS_DEVICE).
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "bench/clip.h"
#include "fuzz/checked_device.h"
#include "fuzz/linked_display.h"

namespace daedalus::fuzz {
namespace {

using Bytes = std::vector<uint8_t>;

constexpr std::size_t max_tail_packets = 24;
constexpr std::size_t intact = 100;  // bytes: without parameter sets nothing can be decoded
constexpr std::size_t bytes_per_flip = 2000;
constexpr unsigned max_seconds = 300;  // for runs that should take seconds

uint64_t hash_of(const AVFrame& frame) {
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (uint8_t sample : bench::i420(frame)) hash = (hash ^ sample) * 0x100000001b3;
  return hash;
}

// Plays a raw stream: the parser finds the access units.
class Player {
 public:
  // Null: decodes in software.
  explicit Player(AVBufferRef* device) {
    bench::Clip clip;
    clip.parameters.reset(avcodec_parameters_alloc());
    clip.parameters->codec_type = AVMEDIA_TYPE_VIDEO;
    clip.parameters->codec_id = AV_CODEC_ID_H264;
    codec_ = bench::open_codec(clip, device, 1);
    if (codec_) codec_->apply_cropping = 0;  // it would crop only two of a surface's four sides
    codec_->flags |= AV_CODEC_FLAG_OUTPUT_CORRUPT;
    codec_->flags2 |= AV_CODEC_FLAG2_SHOW_ALL;
    parser_ = av_parser_init(AV_CODEC_ID_H264);
  }
  ~Player() { av_parser_close(parser_); }
  Player(const Player&) = delete;
  Player& operator=(const Player&) = delete;

  // Passes every frame to `take`.
  template <typename Take>
  void play(Bytes stream, Take&& take) {
    const std::size_t size = stream.size();
    stream.resize(size + AV_INPUT_BUFFER_PADDING_SIZE);
    for (std::size_t next = 0; next < size;) {
      next += static_cast<std::size_t>(parse(&stream[next], static_cast<int>(size - next), take));
    }
    parse(nullptr, 0, take);
    send(nullptr, take);
  }

 private:
  template <typename Take>
  int parse(const uint8_t* data, int size, Take&& take) {
    const bench::Packet packet(av_packet_alloc());
    const int used = av_parser_parse2(parser_, codec_.get(), &packet->data, &packet->size, data,
                                      size, AV_NOPTS_VALUE, AV_NOPTS_VALUE, 0);
    if (packet->size > 0) send(packet.get(), take);
    return used;
  }
  template <typename Take>
  void send(const AVPacket* packet, Take&& take) {
    avcodec_send_packet(codec_.get(), packet);
    const bench::Frame frame(av_frame_alloc());
    while (avcodec_receive_frame(codec_.get(), frame.get()) == 0) {
      take(*frame);
      av_frame_unref(frame.get());
    }
  }

  bench::CodecContext codec_;
  AVCodecParserContext* parser_;
};

class Sweep {
 public:
  explicit Sweep(VADisplay display)
      : device_(bench::vaapi_device(display)), has_pictures_(!names_null_device()) {}

  void run(const std::string& file, uint32_t cuts, uint32_t seeds);
  bool failed() const { return failures_ > 0 || compared_ == 0; }
  void report() const {
    printf("%u streams, %u runs with damage, %zu pictures compared after it, %u failed\n", streams_,
           runs_, compared_, failures_);
  }

 private:
  static bool names_null_device() { return getenv("DAEDALUS_DEVICE") == std::string("null"); }
  std::vector<uint64_t> play(const Bytes& stream);
  std::vector<uint64_t> play_in_software(const Bytes& stream);
  void check(const std::string& name, Bytes damaged);

  const bench::BufferReference device_;
  const bool has_pictures_;
  uint32_t streams_ = 0, runs_ = 0, failures_ = 0;
  std::size_t compared_ = 0;
  Bytes tail_;
  std::vector<uint64_t> expected_;  // for the intact end of the stream
};

// A hash per job, or per picture if the device makes pictures.
std::vector<uint64_t> Sweep::play(const Bytes& stream) {
  alarm(max_seconds);
  std::vector<uint64_t> frames;
  take_job_hashes();
  Player(device_.get()).play(stream, [&](const AVFrame& frame) {
    if (has_pictures_) frames.push_back(hash_of(frame));
  });
  alarm(0);
  return has_pictures_ ? frames : take_job_hashes();
}

std::vector<uint64_t> Sweep::play_in_software(const Bytes& stream) {
  std::vector<uint64_t> frames;
  Player(nullptr).play(stream, [&](const AVFrame& frame) { frames.push_back(hash_of(frame)); });
  return frames;
}

void Sweep::check(const std::string& name, Bytes damaged) {
  fprintf(stderr, "%s\n", name.c_str());  // so that the last line names the run that crashed
  ++runs_;
  damaged.insert(damaged.end(), tail_.begin(), tail_.end());
  const auto hashes = play(damaged);
  compared_ += expected_.size();
  const bool exact = hashes.size() >= expected_.size() &&
                     std::equal(expected_.rbegin(), expected_.rend(), hashes.rbegin());
  if (exact) return;
  ++failures_;
  printf("%s: what comes after the damage is not exact\n", name.c_str());
}

bool begins_with_idr(const AVPacket& packet) {
  constexpr uint8_t start_code[] = {0, 0, 1};
  const uint8_t* const end = packet.data + packet.size;
  for (const uint8_t* at = packet.data;; ++at) {
    at = std::search(at, end, std::begin(start_code), std::end(start_code));
    if (end - at < 4) return false;
    const int nal_unit_type = at[3] & 31;
    if (nal_unit_type == 5) return true;
    if (nal_unit_type == 1 || nal_unit_type == 2) return false;
  }
}

struct Beginning {
  Bytes bytes;
  std::size_t pictures = 0;
};

// Up to the second IDR picture, at most a fixed number.
Beginning beginning_of(const bench::Clip& clip) {
  Beginning beginning;
  for (std::size_t i = 0; i < std::min(clip.packets.size(), max_tail_packets); ++i) {
    const AVPacket& packet = *clip.packets[i];
    if (i > 0 && begins_with_idr(packet)) break;
    beginning.bytes.insert(beginning.bytes.end(), packet.data, packet.data + packet.size);
    ++beginning.pictures;
  }
  return beginning;
}

Bytes with_flipped_bits(Bytes stream, uint32_t seed) {
  std::mt19937 random(seed);
  for (std::size_t i = 0; i < 3 + stream.size() / bytes_per_flip; ++i)
    stream[intact + random() % (stream.size() - intact)] ^= static_cast<uint8_t>(1 << random() % 8);
  return stream;
}

void Sweep::run(const std::string& file, uint32_t cuts, uint32_t seeds) {
  std::ifstream input(file, std::ios::binary);
  const Bytes stream{std::istreambuf_iterator<char>(input), {}};
  const auto clip = bench::load_clip(file);
  if (stream.size() <= 2 * intact || clip.packets.empty()) {
    printf("%s: no stream\n", file.c_str());
    ++failures_;
    return;
  }
  ++streams_;
  // A stream that does not begin with an IDR picture depends on earlier pictures, damaged or not.
  const auto beginning = begins_with_idr(*clip.packets[0]) ? beginning_of(clip) : Beginning();
  tail_ = beginning.bytes;
  expected_ = play(tail_);
  // Pictures that the driver refuses need not be exact.
  if (expected_.size() != beginning.pictures) expected_.clear();
  if (has_pictures_ && !expected_.empty() && expected_ != play_in_software(tail_)) {
    printf("%s: not exact without damage\n", file.c_str());
    ++failures_;
  }
  for (uint32_t i = 0; i < cuts; ++i) {
    const std::size_t end = intact + (stream.size() - intact) * (i + 1) / (cuts + 1);
    check(file + " cut " + std::to_string(i),
          {stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(end)});
  }
  for (uint32_t seed = 0; seed < seeds; ++seed)
    check(file + " seed " + std::to_string(seed), with_flipped_bits(stream, seed));
}

}  // namespace
}  // namespace daedalus::fuzz

int main(int argc, char** argv) {
  using namespace daedalus;
  if (argc < 4) return 2;
  av_log_set_level(AV_LOG_QUIET);
  VADisplay display = fuzz::open_linked_display();
  if (!display) return 2;
  bool failed = false;
  {
    fuzz::Sweep sweep(display);
    for (int i = 3; i < argc; ++i)
      sweep.run(argv[i], static_cast<uint32_t>(atoi(argv[1])),
                static_cast<uint32_t>(atoi(argv[2])));
    sweep.report();
    failed = sweep.failed();
  }
  vaTerminate(display);
  return failed;
}
