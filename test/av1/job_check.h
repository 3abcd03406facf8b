// SPDX-License-Identifier: MIT
// Whether a job keeps the promises of daedalus/av1/job.h to the GPU.
#pragma once

#include <string>

#include "daedalus/av1/job.h"

namespace daedalus::av1 {

// The first error, with its place; empty: none.
std::string first_fault(const PictureJob& job);

}  // namespace daedalus::av1
