#include "profile/table.h"

#include <charconv>

namespace daedalus {

namespace {

// The only one that is text: a letter.
constexpr auto letter = &PictureProfile::kind;

constexpr ProfileColumn columns[] = {
    {"decoder", &PictureProfile::decoder},
    {"picture", &PictureProfile::picture},
    {"kind", &PictureProfile::kind},
    {"width_in_mbs", &PictureProfile::width_in_mbs},
    {"height_in_mbs", &PictureProfile::height_in_mbs},
    {"slices", &PictureProfile::slices},
    {"nal_bytes", &PictureProfile::nal_bytes},
    {"given", &PictureProfile::given},
    {"opened", &PictureProfile::opened},
    {"parsed", &PictureProfile::parsed},
    {"submitted", &PictureProfile::submitted},
    {"completed", &PictureProfile::completed},
    {"cpu_setup", &PictureProfile::cpu_setup},
    {"cpu_sync", &PictureProfile::cpu_sync},
    {"cpu_calls", &PictureProfile::cpu_calls},
    {"cpu_end", &PictureProfile::cpu_end},
    {"cpu_wake", &PictureProfile::cpu_wake},
    {"cpu_acquire", &PictureProfile::cpu_acquire},
    {"cpu_open", &PictureProfile::cpu_open},
    {"cpu_entropy", &PictureProfile::cpu_entropy},
    {"cpu_finish", &PictureProfile::cpu_finish},
    {"cpu_submit", &PictureProfile::cpu_submit},
    {"cpu_profile", &PictureProfile::cpu_profile},
    {"gpu_timed", &PictureProfile::gpu_timed},
    {"gpu_inter", &PictureProfile::gpu_inter},
    {"gpu_residual", &PictureProfile::gpu_residual},
    {"gpu_intra", &PictureProfile::gpu_intra},
    {"gpu_deblock_strip", &PictureProfile::gpu_deblock_strip},
    {"gpu_deblock_vertical", &PictureProfile::gpu_deblock_vertical},
    {"gpu_deblock_horizontal", &PictureProfile::gpu_deblock_horizontal},
    {"gpu_copy", &PictureProfile::gpu_copy},
    {"inter_mbs", &PictureProfile::inter_mbs},
    {"intra_mbs", &PictureProfile::intra_mbs},
    {"intra_levels", &PictureProfile::intra_levels},
    {"entries", &PictureProfile::entries},
    {"blocks", &PictureProfile::blocks},
    {"coefficients", &PictureProfile::coefficients},
    {"job_bytes", &PictureProfile::job_bytes},
    {"dispatches", &PictureProfile::dispatches},
    {"barriers", &PictureProfile::barriers},
    {"work_full", &PictureProfile::work_full},
    {"work_horizontal", &PictureProfile::work_horizontal},
    {"work_vertical", &PictureProfile::work_vertical},
    {"work_centre", &PictureProfile::work_centre},
    {"work_diagonal", &PictureProfile::work_diagonal},
    {"work_weighted_mbs", &PictureProfile::work_weighted_mbs},
    {"work_split_mbs", &PictureProfile::work_split_mbs},
    {"work_blocks_mbs", &PictureProfile::work_blocks_mbs},
    {"work_luma_border_rows", &PictureProfile::work_luma_border_rows},
    {"work_luma_column_filters", &PictureProfile::work_luma_column_filters},
    {"work_luma_centres", &PictureProfile::work_luma_centres},
    {"work_chroma_rows", &PictureProfile::work_chroma_rows},
    {"work_inter_4x4_mbs", &PictureProfile::work_inter_4x4_mbs},
    {"work_inter_4x4_blocks", &PictureProfile::work_inter_4x4_blocks},
    {"work_inter_4x4_longest", &PictureProfile::work_inter_4x4_longest},
    {"work_inter_8x8_mbs", &PictureProfile::work_inter_8x8_mbs},
    {"work_inter_8x8_blocks", &PictureProfile::work_inter_8x8_blocks},
    {"work_inter_8x8_longest", &PictureProfile::work_inter_8x8_longest},
    {"work_inter_chroma_mbs", &PictureProfile::work_inter_chroma_mbs},
    {"work_inter_chroma_blocks", &PictureProfile::work_inter_chroma_blocks},
    {"work_inter_chroma_longest", &PictureProfile::work_inter_chroma_longest},
    {"work_intra_4x4_residual_mbs", &PictureProfile::work_intra_4x4_residual_mbs},
    {"work_intra_4x4_blocks", &PictureProfile::work_intra_4x4_blocks},
    {"work_intra_4x4_longest", &PictureProfile::work_intra_4x4_longest},
    {"work_intra_8x8_residual_mbs", &PictureProfile::work_intra_8x8_residual_mbs},
    {"work_intra_8x8_blocks", &PictureProfile::work_intra_8x8_blocks},
    {"work_intra_8x8_longest", &PictureProfile::work_intra_8x8_longest},
    {"work_intra_chroma_mbs", &PictureProfile::work_intra_chroma_mbs},
    {"work_intra_chroma_blocks", &PictureProfile::work_intra_chroma_blocks},
    {"work_intra_chroma_longest", &PictureProfile::work_intra_chroma_longest},
    {"work_strong_edges", &PictureProfile::work_strong_edges},
    {"work_vertical_segments", &PictureProfile::work_vertical_segments},
    {"work_horizontal_segments", &PictureProfile::work_horizontal_segments},
    {"work_filtered_mbs", &PictureProfile::work_filtered_mbs},
    {"work_4x4_levels", &PictureProfile::work_4x4_levels},
    {"work_8x8_levels", &PictureProfile::work_8x8_levels},
    {"work_level_turns", &PictureProfile::work_level_turns},
    {"work_intra_4x4_mbs", &PictureProfile::work_intra_4x4_mbs},
    {"work_intra_8x8_mbs", &PictureProfile::work_intra_8x8_mbs},
    {"work_intra_16x16_mbs", &PictureProfile::work_intra_16x16_mbs},
    {"work_pcm_mbs", &PictureProfile::work_pcm_mbs},
};

}  // namespace

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
      line += std::to_string(picture.*column.value);
  }
  return line += '\n';
}

namespace {

std::optional<PictureProfile> read_line(std::string_view line) {
  PictureProfile picture;
  for (const auto& column : columns) {
    if (line.empty()) return {};
    if (column.value == letter) {
      picture.kind = static_cast<uint8_t>(line.front());
      line.remove_prefix(1);
    } else {
      const auto [end, error] =
          std::from_chars(line.data(), line.data() + line.size(), picture.*column.value);
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
