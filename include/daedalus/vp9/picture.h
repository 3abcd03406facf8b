// SPDX-License-Identifier: MIT
// What decoding a VP9 picture needs from an API client: the frame as it is in the stream, and the
// decoded pictures in the reference slots. Everything else comes from the frame's headers and the
// stream's state, which VA-API and V4L2 clients do not pass completely.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace daedalus::vp9 {

inline constexpr uint32_t reference_slots = 8;  // NUM_REF_FRAMES

// The slots before this frame refreshes any.
struct ReferenceSlot {
  bool present = false;
  uint32_t width = 0, height = 0;  // in luma samples, as it was decoded
  uint8_t bit_depth = 8;           // 4:2:0 always
};

struct PictureParameters {
  // From the uncompressed header's first byte to the last tile's last one, without a superframe
  // index. The owner keeps it until the picture is parsed.
  std::span<const std::byte> frame;
  std::array<ReferenceSlot, reference_slots> references;
};

}  // namespace daedalus::vp9
