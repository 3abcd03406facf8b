// SPDX-License-Identifier: MIT
// Jobs with only inter prediction that no encoder would produce, for comparing the GPU with the
// scalar reference.
#pragma once

#include <cstdint>

#include "daedalus/av1/job.h"

namespace daedalus::av1 {

struct PredictionStyle {
  uint32_t seed = 1;
  uint32_t split_percent = 60;
  uint32_t compound_percent = 40;
  uint32_t masked_percent = 0;   // of compound blocks that can be wedges or differences
  uint32_t warp_percent = 0;     // of the references of blocks that can be warped
  uint32_t overlap_percent = 0;  // of blocks that can have overlaps
  uint32_t only_kernel = kernel_count;
  int mv_range = 200;              // in eighths of a sample
  uint32_t whole_mv_percent = 30;  // of each component
};

// Covers the picture with blocks and writes their records. Uses job.references; at least the first
// one must have a size.
void fill_with_predictions(PictureJob& job, const PredictionStyle& style);

}  // namespace daedalus::av1
