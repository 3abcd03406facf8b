// SPDX-License-Identifier: MIT
// Checks a job's guarantees to the GPU (daedalus/vp9/job.h).
#pragma once

#include "daedalus/vp9/job.h"

namespace daedalus::vp9 {

// nullptr if there is no fault.
const char* first_fault(const PictureJob& job);

}  // namespace daedalus::vp9
