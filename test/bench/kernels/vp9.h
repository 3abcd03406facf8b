// SPDX-License-Identifier: MIT
// VP9's part of the kernel benchmarks.
#pragma once

namespace daedalus::vulkan {

void register_vp9();

}  // namespace daedalus::vulkan
