// The driver's device, null or Vulkan, with every job checked on its way: a job that shaders could
// not rely on ends the program.
#pragma once

#include <cstdint>
#include <vector>

namespace daedalus::fuzz {

// h264::hash of every job that was handed over since the last call.
std::vector<uint64_t> take_job_hashes();

}  // namespace daedalus::fuzz
