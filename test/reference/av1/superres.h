// SPDX-License-Identifier: MIT
// The upscaling process of AV1 (7.16).
#pragma once

#include "daedalus/av1/job.h"
#include "reference/av1/picture_view.h"

namespace daedalus::av1::scalar {

// Upscales from the padded size's columns to UpscaledWidth, for FrameHeight rows.
void upscale_picture(const PictureJob& job, const PictureView& from, const PictureView& to);

}  // namespace daedalus::av1::scalar
