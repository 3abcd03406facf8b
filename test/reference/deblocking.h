// The deblocking filter (H.264 8.7).
#pragma once

#include "macroblock.h"
#include "picture_view.h"

namespace daedalus::h264::scalar {

// Filters the edges of one macroblock in place. All macroblocks before it in raster order have been
// filtered, none after it.
void deblock_macroblock(const Macroblock& mb, const PictureView& picture);

}  // namespace daedalus::h264::scalar
