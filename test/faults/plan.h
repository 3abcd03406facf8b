// SPDX-License-Identifier: MIT
// The armed fault, for the functions that replace the real ones.
#pragma once

#include "faults/faults.h"

namespace daedalus::test {

// Counts a call of this kind. Returns whether it is the one to fail.
bool meets(Fault fault, const char* function);

// Whether the driver called the function that returns to this address.
bool is_drivers(void* address);

int64_t live_allocations();

}  // namespace daedalus::test
