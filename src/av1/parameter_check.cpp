// SPDX-License-Identifier: MIT
// PictureParser::check(): ranges of the AV1 specification's semantics (6.8).
#include <algorithm>

#include "av1/picture_parser.h"
#include "av1/syntax.h"

namespace daedalus::av1 {

namespace {

template <typename T, typename Low, typename High>
bool within(T value, Low low, High high) {
  return static_cast<int32_t>(value) >= static_cast<int32_t>(low) &&
         static_cast<int32_t>(value) <= static_cast<int32_t>(high);
}

bool sequence_is_valid(const PictureParameters& p) {
  return (p.bit_depth == 8 || p.bit_depth == 10) && p.order_hint_bits <= 8 &&
         p.enable_order_hint == (p.order_hint_bits != 0);
}

bool frame_is_valid(const PictureParameters& p) {
  const bool intra = p.intra();
  if (intra && (p.primary_ref_frame != primary_ref_none || p.use_ref_frame_mvs ||
                p.skip_mode_present || p.reference_select))
    return false;
  if (p.allow_intrabc && (!intra || !p.allow_screen_content_tools || p.superres_denominator != 8))
    return false;
  return p.frame_type <= FrameType::switch_frame && within(p.superres_denominator, 8, 16) &&
         p.order_hint >> p.order_hint_bits == 0 && p.primary_ref_frame <= primary_ref_none &&
         p.interpolation_filter <= switchable && p.tx_mode <= tx_mode_select &&
         (!p.skip_mode_present || p.reference_select) &&
         (!p.use_ref_frame_mvs || p.enable_order_hint);
}

bool quantizer_is_valid(const PictureParameters& p) {
  return std::ranges::all_of(std::array{p.delta_q_y_dc, p.delta_q_u_dc, p.delta_q_u_ac,
                                        p.delta_q_v_dc, p.delta_q_v_ac},
                             [](int8_t delta) { return within(delta, -64, 63); }) &&
         p.qm_y <= 15 && p.qm_u <= 15 && p.qm_v <= 15 && p.delta_q_res <= 3 &&
         p.delta_lf_res <= 3 && (p.delta_q_present || !p.delta_lf_present);
}

bool segmentation_is_valid(const Segmentation& segmentation) {
  // Segmentation_Feature_Max
  constexpr std::array<int16_t, 8> maximum = {255, 63, 63, 63, 63, 7, 0, 0};
  constexpr uint32_t first_unsigned = seg_lvl_ref_frame;
  for (uint32_t segment = 0; segment < max_segments; ++segment)
    for (uint32_t feature = 0; feature < maximum.size(); ++feature) {
      const int16_t data = segmentation.feature_data[segment][feature];
      const int32_t low = feature < first_unsigned ? -maximum[feature] : 0;
      const bool enabled = (segmentation.feature_mask[segment] >> feature & 1) != 0;
      if (enabled && !within(data, low, maximum[feature])) return false;
    }
  return true;
}

bool filters_are_valid(const PictureParameters& p) {
  for (const uint8_t level : p.loop_filter_level)
    if (level > 63) return false;
  for (const int8_t delta : p.loop_filter_ref_deltas)
    if (!within(delta, -64, 63)) return false;
  for (const int8_t delta : p.loop_filter_mode_deltas)
    if (!within(delta, -64, 63)) return false;
  for (const CdefStrength& s : p.cdef_strengths)
    if (s.y_primary > 15 || s.uv_primary > 15 || s.y_secondary > 4 || s.y_secondary == 3 ||
        s.uv_secondary > 4 || s.uv_secondary == 3)
      return false;
  for (uint32_t plane = 0; plane < 3; ++plane) {
    const uint8_t size = p.restoration_size_log2[plane];
    if (p.restoration[plane] > Restoration::switchable || !within(size, plane == 0 ? 6 : 5, 8))
      return false;
  }
  return p.loop_filter_sharpness <= 7 && within(p.cdef_damping, 3, 6) && p.cdef_bits <= 3;
}

// Tile starts in one direction.
template <std::size_t size>
bool starts_are_valid(const std::array<uint16_t, size>& starts, uint32_t tiles,
                      uint32_t superblocks) {
  if (tiles == 0 || tiles >= size || starts[0] != 0 || starts[tiles] != superblocks) return false;
  for (uint32_t i = 0; i < tiles; ++i)
    if (starts[i] >= starts[i + 1]) return false;
  return true;
}

bool tiles_are_valid(const PictureParameters& p) {
  const uint32_t log2 = p.superblock_log2();
  const auto superblocks = [&](uint32_t samples) {
    return (4 * in_units(samples) + (1u << log2) - 1) >> log2;
  };
  return starts_are_valid(p.tile_column_starts, p.tile_columns, superblocks(p.width())) &&
         starts_are_valid(p.tile_row_starts, p.tile_rows, superblocks(p.height)) &&
         p.context_update_tile_id < p.tile_columns * p.tile_rows;
}

bool grain_is_valid(const FilmGrainParameters& grain) {
  return !grain.apply_grain ||
         (grain.num_y_points <= 14 && grain.num_cb_points <= 10 && grain.num_cr_points <= 10 &&
          grain.grain_scaling_minus_8 <= 3 && grain.ar_coeff_lag <= 3 &&
          grain.ar_coeff_shift_minus_6 <= 3 && grain.grain_scale_shift <= 3);
}

}  // namespace

Result<void> PictureParser::check(const PictureParameters& p) {
  if (p.upscaled_width > max_width || p.height > max_height)
    return tl::unexpected(Error::unsupported);
  const bool valid =
      p.upscaled_width != 0 && p.height != 0 && sequence_is_valid(p) && frame_is_valid(p) &&
      quantizer_is_valid(p) && segmentation_is_valid(p.segmentation) && filters_are_valid(p) &&
      tiles_are_valid(p) && grain_is_valid(p.film_grain) &&
      std::ranges::all_of(p.global_motion, [](const GlobalMotion& gm) { return gm.type <= 3; });
  if (!valid) return tl::unexpected(Error::invalid_parameter);
  return {};
}

}  // namespace daedalus::av1
