// The fault that is armed, for those who stand before the real functions.
#pragma once

#include "faults/faults.h"

namespace daedalus::test {

// Counts a call of this kind. Whether it is the one to fail.
bool meets(Fault fault, const char* function);

// Whether a function that returns to this address was called by the driver.
bool is_drivers(void* address);

int64_t live_allocations();

}  // namespace daedalus::test
