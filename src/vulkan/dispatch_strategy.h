// SPDX-License-Identifier: MIT
// How work with internal dependencies is dispatched on a device.
#pragma once

#include <vulkan/vulkan.h>

#include <cstdint>

#include "daedalus/settings.h"

namespace daedalus::vulkan {

// The maximum number of turns in one dispatch of VP9's or AV1's intra levels on V3D. A turn is one
// iteration of a workgroup's loop over the records of a level. V3D's kernel driver resets a GPU on
// which no workgroup ends for half a second. In the modelled key frames a turn takes about ten
// microseconds, so this many take a fifth of that.
inline constexpr uint32_t max_intra_turns_on_v3d = 1u << 13;

// Whether this driver runs a subgroup's invocations in lockstep, as lanes of a hardware vector.
// Others may run them independently.
bool runs_in_lockstep(VkDriverId driver);

// Resolves `strategy` for this driver: to tickets or levels.
DispatchStrategy resolve_strategy(DispatchStrategy strategy, VkDriverId driver);

}  // namespace daedalus::vulkan
