// SPDX-License-Identifier: MIT
#pragma once

#include "daedalus/av1/job.h"
#include "profile/job_work.h"

namespace daedalus::null {

// The work of deblocking, CDEF and the later filters of an AV1 picture.
void count_filters(const av1::PictureJob& job, JobWork& work);

}  // namespace daedalus::null
