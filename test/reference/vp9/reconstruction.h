// SPDX-License-Identifier: MIT
// Turns a job into a picture as VP9 8.5 to 8.8 and libvpx, which defines the format, describe it,
// regardless of speed. Tests compare the GPU's output with this.
#pragma once

#include <span>

#include "daedalus/vp9/job.h"
#include "reference/vp9/picture_view.h"

namespace daedalus::vp9::scalar {

// `target` must have room for the aligned size, references for the size that the job states; all
// must have the job's bit depth. References that no block refers to may have null samples.
using References = std::span<const PictureView, reference_count>;

// Prediction and residual: the picture before the loop filter.
void reconstruct_without_filter(const PictureJob& job, const PictureView& target,
                                References references);

// Its steps: adding inter blocks' residuals, after all inter blocks are predicted, and then
// reconstructing intra blocks with their residuals.
void add_inter_residuals(const PictureJob& job, const PictureView& target);
void reconstruct_intra(const PictureJob& job, const PictureView& target);

void reconstruct(const PictureJob& job, const PictureView& target, References references);

}  // namespace daedalus::vp9::scalar
