// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace daedalus::vp9::test {

// The frames of a packet (Annex B): one frame, or those of a superframe.
std::vector<std::span<const std::byte>> split_superframe(std::span<const std::byte> packet);

}  // namespace daedalus::vp9::test
