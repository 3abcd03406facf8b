// SPDX-License-Identifier: MIT
// record_vp9 FOLDER FILE...: makes inputs for the VP9 target of small streams.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "bench/clip.h"
#include "fuzz/vp9_frames.h"
#include "vp9/software_decoder.h"

namespace daedalus::fuzz {
namespace {

// Small inputs are mutated best, and many times a second.
constexpr std::size_t max_size = 24 << 10;
constexpr uint32_t max_frames = 6;

void record(const std::filesystem::path& folder, const std::filesystem::path& file) {
  const auto clip = bench::load_clip(file);
  std::vector<uint8_t> input;
  uint32_t frames = 0;
  for (const auto& packet : clip.packets) {
    const auto bytes =
        std::as_bytes(std::span(packet->data, static_cast<std::size_t>(packet->size)));
    for (const auto frame : vp9::test::split_superframe(bytes)) {
      if (input.size() + frame.size() + 2 > max_size || frames == max_frames) break;
      add_vp9_frame(frame, input);
      ++frames;
    }
  }
  if (frames == 0) return;
  std::ofstream out(folder / file.filename(), std::ios::binary);
  out.write(reinterpret_cast<const char*>(input.data()),
            static_cast<std::streamsize>(input.size()));
}

}  // namespace
}  // namespace daedalus::fuzz

int main(int argc, char** argv) {
  for (int i = 2; i < argc; ++i) daedalus::fuzz::record(argv[1], argv[i]);
  return argc < 3;
}
