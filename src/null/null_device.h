// SPDX-License-Identifier: MIT
// A device without a GPU: it takes jobs and makes no pictures, so that benchmarks and fuzzers can
// run all that the CPU does, and nothing else.
#pragma once

#include <memory>
#include <string_view>

#include "daedalus/device.h"

namespace daedalus::null {

// The name by which settings ask for it.
inline constexpr std::string_view device_name = "null";

// Surfaces stay black. Submitted jobs are done at once.
std::unique_ptr<Device> open_device();

}  // namespace daedalus::null
