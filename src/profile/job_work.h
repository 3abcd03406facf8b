// SPDX-License-Identifier: MIT
// The work that a job gives the GPU, as input for models of GPUs: columns of the profile that the
// null device fills.
#pragma once

#include <cstdint>

namespace daedalus {

// Whose stages the work is for. The numbers appear in profiles.
enum class WorkCodec : uint64_t { h264 = 0, vp9 = 1, av1 = 2, h264_mbaff = 3 };

// null/job_work.cpp and, for VP9 and AV1, null/vp9_work.cpp, null/av1_work.cpp and
// null/av1_filter_work.cpp define the counts.
struct JobWork {
  uint64_t work_codec = 0;
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

  uint64_t work_vp9_units = 0;
  uint64_t work_vp9_luma_rows = 0;
  uint64_t work_vp9_luma_horizontal_rows = 0;
  uint64_t work_vp9_luma_vertical_rows = 0;
  uint64_t work_vp9_chroma_rows = 0;
  uint64_t work_vp9_chroma_horizontal_rows = 0;
  uint64_t work_vp9_chroma_vertical_rows = 0;
  uint64_t work_vp9_scaled_units = 0;
  uint64_t work_vp9_groups_4x4 = 0;
  uint64_t work_vp9_groups_8x8 = 0;
  uint64_t work_vp9_groups_16x16 = 0;
  uint64_t work_vp9_groups_32x32 = 0;
  uint64_t work_vp9_rounds_32x32 = 0;
  uint64_t work_vp9_rounds = 0;
  uint64_t work_vp9_luma_intra_turns = 0;
  uint64_t work_vp9_chroma_intra_turns = 0;
  uint64_t work_vp9_longer_intra_turns = 0;
  uint64_t work_vp9_longer_intra_levels = 0;
  uint64_t work_vp9_luma_intra_subgroups = 0;
  uint64_t work_vp9_chroma_intra_subgroups = 0;
  uint64_t work_vp9_luma_left_edges = 0;
  uint64_t work_vp9_luma_inner_left_edges = 0;
  uint64_t work_vp9_luma_top_edges = 0;
  uint64_t work_vp9_luma_inner_top_edges = 0;
  uint64_t work_vp9_chroma_left_edges = 0;
  uint64_t work_vp9_chroma_inner_left_edges = 0;
  uint64_t work_vp9_chroma_top_edges = 0;
  uint64_t work_vp9_chroma_inner_top_edges = 0;
  uint64_t work_vp9_strip_dispatches = 0;
  uint64_t work_vp9_strip_turns = 0;
  uint64_t work_vp9_alone_strips = 0;
  uint64_t work_vp9_later_strips = 0;
  uint64_t work_vp9_filtered_units = 0;
  uint64_t work_vp9_strips = 0;
  uint64_t work_vp9_intra_levels = 0;
  uint64_t work_av1_units = 0;
  uint64_t work_av1_block_records = 0;
  uint64_t work_av1_luma_rows = 0;
  uint64_t work_av1_luma_horizontal_rows = 0;
  uint64_t work_av1_luma_vertical_rows = 0;
  uint64_t work_av1_chroma_rows = 0;
  uint64_t work_av1_chroma_horizontal_rows = 0;
  uint64_t work_av1_chroma_vertical_rows = 0;
  uint64_t work_av1_special_rows = 0;
  uint64_t work_av1_special_horizontal_rows = 0;
  uint64_t work_av1_special_vertical_rows = 0;
  uint64_t work_av1_sharp_rows = 0;
  uint64_t work_av1_simple_turns = 0;
  uint64_t work_av1_second_rows = 0;
  uint64_t work_av1_special_turns = 0;
  uint64_t work_av1_overlap_passes = 0;
  uint64_t work_av1_warped_rows = 0;
  uint64_t work_av1_scaled_turns = 0;
  uint64_t work_av1_blended_turns = 0;
  uint64_t work_av1_small_groups = 0;
  uint64_t work_av1_groups_4 = 0;
  uint64_t work_av1_groups_8 = 0;
  uint64_t work_av1_groups_16 = 0;
  uint64_t work_av1_lines_8 = 0;
  uint64_t work_av1_lines_16 = 0;
  uint64_t work_av1_lines_32 = 0;
  uint64_t work_av1_lines_64 = 0;
  uint64_t work_av1_rounds = 0;
  uint64_t work_av1_mixed_groups = 0;
  uint64_t work_av1_large_groups = 0;
  uint64_t work_av1_large_rounds = 0;
  uint64_t work_av1_large_words = 0;
  uint64_t work_av1_dc_steps = 0;
  uint64_t work_av1_directional_steps = 0;
  uint64_t work_av1_smooth_steps = 0;
  uint64_t work_av1_paeth_steps = 0;
  uint64_t work_av1_cfl_steps = 0;
  uint64_t work_av1_other_steps = 0;
  uint64_t work_av1_intra_turns = 0;
  uint64_t work_av1_intra_records = 0;
  uint64_t work_av1_edge_steps = 0;
  uint64_t work_av1_filter_steps = 0;
  uint64_t work_av1_intra_levels = 0;
  uint64_t work_av1_luma_left_edges = 0;
  uint64_t work_av1_wide_left_edges = 0;
  uint64_t work_av1_luma_top_edges = 0;
  uint64_t work_av1_wide_top_edges = 0;
  uint64_t work_av1_chroma_left_edges = 0;
  uint64_t work_av1_chroma_top_edges = 0;
  uint64_t work_av1_deblocked_units = 0;
  uint64_t work_av1_directions = 0;
  uint64_t work_av1_cdef_units = 0;
  uint64_t work_av1_luma_taps = 0;
  uint64_t work_av1_chroma_taps = 0;
  uint64_t work_av1_restored_units = 0;
  uint64_t work_av1_upscaled_units = 0;
  uint64_t work_av1_guided_units = 0;
  uint64_t work_av1_chroma_wiener = 0;
  uint64_t work_av1_luma_wiener = 0;
  uint64_t work_av1_chroma_guided = 0;
  uint64_t work_av1_luma_guided = 0;
  uint64_t work_av1_superres_units = 0;
  uint64_t work_av1_grain_units = 0;
};

}  // namespace daedalus
