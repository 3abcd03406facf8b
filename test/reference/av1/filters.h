// SPDX-License-Identifier: MIT
// All filters after reconstruction (7.14 to 7.17), in order.
#pragma once

#include "daedalus/av1/job.h"
#include "daedalus/picture.h"
#include "reference/av1/picture_view.h"

namespace daedalus::av1::scalar {

// `recon` has the padded size and is deblocked in place. `target` gets the upscaled size.
void filter_picture(const PictureJob& job, const PictureView& recon, const PictureView& target);

}  // namespace daedalus::av1::scalar
