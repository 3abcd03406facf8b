// The device that a display decodes on.
#pragma once

#include <va/va_backend.h>

#include <memory>

#include "daedalus/device.h"
#include "daedalus/settings.h"

namespace daedalus::va {

Result<std::unique_ptr<Device>> open_device(const Settings& settings,
                                            const VADriverContext& driver);

}  // namespace daedalus::va
