// SPDX-License-Identifier: MIT
// Slices of random macroblocks.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "daedalus/h264/picture.h"
#include "h264/job_memory.h"
#include "h264/random/source.h"

namespace daedalus::h264::random {

// The RBSP of a slice from its first macroblock to `end_mb` (mbAddr, exclusive), starting with the
// given bits. Uses only parameters that parsing depends on. Returns nullopt if the first
// macroblocks leave no valid continuation: try again.
std::optional<std::vector<std::byte>> write_slice(const PictureParameters& picture,
                                                  const SliceParameters& slice, uint32_t end_mb,
                                                  const Taste& taste, const BitWriter& header,
                                                  Engine& engine);

}  // namespace daedalus::h264::random
