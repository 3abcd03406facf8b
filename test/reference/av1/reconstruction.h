// SPDX-License-Identifier: MIT
// Turns a job into a picture as the AV1 specification describes it, regardless of speed. Tests
// compare the GPU's output with this.
#pragma once

#include <span>

#include "daedalus/av1/job.h"
#include "reference/av1/picture_view.h"

namespace daedalus::av1::scalar {

// `target` must have room for whole 64x64 squares: samples beyond the padded size predict chroma
// from luma.

// Adds inter blocks' residuals, after all inter blocks are predicted.
void add_inter_residuals(const PictureJob& job, const PictureView& target);
// Reconstructs intra records including residuals, level by level.
void reconstruct_intra(const PictureJob& job, const PictureView& target);

}  // namespace daedalus::av1::scalar
