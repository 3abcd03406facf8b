// SPDX-License-Identifier: MIT
// The frames (temporal units) of an input for the VP9 and AV1 targets: two bytes of size, low byte
// first, then as many bytes as the size says, or as are left.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace daedalus::fuzz {

inline std::vector<std::span<const std::byte>> read_frames(std::span<const uint8_t> bytes) {
  std::vector<std::span<const std::byte>> frames;
  while (bytes.size() > 2) {
    const std::size_t size = std::size_t{bytes[0]} | std::size_t{bytes[1]} << 8;
    bytes = bytes.subspan(2);
    const auto frame = bytes.first(size < bytes.size() ? size : bytes.size());
    if (!frame.empty()) frames.push_back(std::as_bytes(frame));
    bytes = bytes.subspan(frame.size());
  }
  return frames;
}

inline void add_frame(std::span<const std::byte> frame, std::vector<uint8_t>& bytes) {
  bytes.push_back(static_cast<uint8_t>(frame.size()));
  bytes.push_back(static_cast<uint8_t>(frame.size() >> 8));
  for (const std::byte byte : frame) bytes.push_back(static_cast<uint8_t>(byte));
}

}  // namespace daedalus::fuzz
