// SPDX-License-Identifier: MIT
// Inter prediction of AV1 (7.11.3), sample by sample, without inter-intra, which depends on a
// block's intra prediction.
#pragma once

#include <cstdint>
#include <span>

#include "daedalus/av1/job.h"
#include "reference/av1/picture_view.h"

namespace daedalus::av1::scalar {

// Predicts everything in the job's prediction lists. `target` must have room for the padded size,
// references for the size that the job states. References that no record names may have null
// samples.
void predict_inter(const PictureJob& job, const PictureView& target,
                   std::span<const PictureView, reference_count> references);

// Motion vector scaling (7.11.3.3) of one coordinate: a sample of the plane and a vector's
// component, in 1/16 samples of the plane.
struct ScaledStart {
  int start, step;  // in 1/1024 samples
};
ScaledStart scale_position(int sample, int vector, uint32_t reference_size, uint32_t size);

}  // namespace daedalus::av1::scalar
