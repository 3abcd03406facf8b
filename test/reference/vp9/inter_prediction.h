// SPDX-License-Identifier: MIT
// Inter prediction of VP9 (8.5.2), sample by sample.
#pragma once

#include <span>

#include "daedalus/vp9/job.h"
#include "reference/vp9/picture_view.h"

namespace daedalus::vp9::scalar {

// Predicts all inter blocks.
void predict_inter(const PictureJob& job, const PictureView& target,
                   std::span<const PictureView, reference_count> references);

}  // namespace daedalus::vp9::scalar
