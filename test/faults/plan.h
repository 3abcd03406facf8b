// The fault that is armed, for those who stand before the real functions.
#pragma once

#include "faults/faults.h"

namespace daedalus::test {

// Counts a call of this kind. Whether it is the one to fail.
bool meets(Fault fault, const char* function);

bool watches_allocations();
int64_t live_allocations();

}  // namespace daedalus::test
