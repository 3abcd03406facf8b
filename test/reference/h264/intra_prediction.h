// SPDX-License-Identifier: MIT
// Intra prediction (H.264 8.3).
#pragma once

#include "reference/h264/macroblock.h"
#include "reference/picture_view.h"

namespace daedalus::h264::scalar {

// Each function writes a prediction to `samples`, whose origin is the macroblock's first sample of
// the component, and reads the neighbouring samples.
void predict_intra_4x4(const Macroblock& mb, int luma_4x4_blk_idx, Plane samples);
void predict_intra_8x8(const Macroblock& mb, int luma_8x8_blk_idx, Plane samples);
void predict_intra_16x16(const Macroblock& mb, Plane samples);
void predict_intra_chroma(const Macroblock& mb, Plane samples);

}  // namespace daedalus::h264::scalar
