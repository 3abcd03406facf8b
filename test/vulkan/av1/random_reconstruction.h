// SPDX-License-Identifier: MIT
// Jobs of transforms and intra records that no encoder would produce, for comparing the GPU with
// the scalar reference.
#pragma once

#include <cstdint>
#include <vector>

#include "daedalus/av1/job.h"

namespace daedalus::av1 {

struct ReconstructionStyle {
  uint32_t seed = 1;
  uint32_t bit_depth = 8;
  // Other blocks keep the existing samples, and may have residuals added. With 100 nothing depends
  // on existing samples.
  uint32_t intra_percent = 60;
  uint32_t coded_percent = 40;
  bool extreme_coefficients = false;  // as large as possible
  bool lossless = false;              // 4x4 transforms, some of them WHT
  uint32_t split_percent = 60;        // of squares
  int only_size = -1;                 // TxSize of blocks, if it fits
  int only_mode = -1;                 // IntraMode of records, if it is allowed
  uint32_t unavailable_percent = 10;  // of available sides
  bool edge_filter = true;
};

// Fills the job, which must have maximum room.
void fill_random(PictureJob& job, const ReconstructionStyle& style);

}  // namespace daedalus::av1
