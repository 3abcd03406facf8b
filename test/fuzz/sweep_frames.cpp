// SPDX-License-Identifier: MIT
// sweep_frames CUTS SEEDS FILE...: plays each VP9 or AV1 stream through the driver, with frames
// (temporal units) truncated at CUTS places and with bits flipped by SEEDS seeds; without either,
// unmodified. After the damage it plays the stream's beginning in the same context, which must
// decode as without damage: to the same jobs on the null device, to the same samples on others
// (DAEDALUS_DEVICE).
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

#include "bench/clip.h"
#include "fuzz/checked_device.h"
#include "fuzz/coded_frames.h"
#include "fuzz/linked_display.h"
#include "va/av1/stream.h"
#include "va/client.h"
#include "va/vp9/stream.h"
#include "vp9/uncompressed_header.h"

namespace daedalus::fuzz {
namespace {

constexpr std::size_t max_frames = 40, max_tail_frames = 12;
constexpr std::size_t bytes_per_flip = 2000;
constexpr uint32_t max_size = 4096;    // of surfaces
constexpr unsigned max_seconds = 300;  // for runs that should take seconds

// The surfaces that a stream needs.
struct Opening {
  uint32_t width = 64, height = 64, bit_depth = 8;

  void add(uint32_t frame_width, uint32_t frame_height, uint32_t frame_bit_depth) {
    if (frame_width > max_size || frame_height > max_size) return;
    width = std::max(width, frame_width);
    height = std::max(height, frame_height);
    bit_depth = frame_bit_depth;
  }
};

struct Vp9 {
  using Client = test::Vp9Client;
  static Client open(VADisplay display, const Opening& opening) {
    const auto profile = opening.bit_depth == 10 ? VAProfileVP9Profile2 : VAProfileVP9Profile0;
    return {display, profile, opening.width, opening.height};
  }
  static VASurfaceID shown(const Client& client) { return client.target(); }
  static Opening opening(const Frames& frames) {
    Opening opening;
    for (const auto& frame : frames)
      if (const auto header = key_header(frame))
        opening.add(header->width, header->height, header->profile == 2 ? 10 : 8);
    return opening;
  }
  static bool begins_anew(std::span<const std::byte> frame) {
    return key_header(frame).has_value();
  }

 private:
  static Result<vp9::UncompressedHeader> key_header(std::span<const std::byte> frame) {
    const auto header = vp9::parse_uncompressed_header({.frame = frame}, {});
    if (header && !header->key_frame) return tl::unexpected(Error::damaged);
    return header;
  }
};

struct Av1 {
  using Client = test::Av1Client;
  static Client open(VADisplay display, const Opening& opening) {
    return {display, opening.bit_depth, opening.width, opening.height};
  }
  static VASurfaceID shown(const Client& client) { return client.shown(); }
  static Opening opening(const Frames& units) {
    Opening opening;
    av1::test::ObuReader reader;
    for (const auto& unit : units)
      reader.read(unit, [&](const av1::test::CodedFrame& frame) {
        const auto& picture = frame.picture;
        opening.add(picture.upscaled_width, picture.height, picture.bit_depth);
      });
    return opening;
  }
  // A shown key frame refreshes every slot.
  static bool begins_anew(std::span<const std::byte> unit) {
    bool begins = false;
    av1::test::ObuReader reader;
    reader.read(unit, [&](const av1::test::CodedFrame& frame) {
      const auto& picture = frame.picture;
      begins |= !frame.show_existing_frame && picture.frame_type == av1::FrameType::key &&
                picture.show_frame;
    });
    return begins;
  }
};

class Sweep {
 public:
  explicit Sweep(VADisplay display)
      : display_(display), has_pictures_(getenv("DAEDALUS_DEVICE") != std::string("null")) {}

  template <typename Codec>
  void run(const std::string& file, const Frames& frames, uint32_t cuts, uint32_t seeds);
  bool failed() const { return failures_ > 0 || streams_ == 0 || (runs_ > 0 && compared_ == 0); }
  void report() const {
    printf("%u streams, %u runs with damage, %zu frames compared after it, %u failed\n", streams_,
           runs_, compared_, failures_);
  }

 private:
  template <typename Codec>
  void open(const Frames& frames);
  template <typename Codec>
  std::vector<uint64_t> play(const Frames& damaged, const Frames& tail);
  template <typename Codec>
  void check(const std::string& name, const Frames& damaged);

  const VADisplay display_;
  const bool has_pictures_;
  Opening opening_;
  uint32_t streams_ = 0, runs_ = 0, failures_ = 0;
  std::size_t compared_ = 0;
  Frames tail_;
  std::vector<uint64_t> expected_;
};

// The surfaces, and the intact frames: up to the second key frame, at most a fixed number.
template <typename Codec>
void Sweep::open(const Frames& frames) {
  tail_.clear();
  opening_ = Codec::opening(frames);
  if (!Codec::begins_anew(frames[0])) return;
  for (const auto& frame : frames) {
    const bool next = !tail_.empty() && Codec::begins_anew(frame);
    if (next || tail_.size() == max_tail_frames) break;
    tail_.push_back(frame);
  }
}

uint64_t hash_of(const test::Samples& samples) {
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const uint8_t sample : samples) hash = (hash ^ sample) * 0x100000001b3;
  return hash;
}

// A hash for each frame of the tail: of its job, or of its picture if the device decodes.
template <typename Codec>
std::vector<uint64_t> Sweep::play(const Frames& damaged, const Frames& tail) {
  alarm(max_seconds);
  std::vector<uint64_t> hashes;
  {
    auto client = Codec::open(display_, opening_);
    for (const auto& frame : damaged) client.decode(frame);
    for (const VASurfaceID surface : client.surfaces()) vaSyncSurface(display_, surface);
    take_job_hashes();
    for (const auto& frame : tail) {
      client.decode(frame);
      if (has_pictures_)
        hashes.push_back(hash_of(
            test::read_samples(display_, Codec::shown(client), opening_.width, opening_.height)));
    }
  }
  alarm(0);
  return has_pictures_ ? hashes : take_job_hashes();
}

template <typename Codec>
void Sweep::check(const std::string& name, const Frames& damaged) {
  fprintf(stderr, "%s\n", name.c_str());  // so that the last line names the run that crashed
  ++runs_;
  const auto hashes = play<Codec>(damaged, tail_);
  compared_ += expected_.size();
  if (hashes == expected_) return;
  ++failures_;
  printf("%s: what comes after the damage is not exact\n", name.c_str());
}

Frames with_flipped_bits(Frames frames, uint32_t seed) {
  std::mt19937 random(seed);
  std::size_t bytes = 0;
  for (const auto& frame : frames) bytes += frame.size();
  for (std::size_t i = 0; i < 3 + bytes / bytes_per_flip; ++i) {
    auto& frame = frames[random() % frames.size()];
    // Every fourth flip hits the first bytes, which are mostly headers.
    const std::size_t range = i % 4 == 0 ? std::min<std::size_t>(frame.size(), 24) : frame.size();
    frame[random() % range] ^= static_cast<std::byte>(1 << random() % 8);
  }
  return frames;
}

// Truncates every third frame.
Frames with_cuts(Frames frames, uint32_t seed) {
  std::mt19937 random(seed);
  for (std::size_t i = seed % 3; i < frames.size(); i += 3)
    frames[i].resize(1 + random() % frames[i].size());
  return frames;
}

template <typename Codec>
void Sweep::run(const std::string& file, const Frames& frames, uint32_t cuts, uint32_t seeds) {
  if (frames.empty()) {
    printf("%s: no stream\n", file.c_str());
    return;
  }
  ++streams_;
  open<Codec>(frames);
  expected_ = play<Codec>({}, tail_);
  if (cuts == 0 && seeds == 0) {
    fprintf(stderr, "%s\n", file.c_str());
    play<Codec>(frames, {});
  }
  for (uint32_t i = 0; i < cuts; ++i)
    check<Codec>(file + " cut " + std::to_string(i), with_cuts(frames, i));
  for (uint32_t seed = 0; seed < seeds; ++seed)
    check<Codec>(file + " seed " + std::to_string(seed), with_flipped_bits(frames, seed));
}

void run(Sweep& sweep, const std::string& file, uint32_t cuts, uint32_t seeds) {
  const auto clip = bench::load_clip(file);
  const bool is_vp9 = clip.parameters && clip.parameters->codec_id == AV_CODEC_ID_VP9;
  const auto frames = clip.packets.empty() ? Frames() : coded_frames(clip, max_frames);
  is_vp9 ? sweep.run<Vp9>(file, frames, cuts, seeds) : sweep.run<Av1>(file, frames, cuts, seeds);
}

}  // namespace
}  // namespace daedalus::fuzz

int main(int argc, char** argv) {
  using namespace daedalus;
  if (argc < 4) return 2;
  av_log_set_level(AV_LOG_QUIET);
  VADisplay display = fuzz::open_linked_display();
  if (!display) return 2;
  fuzz::Sweep sweep(display);
  for (int i = 3; i < argc; ++i)
    fuzz::run(sweep, argv[i], static_cast<uint32_t>(atoi(argv[1])),
              static_cast<uint32_t>(atoi(argv[2])));
  sweep.report();
  vaTerminate(display);
  return sweep.failed();
}
