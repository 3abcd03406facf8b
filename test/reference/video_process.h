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

// What the shader does with a plan: the same integers.
std::vector<std::byte> follow(const Plan& plan, std::span<const std::byte> source,
                              const PictureLayout& source_layout, const PictureLayout& target);

// What it should come to, from the process itself, in real numbers: of each component of each
// sample in the target's region, at the place of its first byte there. All others are -1.
std::vector<double> ideal(const Process& process, std::span<const std::byte> source,
                          const PictureLayout& source_layout, const PictureLayout& target);

}  // namespace daedalus::video::scalar
