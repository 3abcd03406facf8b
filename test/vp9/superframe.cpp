// SPDX-License-Identifier: MIT
#include "vp9/superframe.h"

#include <algorithm>
#include <cstdint>

namespace daedalus::vp9::test {

std::vector<std::span<const std::byte>> split_superframe(std::span<const std::byte> packet) {
  if (packet.empty()) return {};
  const auto marker = static_cast<uint32_t>(packet.back());
  const std::size_t frames = (marker & 7) + 1, size_bytes = (marker >> 3 & 3) + 1;
  const std::size_t index = 2 + frames * size_bytes;
  if ((marker & 0xe0) != 0xc0 || packet.size() < index ||
      packet[packet.size() - index] != packet.back())
    return {packet};
  std::vector<std::span<const std::byte>> result;
  auto sizes = packet.subspan(packet.size() - index + 1);
  auto data = packet.first(packet.size() - index);
  for (std::size_t i = 0; i < frames; ++i) {
    std::size_t size = 0;
    for (std::size_t byte = 0; byte < size_bytes; ++byte)
      size |= static_cast<std::size_t>(sizes[i * size_bytes + byte]) << 8 * byte;
    if (size == 0) continue;
    size = std::min(size, data.size());
    result.push_back(data.first(size));
    data = data.subspan(size);
  }
  return result;
}

}  // namespace daedalus::vp9::test
