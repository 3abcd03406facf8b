// SPDX-License-Identifier: MIT
// Turns a job into a picture, one macroblock after another in raster order, as H.264 8.3 to 8.7
// describe it, regardless of speed. Tests compare the GPU's output with this.
#pragma once

#include <span>

#include "daedalus/h264/job.h"
#include "reference/h264/macroblock.h"
#include "reference/picture_view.h"

namespace daedalus::h264::scalar {

using References = std::span<const PictureView, max_reference_pictures>;

// The rest of a macroblock's reconstruction after predict_inter(): the residual of an inter
// macroblock, everything for an intra macroblock.
void reconstruct_after_inter_prediction(const Macroblock& mb, const PictureView& target);

// Prediction and residual: the picture before deblocking.
void reconstruct_without_deblocking(const PictureJob& job, const PictureView& target,
                                    References references);

// Deblocks the result in place.
void deblock(const PictureJob& job, const PictureView& target);

// Does both.
void reconstruct(const PictureJob& job, const PictureView& target, References references);

}  // namespace daedalus::h264::scalar
