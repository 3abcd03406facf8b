// SPDX-License-Identifier: MIT
// Random interlaced streams: frames, MBAFF frames and pairs of fields in any order, with the
// headers and the marking of reference pictures that make them valid.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace daedalus::h264::random {

struct Stream {
  std::vector<std::byte> bytes;
  uint32_t width = 0, height = 0;  // samples
  uint32_t frames = 0;
  uint32_t pictures = 0;  // of which two fields of a frame are two
};

// `sequences` that begin with an IDR picture each, of a few frames, all of one size.
Stream write_stream(uint32_t seed, uint32_t sequences);

}  // namespace daedalus::h264::random
