// SPDX-License-Identifier: MIT
#pragma once

#include "daedalus/av1/job.h"
#include "profile/job_work.h"

namespace daedalus::null {

// The part of an AV1 picture's work that deblocking, CDEF and what follows them have.
void count_filters(const av1::PictureJob& job, JobWork& work);

}  // namespace daedalus::null
