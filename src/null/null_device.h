// SPDX-License-Identifier: MIT
// A device without a GPU: it takes jobs and makes no pictures, so that benchmarks and fuzzers run
// only what the CPU does.
#pragma once

#include <memory>
#include <string_view>

#include "daedalus/device.h"

namespace daedalus::null {

// The device's name in the settings.
inline constexpr std::string_view device_name = "null";

// Surfaces stay black. Submitted jobs complete at once.
std::unique_ptr<Device> open_device();

}  // namespace daedalus::null
