// SPDX-License-Identifier: MIT
// Jobs of transforms and intra records that no encoder would make, for comparing the GPU with the
// scalar reference.
#pragma once

#include <cstdint>
#include <vector>

#include "daedalus/av1/job.h"

namespace daedalus::av1 {

struct ReconstructionStyle {
  uint32_t seed = 1;
  uint32_t bit_depth = 8;
  // Other blocks keep what is there, and may have residuals added. With 100 nothing depends on
  // that.
  uint32_t intra_percent = 60;
  uint32_t coded_percent = 40;
  bool extreme_coefficients = false;  // as large as they may be
  bool lossless = false;              // 4x4, and some of WHT
  uint32_t split_percent = 60;        // squares that are divided
  int only_size = -1;                 // TxSize that blocks have where there is room
  int only_mode = -1;                 // IntraMode that records have where it may be
  uint32_t unavailable_percent = 10;  // of sides that could be read
  bool edge_filter = true;
};

// Fills the job, which has the largest room.
void fill_random(PictureJob& job, const ReconstructionStyle& style);

}  // namespace daedalus::av1
