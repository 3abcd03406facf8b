// SPDX-License-Identifier: MIT
// Whether a job keeps what daedalus/av1/job.h promises to the GPU.
#pragma once

#include <string>

#include "daedalus/av1/job.h"

namespace daedalus::av1 {

// What is wrong first, and where; empty: nothing.
std::string first_fault(const PictureJob& job);

}  // namespace daedalus::av1
