// The Vulkan implementation of daedalus/device.h.
#pragma once

#include <memory>

#include "daedalus/device.h"
#include "daedalus/settings.h"

namespace daedalus::vulkan {

// Error::unsupported where the machine has no device that can do it. Pictures and stages may
// outlive the device they are from.
Result<std::unique_ptr<Device>> open_device(const Settings& settings);

}  // namespace daedalus::vulkan
