// SPDX-License-Identifier: MIT
// Motion-adaptive deinterlacing, sample by sample.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "daedalus/device.h"
#include "daedalus/video_process.h"

namespace daedalus::video::scalar {

struct Frame {
  std::span<const std::byte> bytes;
  PictureLayout layout;
};

// Deinterlaces a process's source region, which must begin at the top left corner, into a target
// with the same layout. `previous` and `next` may be null: then it interpolates only within the
// field. The rest of the result is 0.
std::vector<std::byte> deinterlaced(const Process& process, const Frame& frame,
                                    const Frame* previous, const Frame* next,
                                    const PictureLayout& target);

}  // namespace daedalus::video::scalar
