// SPDX-License-Identifier: MIT
// The deblocking filter of AV1 (7.14): all vertical edges, then all horizontal ones.
#pragma once

#include "daedalus/av1/job.h"
#include "reference/av1/picture_view.h"

namespace daedalus::av1::scalar {

// The inputs of 7.14.6 for one line across an edge.
struct EdgeStrength {
  int size;       // filterSize: 4, 8 or 16
  int level;      // lvl, not 0
  int sharpness;  // loop_filter_sharpness
};

// Filters one line across an edge in place. (x, y) is the first sample after the edge.
void deblock_line(const Plane& plane, int x, int y, bool vertical_edge, bool chroma,
                  const EdgeStrength& strength);

// Filters the reconstructed picture in place, up to its padded size.
void deblock_picture(const PictureJob& job, const PictureView& recon);

}  // namespace daedalus::av1::scalar
