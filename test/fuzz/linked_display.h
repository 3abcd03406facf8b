// A VADisplay with the driver that is linked into this program, on a checked device.
#pragma once

#include <va/va.h>

namespace daedalus::fuzz {

// vaTerminate ends it. The device is the null device where DAEDALUS_DEVICE names no other. Null
// where there is no such device.
VADisplay open_linked_display();

}  // namespace daedalus::fuzz
