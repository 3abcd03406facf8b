// SPDX-License-Identifier: MIT
// Opens the device of a display.
#pragma once

#include <sys/types.h>
#include <va/va_backend.h>

#include <memory>
#include <optional>

#include "daedalus/device.h"
#include "daedalus/settings.h"

namespace daedalus::va {

// The DRM node behind the client's display. X11 and Wayland have one if they share buffers.
std::optional<dev_t> drm_node(const VADriverContext& driver);

// The device from the settings, otherwise the one of this node, otherwise the best one.
Result<std::unique_ptr<Device>> open_device(const Settings& settings,
                                            std::optional<dev_t> drm_node);

}  // namespace daedalus::va
