// SPDX-License-Identifier: MIT
// From a job to a picture, as the AV1 specification says it and without any regard to speed. What
// the GPU does is compared with this.
#pragma once

#include <span>

#include "daedalus/av1/job.h"
#include "reference/av1/picture_view.h"

namespace daedalus::av1::scalar {

// `target` has room for whole 64x64 squares: samples beyond the padded size predict chroma from
// luma.

// What is added to inter blocks after all of them are predicted.
void add_inter_residuals(const PictureJob& job, const PictureView& target);
// Intra records with their residuals, level by level.
void reconstruct_intra(const PictureJob& job, const PictureView& target);

}  // namespace daedalus::av1::scalar
