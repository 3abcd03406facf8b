// SPDX-License-Identifier: MIT
// Checks a job's guarantees to the GPU (daedalus/av1/job.h).
#pragma once

#include <string>

#include "daedalus/av1/job.h"

namespace daedalus::av1 {

// The first error and its position; empty if there is none.
std::string first_fault(const PictureJob& job);

}  // namespace daedalus::av1
