// SPDX-License-Identifier: MIT
// Inter prediction (H.264 8.4.2).
#pragma once

#include <span>

#include "reference/h264/macroblock.h"
#include "reference/picture_view.h"

namespace daedalus::h264::scalar {

// Writes a macroblock's prediction for all components to `target`.
void predict_inter(const Macroblock& mb, const PictureView& target,
                   std::span<const PictureView, max_reference_pictures> references);

}  // namespace daedalus::h264::scalar
