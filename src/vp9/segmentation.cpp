// SPDX-License-Identifier: MIT
#include "vp9/segmentation.h"

#include <algorithm>

#include "vp9/tables.h"

namespace daedalus::vp9 {

Dequantization dequantization(const Quantizer& quantizer, const SegmentationFeatures* features,
                              uint32_t segment, uint32_t bit_depth) {
  int32_t q_idx = quantizer.base_q_idx;
  if (features && features->active(segment, seg_alt_q)) {
    const int32_t data = features->data[segment][seg_alt_q];
    q_idx = std::clamp(features->abs_or_delta_update ? data : q_idx + data, 0, 255);
  }
  const std::size_t depth = bit_depth == 10;
  const auto dc = [&](int32_t delta) {
    return int32_t{dc_qlookup[depth][std::clamp(q_idx + delta, 0, 255)]};
  };
  const auto ac = [&](int32_t delta) {
    return int32_t{ac_qlookup[depth][std::clamp(q_idx + delta, 0, 255)]};
  };
  return {{{dc(quantizer.delta_q_y_dc), ac(0)},
           {dc(quantizer.delta_q_uv_dc), ac(quantizer.delta_q_uv_ac)}}};
}

FilterLevels filter_levels(uint32_t loop_filter_level, const LoopFilterDeltas* deltas,
                           const SegmentationFeatures* features, uint32_t segment) {
  FilterLevels levels{};
  if (loop_filter_level == 0) return levels;
  auto level = static_cast<int32_t>(loop_filter_level);
  if (features && features->active(segment, seg_alt_l)) {
    const int32_t data = features->data[segment][seg_alt_l];
    level = std::clamp(features->abs_or_delta_update ? data : level + data, 0, 63);
  }
  // Uses the frame's level, whatever the segment's is.
  const int32_t scale = 1 << (loop_filter_level >> 5);
  for (std::size_t ref = 0; ref < 4; ++ref)
    for (std::size_t mode = 0; mode < 2; ++mode) {
      int32_t delta = 0;
      if (deltas) delta = deltas->ref[ref] + (ref != intra_frame ? deltas->mode[mode] : 0);
      levels[ref][mode] = static_cast<uint8_t>(std::clamp(level + delta * scale, 0, 63));
    }
  return levels;
}

}  // namespace daedalus::vp9
