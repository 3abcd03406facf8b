// SPDX-License-Identifier: MIT
// From a job to a picture, as VP9 8.5 to 8.8 and libvpx, which defines the format, say it, and
// without any regard to speed. What the GPU does is compared with this.
#pragma once

#include <span>

#include "daedalus/vp9/job.h"
#include "reference/vp9/picture_view.h"

namespace daedalus::vp9::scalar {

// `target` has room for the aligned size, references for the size that the job says; all have the
// job's bit depth. References that no block refers to may have null samples.
using References = std::span<const PictureView, reference_count>;

// Prediction and residual: the picture before the loop filter.
void reconstruct_without_filter(const PictureJob& job, const PictureView& target,
                                References references);

// Parts of it: what is added to inter blocks after all of them are predicted, and then intra blocks
// with their residual.
void add_inter_residuals(const PictureJob& job, const PictureView& target);
void reconstruct_intra(const PictureJob& job, const PictureView& target);

void reconstruct(const PictureJob& job, const PictureView& target, References references);

}  // namespace daedalus::vp9::scalar
