// SPDX-License-Identifier: MIT
// How work with internal dependencies is dispatched on a device.
#pragma once

#include <vulkan/vulkan.h>

#include <cstdint>

#include "daedalus/settings.h"

namespace daedalus::vulkan {

// How many turns of a workgroup a dispatch of VP9's or AV1's intra levels may have on V3D. Its
// kernel driver resets a GPU on which no workgroup ends for half a second. In the modelled key
// frames a turn takes about ten microseconds: these take a fifth of that time.
inline constexpr uint32_t max_intra_turns_on_v3d = 1u << 13;

// Whether a subgroup of this driver is a hardware vector, whose invocations are always at the same
// instruction. Others may run invocations one by one.
bool runs_in_step(VkDriverId driver);

// Resolves `strategy` for this driver: to tickets or levels.
DispatchStrategy resolve_strategy(DispatchStrategy strategy, VkDriverId driver);

}  // namespace daedalus::vulkan
