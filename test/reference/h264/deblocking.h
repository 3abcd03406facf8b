// SPDX-License-Identifier: MIT
// The deblocking filter (H.264 8.7).
#pragma once

#include "reference/h264/macroblock.h"
#include "reference/picture_view.h"

namespace daedalus::h264::scalar {

// Filters a macroblock's edges in place. All macroblocks before it in raster order must be
// filtered, none after it.
void deblock_macroblock(const Macroblock& mb, const PictureView& picture);

}  // namespace daedalus::h264::scalar
