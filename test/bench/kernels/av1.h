// SPDX-License-Identifier: MIT
// AV1's part of the kernel benchmarks.
#pragma once

namespace daedalus::vulkan {

void register_av1();

}  // namespace daedalus::vulkan
