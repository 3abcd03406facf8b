// SPDX-License-Identifier: MIT
// Random interlaced streams: frames, MBAFF frames and pairs of fields in any order, with headers
// and reference marking that make them valid.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace daedalus::h264::random {

struct Stream {
  std::vector<std::byte> bytes;
  uint32_t width = 0, height = 0;  // samples
  uint32_t frames = 0;
  uint32_t pictures = 0;  // a frame's two fields count as two
};

// Writes `sequences` sequences of a few frames each, all of one size. Each begins with an IDR
// picture.
Stream write_stream(uint32_t seed, uint32_t sequences);

}  // namespace daedalus::h264::random
