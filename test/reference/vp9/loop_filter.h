// The loop filter of VP9 (8.8), superblock after superblock in raster order.
#pragma once

#include "daedalus/vp9/job.h"
#include "reference/vp9/picture_view.h"

namespace daedalus::vp9::scalar {

// Filters the picture in place, as far as its aligned size.
void filter_picture(const PictureJob& job, const PictureView& target);

}  // namespace daedalus::vp9::scalar
