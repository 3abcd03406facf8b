// SPDX-License-Identifier: MIT
// Jobs of pictures that no encoder would produce, for comparing the GPU with the scalar reference.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "daedalus/picture.h"
#include "daedalus/vp9/job.h"

namespace daedalus::vp9 {

struct PictureStyle {
  uint32_t seed = 1;
  uint32_t bit_depth = 8;
  bool lossless = false;
  uint32_t sharpness = 0;

  uint32_t intra_percent = 30;
  uint32_t compound_percent = 30;
  uint32_t split_percent = 60;     // of partitions
  uint32_t small_percent = 30;     // of 8x8 blocks
  uint32_t only_tx = 4;            // transform size of all blocks in which it fits; 4: any
  uint32_t coded_percent = 40;     // transform blocks with coefficients
  uint32_t no_inner_percent = 20;  // inter blocks whose inner edges the filter skips
  uint32_t tile_columns = 1;
  int mv_range = 200;              // in eighths of a sample
  uint32_t whole_mv_percent = 30;  // of each component
  uint32_t large_residual = 0;     // 0: small; 1: as large as conforming streams allow
  uint32_t min_level = 0, max_level = 63;
  uint32_t unfiltered_percent = 10;  // blocks with level 0
  bool filters = true;
};

// Fills the job, which must have maximum room. Uses job.references.
void fill_random(PictureJob& job, const PictureStyle& style);

// Samples that are flat in places, so that the loop filter has work, with noise in others.
std::vector<std::byte> random_samples(const PictureLayout& layout, uint32_t seed);

}  // namespace daedalus::vp9
