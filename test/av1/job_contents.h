// SPDX-License-Identifier: MIT
// Everything in a finished job, for comparisons.
#pragma once

#include <cstdint>

#include "daedalus/av1/job.h"

namespace daedalus::av1::test {

// A hash of it, including coefficients and palettes.
uint64_t hash(const PictureJob& job);

}  // namespace daedalus::av1::test
