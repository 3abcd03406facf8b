// SPDX-License-Identifier: MIT
// Whether a job keeps what daedalus/vp9/job.h promises to the GPU.
#pragma once

#include "daedalus/vp9/job.h"

namespace daedalus::vp9 {

// nullptr where it does.
const char* first_fault(const PictureJob& job);

}  // namespace daedalus::vp9
