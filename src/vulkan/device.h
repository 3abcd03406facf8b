// SPDX-License-Identifier: MIT
// The Vulkan implementation of daedalus/device.h.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>

#include "daedalus/device.h"
#include "daedalus/settings.h"

namespace daedalus::vulkan {

// Error::unsupported where the machine has no device that can do it. Pictures and stages may
// outlive the device they are from.
// `drm_node`: the client's display. The device behind it is taken where settings name none.
Result<std::unique_ptr<Device>> open_device(const Settings& settings,
                                            std::optional<dev_t> drm_node = {});

struct DeviceState;

// Of a device that open_device opened: for the stages of a codec that Device does not know.
std::shared_ptr<DeviceState> state_of(Device& device);

}  // namespace daedalus::vulkan
