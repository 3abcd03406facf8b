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

// What becomes of a process's source region, which begins in the left top corner, in a target like
// it. Without `previous` and `next`, which may be null, it is interpolated within the field alone.
// All else of the result is 0.
std::vector<std::byte> deinterlaced(const Process& process, const Frame& frame,
                                    const Frame* previous, const Frame* next,
                                    const PictureLayout& target);

}  // namespace daedalus::video::scalar
