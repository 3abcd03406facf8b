// SPDX-License-Identifier: MIT
// Blending masks of AV1, computed as in the specification: weights of 0 to 64.
#pragma once

#include <cstdint>

#include "daedalus/av1/job.h"

namespace daedalus::av1::scalar {

// WedgeMasks[block_size][sign][index][y][x] (7.11.3.11). `block_size` must have wedges
// (Wedge_Bits): 8x8 to 32x32, 8x32 and 32x8.
int wedge_mask(uint32_t block_size, bool sign, uint32_t index, int x, int y);

// Mask[y][x] of 7.11.3.13: the weight of the intra prediction for inter-intra without a wedge.
// `mode` is dc, v, h or smooth; the size is the block's in the plane.
int inter_intra_mask(IntraMode mode, int width, int height, int x, int y);

// The mask for chroma sample (x, y), from luma's: mask(x, y) (7.11.3.14).
template <typename Mask>
int chroma_mask(Mask&& mask, int x, int y) {
  return (mask(2 * x, 2 * y) + mask(2 * x + 1, 2 * y) + mask(2 * x, 2 * y + 1) +
          mask(2 * x + 1, 2 * y + 1) + 2) >>
         2;
}

}  // namespace daedalus::av1::scalar
