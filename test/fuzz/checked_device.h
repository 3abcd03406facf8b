// SPDX-License-Identifier: MIT
// The driver's device, null or Vulkan, which checks every job that is submitted: a job that would
// violate what shaders rely on ends the program.
#pragma once

#include <cstdint>
#include <vector>

namespace daedalus::fuzz {

// A hash of every job that was submitted since the last call.
std::vector<uint64_t> take_job_hashes();

}  // namespace daedalus::fuzz
