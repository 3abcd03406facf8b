// SPDX-License-Identifier: MIT
// How work whose parts wait for each other is dispatched on a device.
#pragma once

#include <vulkan/vulkan.h>

#include "daedalus/settings.h"

namespace daedalus::vulkan {

// What `strategy` means with this driver: tickets or levels.
DispatchStrategy resolve_strategy(DispatchStrategy strategy, VkDriverId driver);

}  // namespace daedalus::vulkan
