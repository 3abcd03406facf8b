// SPDX-License-Identifier: MIT
// What a job asks of the GPU, for models of GPUs: columns of the profile that the null device
// fills.
#pragma once

#include <cstdint>

namespace daedalus {

// null/job_work.cpp says what each of them counts.
struct JobWork {
  uint64_t work_full = 0;
  uint64_t work_horizontal = 0;
  uint64_t work_vertical = 0;
  uint64_t work_centre = 0;
  uint64_t work_diagonal = 0;
  uint64_t work_weighted_mbs = 0;
  uint64_t work_split_mbs = 0;
  uint64_t work_blocks_mbs = 0;
  uint64_t work_luma_border_rows = 0;
  uint64_t work_luma_column_filters = 0;
  uint64_t work_luma_centres = 0;
  uint64_t work_chroma_rows = 0;
  uint64_t work_inter_4x4_mbs = 0;
  uint64_t work_inter_4x4_blocks = 0;
  uint64_t work_inter_4x4_longest = 0;
  uint64_t work_inter_8x8_mbs = 0;
  uint64_t work_inter_8x8_blocks = 0;
  uint64_t work_inter_8x8_longest = 0;
  uint64_t work_inter_chroma_mbs = 0;
  uint64_t work_inter_chroma_blocks = 0;
  uint64_t work_inter_chroma_longest = 0;
  uint64_t work_intra_4x4_residual_mbs = 0;
  uint64_t work_intra_4x4_blocks = 0;
  uint64_t work_intra_4x4_longest = 0;
  uint64_t work_intra_8x8_residual_mbs = 0;
  uint64_t work_intra_8x8_blocks = 0;
  uint64_t work_intra_8x8_longest = 0;
  uint64_t work_intra_chroma_mbs = 0;
  uint64_t work_intra_chroma_blocks = 0;
  uint64_t work_intra_chroma_longest = 0;
  uint64_t work_strong_edges = 0;
  uint64_t work_vertical_segments = 0;
  uint64_t work_horizontal_segments = 0;
  uint64_t work_filtered_mbs = 0;
  uint64_t work_4x4_levels = 0;
  uint64_t work_8x8_levels = 0;
  uint64_t work_level_turns = 0;
  uint64_t work_intra_4x4_mbs = 0;
  uint64_t work_intra_8x8_mbs = 0;
  uint64_t work_intra_16x16_mbs = 0;
  uint64_t work_pcm_mbs = 0;
};

}  // namespace daedalus
