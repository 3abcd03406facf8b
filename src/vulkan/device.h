// SPDX-License-Identifier: MIT
// The Vulkan implementation of daedalus/device.h.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>

#include "daedalus/device.h"
#include "daedalus/settings.h"

namespace daedalus::vulkan {

// Error::unsupported if no device of the machine is suitable. Pictures and stages may outlive
// their device. `drm_node`: the client's display, whose device is used if the settings name
// none.
Result<std::unique_ptr<Device>> open_device(const Settings& settings,
                                            std::optional<dev_t> drm_node = {});

struct DeviceState;

// Of a device from open_device: for stages of codecs that Device does not know.
std::shared_ptr<DeviceState> state_of(Device& device);

}  // namespace daedalus::vulkan
