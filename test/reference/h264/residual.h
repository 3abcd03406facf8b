// SPDX-License-Identifier: MIT
// Scaling and transformation of residual blocks (H.264 8.5).
#pragma once

#include "reference/h264/macroblock.h"
#include "reference/picture_view.h"

namespace daedalus::h264::scalar {

// Each function adds one block's residual to the prediction in `samples`, whose origin is the
// macroblock's first sample of the component.
void add_luma_4x4(const Macroblock& mb, int luma_4x4_blk_idx, Plane samples);
void add_luma_8x8(const Macroblock& mb, int luma_8x8_blk_idx, Plane samples);
void add_luma_16x16(const Macroblock& mb, Plane samples);  // Intra_16x16
void add_chroma(const Macroblock& mb, Component component, Plane samples);

}  // namespace daedalus::h264::scalar
