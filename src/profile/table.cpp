// SPDX-License-Identifier: MIT
#include "profile/table.h"

#include <charconv>

namespace daedalus {

namespace {

// The only column that is text: a letter.
constexpr auto letter = &PictureProfile::kind;

constexpr ProfileColumn columns[] = {
    {"decoder", &PictureProfile::decoder, nullptr},
    {"picture", &PictureProfile::picture, nullptr},
    {"kind", &PictureProfile::kind, nullptr},
    {"width_in_mbs", &PictureProfile::width_in_mbs, nullptr},
    {"height_in_mbs", &PictureProfile::height_in_mbs, nullptr},
    {"slices", &PictureProfile::slices, nullptr},
    {"nal_bytes", &PictureProfile::nal_bytes, nullptr},
    {"given", &PictureProfile::given, nullptr},
    {"opened", &PictureProfile::opened, nullptr},
    {"parsed", &PictureProfile::parsed, nullptr},
    {"submitted", &PictureProfile::submitted, nullptr},
    {"completed", &PictureProfile::completed, nullptr},
    {"cpu_setup", &PictureProfile::cpu_setup, nullptr},
    {"cpu_sync", &PictureProfile::cpu_sync, nullptr},
    {"cpu_calls", &PictureProfile::cpu_calls, nullptr},
    {"cpu_end", &PictureProfile::cpu_end, nullptr},
    {"cpu_wake", &PictureProfile::cpu_wake, nullptr},
    {"cpu_acquire", &PictureProfile::cpu_acquire, nullptr},
    {"cpu_open", &PictureProfile::cpu_open, nullptr},
    {"cpu_entropy", &PictureProfile::cpu_entropy, nullptr},
    {"cpu_finish", &PictureProfile::cpu_finish, nullptr},
    {"cpu_submit", &PictureProfile::cpu_submit, nullptr},
    {"cpu_profile", &PictureProfile::cpu_profile, nullptr},
    {"gpu_timed", &PictureProfile::gpu_timed, nullptr},
    {"gpu_inter", &PictureProfile::gpu_inter, nullptr},
    {"gpu_residual", &PictureProfile::gpu_residual, nullptr},
    {"gpu_intra", &PictureProfile::gpu_intra, nullptr},
    {"gpu_deblock_strip", &PictureProfile::gpu_deblock_strip, nullptr},
    {"gpu_deblock_vertical", &PictureProfile::gpu_deblock_vertical, nullptr},
    {"gpu_deblock_horizontal", &PictureProfile::gpu_deblock_horizontal, nullptr},
    {"gpu_cdef", &PictureProfile::gpu_cdef, nullptr},
    {"gpu_superres", &PictureProfile::gpu_superres, nullptr},
    {"gpu_restoration", &PictureProfile::gpu_restoration, nullptr},
    {"gpu_film_grain", &PictureProfile::gpu_film_grain, nullptr},
    {"gpu_copy", &PictureProfile::gpu_copy, nullptr},
    {"inter_mbs", &PictureProfile::inter_mbs, nullptr},
    {"intra_mbs", &PictureProfile::intra_mbs, nullptr},
    {"intra_levels", &PictureProfile::intra_levels, nullptr},
    {"entries", &PictureProfile::entries, nullptr},
    {"blocks", &PictureProfile::blocks, nullptr},
    {"coefficients", &PictureProfile::coefficients, nullptr},
    {"job_bytes", &PictureProfile::job_bytes, nullptr},
    {"dispatches", &PictureProfile::dispatches, nullptr},
    {"barriers", &PictureProfile::barriers, nullptr},
    {"work_codec", nullptr, &JobWork::work_codec},
    {"work_full", nullptr, &JobWork::work_full},
    {"work_horizontal", nullptr, &JobWork::work_horizontal},
    {"work_vertical", nullptr, &JobWork::work_vertical},
    {"work_centre", nullptr, &JobWork::work_centre},
    {"work_diagonal", nullptr, &JobWork::work_diagonal},
    {"work_weighted_mbs", nullptr, &JobWork::work_weighted_mbs},
    {"work_split_mbs", nullptr, &JobWork::work_split_mbs},
    {"work_blocks_mbs", nullptr, &JobWork::work_blocks_mbs},
    {"work_luma_border_rows", nullptr, &JobWork::work_luma_border_rows},
    {"work_luma_column_filters", nullptr, &JobWork::work_luma_column_filters},
    {"work_luma_centres", nullptr, &JobWork::work_luma_centres},
    {"work_chroma_rows", nullptr, &JobWork::work_chroma_rows},
    {"work_inter_4x4_mbs", nullptr, &JobWork::work_inter_4x4_mbs},
    {"work_inter_4x4_blocks", nullptr, &JobWork::work_inter_4x4_blocks},
    {"work_inter_4x4_longest", nullptr, &JobWork::work_inter_4x4_longest},
    {"work_inter_8x8_mbs", nullptr, &JobWork::work_inter_8x8_mbs},
    {"work_inter_8x8_blocks", nullptr, &JobWork::work_inter_8x8_blocks},
    {"work_inter_8x8_longest", nullptr, &JobWork::work_inter_8x8_longest},
    {"work_inter_chroma_mbs", nullptr, &JobWork::work_inter_chroma_mbs},
    {"work_inter_chroma_blocks", nullptr, &JobWork::work_inter_chroma_blocks},
    {"work_inter_chroma_longest", nullptr, &JobWork::work_inter_chroma_longest},
    {"work_intra_4x4_residual_mbs", nullptr, &JobWork::work_intra_4x4_residual_mbs},
    {"work_intra_4x4_blocks", nullptr, &JobWork::work_intra_4x4_blocks},
    {"work_intra_4x4_longest", nullptr, &JobWork::work_intra_4x4_longest},
    {"work_intra_8x8_residual_mbs", nullptr, &JobWork::work_intra_8x8_residual_mbs},
    {"work_intra_8x8_blocks", nullptr, &JobWork::work_intra_8x8_blocks},
    {"work_intra_8x8_longest", nullptr, &JobWork::work_intra_8x8_longest},
    {"work_intra_chroma_mbs", nullptr, &JobWork::work_intra_chroma_mbs},
    {"work_intra_chroma_blocks", nullptr, &JobWork::work_intra_chroma_blocks},
    {"work_intra_chroma_longest", nullptr, &JobWork::work_intra_chroma_longest},
    {"work_strong_edges", nullptr, &JobWork::work_strong_edges},
    {"work_vertical_segments", nullptr, &JobWork::work_vertical_segments},
    {"work_horizontal_segments", nullptr, &JobWork::work_horizontal_segments},
    {"work_filtered_mbs", nullptr, &JobWork::work_filtered_mbs},
    {"work_4x4_levels", nullptr, &JobWork::work_4x4_levels},
    {"work_8x8_levels", nullptr, &JobWork::work_8x8_levels},
    {"work_level_turns", nullptr, &JobWork::work_level_turns},
    {"work_intra_4x4_mbs", nullptr, &JobWork::work_intra_4x4_mbs},
    {"work_intra_8x8_mbs", nullptr, &JobWork::work_intra_8x8_mbs},
    {"work_intra_16x16_mbs", nullptr, &JobWork::work_intra_16x16_mbs},
    {"work_pcm_mbs", nullptr, &JobWork::work_pcm_mbs},
    {"work_vp9_units", nullptr, &JobWork::work_vp9_units},
    {"work_vp9_luma_rows", nullptr, &JobWork::work_vp9_luma_rows},
    {"work_vp9_luma_horizontal_rows", nullptr, &JobWork::work_vp9_luma_horizontal_rows},
    {"work_vp9_luma_vertical_rows", nullptr, &JobWork::work_vp9_luma_vertical_rows},
    {"work_vp9_chroma_rows", nullptr, &JobWork::work_vp9_chroma_rows},
    {"work_vp9_chroma_horizontal_rows", nullptr, &JobWork::work_vp9_chroma_horizontal_rows},
    {"work_vp9_chroma_vertical_rows", nullptr, &JobWork::work_vp9_chroma_vertical_rows},
    {"work_vp9_scaled_units", nullptr, &JobWork::work_vp9_scaled_units},
    {"work_vp9_groups_4x4", nullptr, &JobWork::work_vp9_groups_4x4},
    {"work_vp9_groups_8x8", nullptr, &JobWork::work_vp9_groups_8x8},
    {"work_vp9_groups_16x16", nullptr, &JobWork::work_vp9_groups_16x16},
    {"work_vp9_groups_32x32", nullptr, &JobWork::work_vp9_groups_32x32},
    {"work_vp9_rounds_32x32", nullptr, &JobWork::work_vp9_rounds_32x32},
    {"work_vp9_rounds", nullptr, &JobWork::work_vp9_rounds},
    {"work_vp9_luma_intra_turns", nullptr, &JobWork::work_vp9_luma_intra_turns},
    {"work_vp9_chroma_intra_turns", nullptr, &JobWork::work_vp9_chroma_intra_turns},
    {"work_vp9_longer_intra_turns", nullptr, &JobWork::work_vp9_longer_intra_turns},
    {"work_vp9_longer_intra_levels", nullptr, &JobWork::work_vp9_longer_intra_levels},
    {"work_vp9_luma_intra_subgroups", nullptr, &JobWork::work_vp9_luma_intra_subgroups},
    {"work_vp9_chroma_intra_subgroups", nullptr, &JobWork::work_vp9_chroma_intra_subgroups},
    {"work_vp9_luma_left_edges", nullptr, &JobWork::work_vp9_luma_left_edges},
    {"work_vp9_luma_inner_left_edges", nullptr, &JobWork::work_vp9_luma_inner_left_edges},
    {"work_vp9_luma_top_edges", nullptr, &JobWork::work_vp9_luma_top_edges},
    {"work_vp9_luma_inner_top_edges", nullptr, &JobWork::work_vp9_luma_inner_top_edges},
    {"work_vp9_chroma_left_edges", nullptr, &JobWork::work_vp9_chroma_left_edges},
    {"work_vp9_chroma_inner_left_edges", nullptr, &JobWork::work_vp9_chroma_inner_left_edges},
    {"work_vp9_chroma_top_edges", nullptr, &JobWork::work_vp9_chroma_top_edges},
    {"work_vp9_chroma_inner_top_edges", nullptr, &JobWork::work_vp9_chroma_inner_top_edges},
    {"work_vp9_strip_dispatches", nullptr, &JobWork::work_vp9_strip_dispatches},
    {"work_vp9_strip_turns", nullptr, &JobWork::work_vp9_strip_turns},
    {"work_vp9_alone_strips", nullptr, &JobWork::work_vp9_alone_strips},
    {"work_vp9_later_strips", nullptr, &JobWork::work_vp9_later_strips},
    {"work_vp9_filtered_units", nullptr, &JobWork::work_vp9_filtered_units},
    {"work_vp9_strips", nullptr, &JobWork::work_vp9_strips},
    {"work_vp9_intra_levels", nullptr, &JobWork::work_vp9_intra_levels},
    {"work_av1_units", nullptr, &JobWork::work_av1_units},
    {"work_av1_block_records", nullptr, &JobWork::work_av1_block_records},
    {"work_av1_luma_rows", nullptr, &JobWork::work_av1_luma_rows},
    {"work_av1_luma_horizontal_rows", nullptr, &JobWork::work_av1_luma_horizontal_rows},
    {"work_av1_luma_vertical_rows", nullptr, &JobWork::work_av1_luma_vertical_rows},
    {"work_av1_chroma_rows", nullptr, &JobWork::work_av1_chroma_rows},
    {"work_av1_chroma_horizontal_rows", nullptr, &JobWork::work_av1_chroma_horizontal_rows},
    {"work_av1_chroma_vertical_rows", nullptr, &JobWork::work_av1_chroma_vertical_rows},
    {"work_av1_special_rows", nullptr, &JobWork::work_av1_special_rows},
    {"work_av1_special_horizontal_rows", nullptr, &JobWork::work_av1_special_horizontal_rows},
    {"work_av1_special_vertical_rows", nullptr, &JobWork::work_av1_special_vertical_rows},
    {"work_av1_sharp_rows", nullptr, &JobWork::work_av1_sharp_rows},
    {"work_av1_simple_turns", nullptr, &JobWork::work_av1_simple_turns},
    {"work_av1_second_rows", nullptr, &JobWork::work_av1_second_rows},
    {"work_av1_special_turns", nullptr, &JobWork::work_av1_special_turns},
    {"work_av1_overlap_passes", nullptr, &JobWork::work_av1_overlap_passes},
    {"work_av1_warped_rows", nullptr, &JobWork::work_av1_warped_rows},
    {"work_av1_scaled_turns", nullptr, &JobWork::work_av1_scaled_turns},
    {"work_av1_blended_turns", nullptr, &JobWork::work_av1_blended_turns},
    {"work_av1_small_groups", nullptr, &JobWork::work_av1_small_groups},
    {"work_av1_groups_4", nullptr, &JobWork::work_av1_groups_4},
    {"work_av1_groups_8", nullptr, &JobWork::work_av1_groups_8},
    {"work_av1_groups_16", nullptr, &JobWork::work_av1_groups_16},
    {"work_av1_lines_8", nullptr, &JobWork::work_av1_lines_8},
    {"work_av1_lines_16", nullptr, &JobWork::work_av1_lines_16},
    {"work_av1_lines_32", nullptr, &JobWork::work_av1_lines_32},
    {"work_av1_lines_64", nullptr, &JobWork::work_av1_lines_64},
    {"work_av1_rounds", nullptr, &JobWork::work_av1_rounds},
    {"work_av1_mixed_groups", nullptr, &JobWork::work_av1_mixed_groups},
    {"work_av1_large_groups", nullptr, &JobWork::work_av1_large_groups},
    {"work_av1_large_rounds", nullptr, &JobWork::work_av1_large_rounds},
    {"work_av1_large_words", nullptr, &JobWork::work_av1_large_words},
    {"work_av1_dc_steps", nullptr, &JobWork::work_av1_dc_steps},
    {"work_av1_directional_steps", nullptr, &JobWork::work_av1_directional_steps},
    {"work_av1_smooth_steps", nullptr, &JobWork::work_av1_smooth_steps},
    {"work_av1_paeth_steps", nullptr, &JobWork::work_av1_paeth_steps},
    {"work_av1_cfl_steps", nullptr, &JobWork::work_av1_cfl_steps},
    {"work_av1_other_steps", nullptr, &JobWork::work_av1_other_steps},
    {"work_av1_intra_turns", nullptr, &JobWork::work_av1_intra_turns},
    {"work_av1_intra_records", nullptr, &JobWork::work_av1_intra_records},
    {"work_av1_edge_steps", nullptr, &JobWork::work_av1_edge_steps},
    {"work_av1_filter_steps", nullptr, &JobWork::work_av1_filter_steps},
    {"work_av1_intra_levels", nullptr, &JobWork::work_av1_intra_levels},
    {"work_av1_luma_left_edges", nullptr, &JobWork::work_av1_luma_left_edges},
    {"work_av1_wide_left_edges", nullptr, &JobWork::work_av1_wide_left_edges},
    {"work_av1_luma_top_edges", nullptr, &JobWork::work_av1_luma_top_edges},
    {"work_av1_wide_top_edges", nullptr, &JobWork::work_av1_wide_top_edges},
    {"work_av1_chroma_left_edges", nullptr, &JobWork::work_av1_chroma_left_edges},
    {"work_av1_chroma_top_edges", nullptr, &JobWork::work_av1_chroma_top_edges},
    {"work_av1_deblocked_units", nullptr, &JobWork::work_av1_deblocked_units},
    {"work_av1_directions", nullptr, &JobWork::work_av1_directions},
    {"work_av1_cdef_units", nullptr, &JobWork::work_av1_cdef_units},
    {"work_av1_luma_taps", nullptr, &JobWork::work_av1_luma_taps},
    {"work_av1_chroma_taps", nullptr, &JobWork::work_av1_chroma_taps},
    {"work_av1_restored_units", nullptr, &JobWork::work_av1_restored_units},
    {"work_av1_upscaled_units", nullptr, &JobWork::work_av1_upscaled_units},
    {"work_av1_guided_units", nullptr, &JobWork::work_av1_guided_units},
    {"work_av1_chroma_wiener", nullptr, &JobWork::work_av1_chroma_wiener},
    {"work_av1_luma_wiener", nullptr, &JobWork::work_av1_luma_wiener},
    {"work_av1_chroma_guided", nullptr, &JobWork::work_av1_chroma_guided},
    {"work_av1_luma_guided", nullptr, &JobWork::work_av1_luma_guided},
    {"work_av1_superres_units", nullptr, &JobWork::work_av1_superres_units},
    {"work_av1_grain_units", nullptr, &JobWork::work_av1_grain_units},
};

}  // namespace

uint64_t ProfileColumn::of(const PictureProfile& picture) const {
  if (!work) return picture.*value;
  return picture.work ? (*picture.work).*work : 0;
}

std::span<const ProfileColumn> profile_columns() {
  return columns;
}

std::string profile_head() {
  std::string line;
  for (const auto& column : columns) {
    if (!line.empty()) line += '\t';
    line += column.name;
  }
  return line += '\n';
}

std::string profile_line(const PictureProfile& picture) {
  std::string line;
  for (const auto& column : columns) {
    if (!line.empty()) line += '\t';
    if (column.value == letter)
      line += static_cast<char>(picture.kind);
    else
      line += std::to_string(column.of(picture));
  }
  return line += '\n';
}

namespace {

std::optional<PictureProfile> read_line(std::string_view line) {
  PictureProfile picture;
  const auto work = std::make_shared<JobWork>();
  picture.work = work;
  for (const auto& column : columns) {
    if (line.empty()) return {};
    if (column.value == letter) {
      picture.kind = static_cast<uint8_t>(line.front());
      line.remove_prefix(1);
    } else {
      uint64_t& value = column.work ? (*work).*column.work : picture.*column.value;
      const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
      if (error != std::errc{}) return {};
      line.remove_prefix(static_cast<std::size_t>(end - line.data()));
    }
    if (!line.empty() && line.front() != '\t') return {};
    if (!line.empty()) line.remove_prefix(1);
  }
  if (!line.empty()) return {};
  return picture;
}

}  // namespace

std::optional<std::vector<PictureProfile>> read_profile(std::string_view text) {
  const std::string head = profile_head();
  if (!text.starts_with(head)) return {};
  text.remove_prefix(head.size());
  std::vector<PictureProfile> pictures;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == text.npos) return {};
    const auto picture = read_line(text.substr(0, end));
    if (!picture) return {};
    pictures.push_back(*picture);
    text.remove_prefix(end + 1);
  }
  return pictures;
}

}  // namespace daedalus
