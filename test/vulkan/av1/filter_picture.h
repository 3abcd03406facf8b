// SPDX-License-Identifier: MIT
// Jobs whose pictures are copies of a reference, with random parameters for all filters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "daedalus/av1/job.h"
#include "daedalus/picture.h"

namespace daedalus::av1 {

struct FilterStyle {
  uint32_t seed = 1;
  uint32_t bit_depth = 8;
  bool monochrome = false;
  uint32_t superres_denominator = 8;

  bool deblocks = false;
  uint32_t split_percent = 70;  // of blocks that can be split
  uint32_t skip_percent = 30;
  uint32_t zero_level_percent = 10;
  uint32_t only_tx_log2 = 0;  // transform blocks are this size and square if possible; 0: any
  uint32_t least_level = 1, most_level = 63;
  bool filters_cb = true, filters_cr = true;
  uint32_t sharpness = 0;

  bool cdef = false;
  uint32_t no_cdef_percent = 10;
  bool only_primary = false, only_secondary = false;

  bool restores = false;
  bool only_wiener = false, only_self_guided = false;
  bool restores_luma = true, restores_chroma = true;

  bool grain = false;
};

// The coded width for this upscaled width.
uint32_t coded_width(uint32_t upscaled_width, const FilterStyle& style);

// Fills the job, which must have maximum room. Its sizes must be set.
void fill_filter_job(PictureJob& job, const FilterStyle& style);

// Flat in places, with noise of varying strength in others. Includes the largest and smallest
// samples.
std::vector<std::byte> filter_samples(const PictureLayout& layout, uint32_t seed);

}  // namespace daedalus::av1
