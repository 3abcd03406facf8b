// SPDX-License-Identifier: MIT
// record_frames FOLDER FILE...: makes inputs for the VP9 or AV1 targets from small streams.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "bench/clip.h"
#include "fuzz/coded_frames.h"
#include "fuzz/frames.h"

namespace daedalus::fuzz {
namespace {

// Small inputs mutate best and run fast.
constexpr std::size_t max_size = 24 << 10;
constexpr uint32_t max_frames = 6;

void record(const std::filesystem::path& folder, const std::filesystem::path& file) {
  std::vector<uint8_t> input;
  for (const auto& frame : coded_frames(bench::load_clip(file), max_frames)) {
    if (input.size() + frame.size() + 2 > max_size) break;
    add_frame(frame, input);
  }
  if (input.empty()) return;
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
