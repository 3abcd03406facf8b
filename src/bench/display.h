// SPDX-License-Identifier: MIT
// A VADisplay that needs neither an X server nor a DRM node.
#pragma once

#include <va/va.h>

namespace daedalus::bench {

// Ready for vaInitialize, which loads the driver that LIBVA_DRIVER_NAME and LIBVA_DRIVERS_PATH
// name. vaTerminate frees it. Null if out of memory.
VADisplay open_display();

}  // namespace daedalus::bench
