// SPDX-License-Identifier: MIT
// The loop filter of VP9 (8.8), superblock after superblock in raster order.
#pragma once

#include "daedalus/vp9/job.h"
#include "reference/vp9/picture_view.h"

namespace daedalus::vp9::scalar {

// Filters one line across an edge in place. (x, y) is the first sample after the edge, `size` the
// filter's length (4, 8 or 16 samples).
void filter_line(const Plane& plane, int x, int y, bool vertical_edge, int size, int level,
                 uint32_t sharpness);

// Filters the picture in place, up to its aligned size.
void filter_picture(const PictureJob& job, const PictureView& target);

}  // namespace daedalus::vp9::scalar
