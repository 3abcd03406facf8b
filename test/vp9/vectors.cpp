// SPDX-License-Identifier: MIT
#include "vp9/vectors.h"

#include <cstdlib>
#include <filesystem>

#include "bench/clip.h"
#include "vp9/software_decoder.h"

namespace daedalus::vp9::test {

std::string vector_file(const std::string& name) {
  const char* const chosen = getenv("DAEDALUS_VECTORS");
  const auto path = std::filesystem::path(chosen ? chosen : DEFAULT_VECTORS) / "vp9" / name;
  return std::filesystem::exists(path) ? path.string() : "";
}

std::vector<std::vector<std::byte>> frames_of(const std::string& name) {
  std::vector<std::vector<std::byte>> frames;
  const auto path = vector_file(name);
  if (path.empty()) return frames;
  const auto clip = bench::load_clip(path);
  for (const auto& packet : clip.packets) {
    const auto bytes =
        std::as_bytes(std::span(packet->data, static_cast<std::size_t>(packet->size)));
    for (const auto frame : split_superframe(bytes))
      frames.emplace_back(frame.begin(), frame.end());
  }
  return frames;
}

}  // namespace daedalus::vp9::test
