// SPDX-License-Identifier: MIT
// Video processing, sample by sample.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "daedalus/device.h"
#include "daedalus/video_process.h"
#include "video/plan.h"

namespace daedalus::video::scalar {

// The shader's output for a plan, with the same integers.
std::vector<std::byte> follow(const Plan& plan, std::span<const std::byte> source,
                              const PictureLayout& source_layout, const PictureLayout& target);

// The ideal output computed from the process in real numbers: the value of each component of each
// sample in the target region, at the index of its first byte. All other elements are -1.
std::vector<double> ideal(const Process& process, std::span<const std::byte> source,
                          const PictureLayout& source_layout, const PictureLayout& target);

}  // namespace daedalus::video::scalar
