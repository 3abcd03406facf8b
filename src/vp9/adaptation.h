// SPDX-License-Identifier: MIT
// Backward adaptation (VP9 bitstream specification, 8.4).
#pragma once

#include "vp9/probabilities.h"
#include "vp9/syntax.h"

namespace daedalus::vp9 {

struct AdaptationParameters {
  bool intra;          // FrameIsIntra: only coefficients adapt
  bool after_key;      // the last frame was a key frame: coefficients adapt faster
  bool interp_filter;  // the element is coded block by block
  bool tx_size;        // likewise
  bool allow_high_precision_mv;
};

// `before` is the saved context that the frame began with; `current` has the probabilities after
// the compressed header, and is replaced by those that the frame leaves.
void adapt(const AdaptationParameters& parameters, const Probabilities& before,
           const Counts& counts, Probabilities& current);

}  // namespace daedalus::vp9
