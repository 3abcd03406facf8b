// SPDX-License-Identifier: MIT
// The devices that a display decodes on.
#pragma once

#include <sys/types.h>
#include <va/va_backend.h>

#include <memory>
#include <optional>

#include "daedalus/device.h"
#include "daedalus/settings.h"

namespace daedalus::va {

// The DRM node behind the client's display: X11 and Wayland have one where they share buffers.
std::optional<dev_t> drm_node(const VADriverContext& driver);

// The one that settings name, else the one of this node, else the best there is.
Result<std::unique_ptr<Device>> open_device(const Settings& settings,
                                            std::optional<dev_t> drm_node);

}  // namespace daedalus::va
