// SPDX-License-Identifier: MIT
// Loop restoration of AV1 (7.17).
#pragma once

#include "daedalus/av1/job.h"
#include "reference/av1/picture_view.h"

namespace daedalus::av1::scalar {

// Restores from UpscaledCurrFrame and UpscaledCdefFrame to LrFrame, in the upscaled size.
void restore_picture(const PictureJob& job, const PictureView& recon, const PictureView& filtered,
                     const PictureView& restored);

}  // namespace daedalus::av1::scalar
