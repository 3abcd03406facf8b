// SPDX-License-Identifier: MIT
// Segments: their features, which pass from frame to frame, and the resulting quantisers and filter
// levels of a frame.
#pragma once

#include <array>
#include <cstdint>

#include "vp9/probabilities.h"
#include "vp9/syntax.h"

namespace daedalus::vp9 {

struct SegmentationFeatures {
  bool abs_or_delta_update = false;
  std::array<uint8_t, max_segments> enabled{};  // bits by SegmentFeature
  Nested<int16_t, max_segments, 4> data{};

  bool active(uint32_t segment, SegmentFeature feature) const {
    return (enabled[segment] >> feature & 1) != 0;
  }
};

struct LoopFilterDeltas {
  std::array<int8_t, 4> ref{1, 0, -1, -1};
  std::array<int8_t, 2> mode{0, 0};
};

struct Quantizer {
  uint8_t base_q_idx = 0;
  int8_t delta_q_y_dc = 0, delta_q_uv_dc = 0, delta_q_uv_ac = 0;

  bool lossless() const {
    return base_q_idx == 0 && delta_q_y_dc == 0 && delta_q_uv_dc == 0 && delta_q_uv_ac == 0;
  }
};

// Factors of the first and of all other coefficients, [luma, chroma][dc, ac].
using Dequantization = Nested<int32_t, 2, 2>;

// 8.6.1. `features` is nullptr if segmentation is off.
Dequantization dequantization(const Quantizer& quantizer, const SegmentationFeatures* features,
                              uint32_t segment, uint32_t bit_depth);

// 8.8.1: loop filter levels of a segment's blocks, [reference][mode is not zero_mv]; intra blocks:
// [0][0].
using FilterLevels = Nested<uint8_t, 4, 2>;
FilterLevels filter_levels(uint32_t loop_filter_level, const LoopFilterDeltas* deltas,
                           const SegmentationFeatures* features, uint32_t segment);

}  // namespace daedalus::vp9
