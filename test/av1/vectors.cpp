// SPDX-License-Identifier: MIT
#include "av1/vectors.h"

#include <cstdlib>
#include <filesystem>
#include <span>

#include "bench/clip.h"

namespace daedalus::av1::test {

std::string vector_file(const std::string& name) {
  const char* const chosen = getenv("DAEDALUS_VECTORS");
  const auto path = std::filesystem::path(chosen ? chosen : DEFAULT_VECTORS) / "av1" / name;
  return std::filesystem::exists(path) ? path.string() : "";
}

std::vector<std::vector<std::byte>> units_of(const std::string& path) {
  std::vector<std::vector<std::byte>> units;
  if (path.empty()) return units;
  av_log_set_level(AV_LOG_QUIET);
  const auto clip = bench::load_clip(path);
  if (clip.packets.empty()) return units;
  // av1C has four bytes before the OBUs; other containers store only OBUs.
  const auto& parameters = *clip.parameters;
  const auto extra = std::as_bytes(
      std::span(parameters.extradata, static_cast<std::size_t>(parameters.extradata_size)));
  const std::size_t header = !extra.empty() && extra[0] == std::byte{0x81} ? 4 : 0;
  if (extra.size() > header) units.emplace_back(extra.begin() + header, extra.end());
  for (const auto& packet : clip.packets) {
    const auto bytes =
        std::as_bytes(std::span(packet->data, static_cast<std::size_t>(packet->size)));
    units.emplace_back(bytes.begin(), bytes.end());
  }
  return units;
}

}  // namespace daedalus::av1::test
