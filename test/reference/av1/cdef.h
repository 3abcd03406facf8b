// SPDX-License-Identifier: MIT
// The constrained directional enhancement filter of AV1 (7.15).
#pragma once

#include "daedalus/av1/job.h"
#include "reference/av1/picture_view.h"

namespace daedalus::av1::scalar {

struct CdefDirection {
  int direction;  // yDir
  int variance;   // var
};
// For the 8x8 samples at (x, y).
CdefDirection cdef_direction(const Plane& luma, int x, int y);

// Filters a deblocked picture up to its padded size. Copies unfiltered blocks.
void cdef_picture(const PictureJob& job, const PictureView& recon, const PictureView& filtered);

}  // namespace daedalus::av1::scalar
