// SPDX-License-Identifier: MIT
// All that is in a finished job, to compare with another's.
#pragma once

#include <cstdint>

#include "daedalus/av1/job.h"

namespace daedalus::av1::test {

// A hash of it, coefficients and palettes included.
uint64_t hash(const PictureJob& job);

}  // namespace daedalus::av1::test
