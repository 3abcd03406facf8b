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
// Of the 8x8 samples that begin at (x, y).
CdefDirection cdef_direction(const Plane& luma, int x, int y);

// Filters the whole padded size of a deblocked picture; blocks that are not filtered are copied.
void cdef_picture(const PictureJob& job, const PictureView& recon, const PictureView& filtered);

}  // namespace daedalus::av1::scalar
