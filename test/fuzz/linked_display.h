// SPDX-License-Identifier: MIT
// A VADisplay of the driver that is linked into this program, on a checked device.
#pragma once

#include <va/va.h>

namespace daedalus::fuzz {

// vaTerminate frees it. The device is the null device unless DAEDALUS_DEVICE names another. Null if
// that device does not exist.
VADisplay open_linked_display();

}  // namespace daedalus::fuzz
