// SPDX-License-Identifier: MIT
// Counts the work that a job gives the GPU; a model multiplies each count with its cost.
#pragma once

#include <cstdint>

#include "daedalus/av1/job.h"
#include "daedalus/h264/job.h"
#include "daedalus/vp9/job.h"
#include "profile/job_work.h"

namespace daedalus::null {

// These read the whole job, which must be in ordinary memory.
void count_work(const h264::PictureJob& job, uint32_t width_in_mbs, JobWork& work);
void count_work(const vp9::PictureJob& job, JobWork& work);
void count_work(const av1::PictureJob& job, JobWork& work);

}  // namespace daedalus::null
