// SPDX-License-Identifier: MIT
// Intra prediction of VP9 (8.5.1), one transform block at a time.
#pragma once

#include "daedalus/vp9/job.h"
#include "reference/vp9/picture_view.h"

namespace daedalus::vp9::scalar {

// Predicts an intra word's transform block in one component. `width` and `height` are the plane's
// aligned size; nothing beyond it is read or written.
void predict_intra(uint32_t intra, const Plane& plane, int width, int height);

}  // namespace daedalus::vp9::scalar
