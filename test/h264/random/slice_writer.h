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

// The RBSP of a slice from its first macroblock up to `end_mb` (mbAddr), which begins with these
// bits. Of the parameters only what parsing depends on counts. Nothing where the macroblocks that
// come first leave none that may follow: try again.
std::optional<std::vector<std::byte>> write_slice(const PictureParameters& picture,
                                                  const SliceParameters& slice, uint32_t end_mb,
                                                  const Taste& taste, const BitWriter& header,
                                                  Engine& engine);

}  // namespace daedalus::h264::random
