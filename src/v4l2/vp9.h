// SPDX-License-Identifier: MIT
// What VP9 frames contain but V4L2's controls do not: their references' slots.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace daedalus::v4l2 {

// ref_frame_idx of LAST_FRAME, GOLDEN_FRAME and ALTREF_FRAME (6.2); nullopt if the frame is intra
// or truncated.
std::optional<std::array<uint8_t, 3>> reference_slots(std::span<const std::byte> frame);

}  // namespace daedalus::v4l2
