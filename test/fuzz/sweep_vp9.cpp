// SPDX-License-Identifier: MIT
// sweep_vp9 CUTS SEEDS FILE...: plays each stream of VP9 through the driver, with frames cut short
// at CUTS places and with bits flipped by SEEDS seeds; without either, as it is. Behind the damage
// it plays the stream's beginning in the same context, which must decode as it does without damage:
// to the same jobs on the null device, to the same samples on others (DAEDALUS_DEVICE).
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

#include "bench/clip.h"
#include "fuzz/checked_device.h"
#include "fuzz/linked_display.h"
#include "va/client.h"
#include "va/vp9/stream.h"
#include "vp9/superframe.h"
#include "vp9/uncompressed_header.h"

namespace daedalus::fuzz {
namespace {

using Frames = std::vector<std::vector<std::byte>>;

constexpr std::size_t max_frames = 40, max_tail_frames = 12;
constexpr std::size_t bytes_per_flip = 2000;
constexpr unsigned max_seconds = 300;  // for runs that take a few seconds

Frames frames_of(const std::string& file) {
  Frames frames;
  const auto clip = bench::load_clip(file);
  for (const auto& packet : clip.packets) {
    const auto bytes =
        std::as_bytes(std::span(packet->data, static_cast<std::size_t>(packet->size)));
    for (const auto frame : vp9::test::split_superframe(bytes))
      if (frames.size() < max_frames) frames.emplace_back(frame.begin(), frame.end());
  }
  return frames;
}

Result<vp9::UncompressedHeader> key_header(std::span<const std::byte> frame) {
  const auto header = vp9::parse_uncompressed_header({.frame = frame}, {});
  if (header && !header->key_frame) return tl::unexpected(Error::damaged);
  return header;
}

class Sweep {
 public:
  explicit Sweep(VADisplay display)
      : display_(display), has_pictures_(getenv("DAEDALUS_DEVICE") != std::string("null")) {}

  void run(const std::string& file, uint32_t cuts, uint32_t seeds);
  bool failed() const { return failures_ > 0 || streams_ == 0; }
  void report() const {
    printf("%u streams, %u runs with damage, %zu frames compared behind it, %u failed\n", streams_,
           runs_, compared_, failures_);
  }

 private:
  void open(const Frames& frames);
  std::vector<uint64_t> play(const Frames& damaged, const Frames& tail);
  void check(const std::string& name, const Frames& damaged);

  const VADisplay display_;
  const bool has_pictures_;
  VAProfile profile_ = VAProfileVP9Profile0;
  uint32_t width_ = 64, height_ = 64;
  uint32_t streams_ = 0, runs_ = 0, failures_ = 0;
  std::size_t compared_ = 0;
  Frames tail_;
  std::vector<uint64_t> expected_;
};

// The size of the surfaces, and the intact frames: up to the second key frame, or as many as are
// enough.
void Sweep::open(const Frames& frames) {
  tail_.clear();
  profile_ = VAProfileVP9Profile0;
  width_ = height_ = 64;
  for (const auto& frame : frames)
    if (const auto header = key_header(frame)) {
      width_ = std::max(width_, header->width);
      height_ = std::max(height_, header->height);
      if (header->profile == 2) profile_ = VAProfileVP9Profile2;
    }
  if (!key_header(frames[0])) return;
  for (const auto& frame : frames) {
    const bool next = !tail_.empty() && key_header(frame);
    if (next || tail_.size() == max_tail_frames) break;
    tail_.push_back(frame);
  }
}

uint64_t hash_of(const test::Samples& samples) {
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const uint8_t sample : samples) hash = (hash ^ sample) * 0x100000001b3;
  return hash;
}

// A hash of each frame of the tail: of its job, or of its picture if the device makes pictures.
std::vector<uint64_t> Sweep::play(const Frames& damaged, const Frames& tail) {
  alarm(max_seconds);
  std::vector<uint64_t> hashes;
  {
    test::Vp9Client client(display_, profile_, width_, height_);
    for (const auto& frame : damaged) client.decode(frame);
    for (const VASurfaceID surface : client.surfaces()) vaSyncSurface(display_, surface);
    take_job_hashes();
    for (const auto& frame : tail) {
      client.decode(frame);
      if (has_pictures_)
        hashes.push_back(hash_of(test::read_samples(display_, client.target(), width_, height_)));
    }
  }
  alarm(0);
  return has_pictures_ ? hashes : take_job_hashes();
}

void Sweep::check(const std::string& name, const Frames& damaged) {
  fprintf(stderr, "%s\n", name.c_str());  // so that the last line names the run that crashed
  ++runs_;
  const auto hashes = play(damaged, tail_);
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
    // Every fourth one in what are mostly headers.
    const std::size_t range = i % 4 == 0 ? std::min<std::size_t>(frame.size(), 24) : frame.size();
    frame[random() % range] ^= static_cast<std::byte>(1 << random() % 8);
  }
  return frames;
}

// Each third frame is cut.
Frames with_cuts(Frames frames, uint32_t seed) {
  std::mt19937 random(seed);
  for (std::size_t i = seed % 3; i < frames.size(); i += 3)
    frames[i].resize(1 + random() % frames[i].size());
  return frames;
}

void Sweep::run(const std::string& file, uint32_t cuts, uint32_t seeds) {
  const Frames frames = frames_of(file);
  if (frames.empty()) {
    printf("%s: no stream\n", file.c_str());
    return;
  }
  ++streams_;
  open(frames);
  expected_ = play({}, tail_);
  if (cuts == 0 && seeds == 0) {
    fprintf(stderr, "%s\n", file.c_str());
    play(frames, {});
  }
  for (uint32_t i = 0; i < cuts; ++i)
    check(file + " cut " + std::to_string(i), with_cuts(frames, i));
  for (uint32_t seed = 0; seed < seeds; ++seed)
    check(file + " seed " + std::to_string(seed), with_flipped_bits(frames, seed));
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
    sweep.run(argv[i], static_cast<uint32_t>(atoi(argv[1])), static_cast<uint32_t>(atoi(argv[2])));
  sweep.report();
  vaTerminate(display);
  return sweep.failed();
}
