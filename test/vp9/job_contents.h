// SPDX-License-Identifier: MIT
// Everything in a finished job, for comparisons.
#pragma once

#include <cstdint>
#include <vector>

#include "daedalus/vp9/job.h"

namespace daedalus::vp9::test {

std::vector<uint32_t> contents(const PictureJob& job);

}  // namespace daedalus::vp9::test
