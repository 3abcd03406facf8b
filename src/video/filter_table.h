// SPDX-License-Identifier: MIT
// How one axis of a picture is scaled: for each target sample, the source samples that contribute
// to it, and their weights.
#pragma once

#include <cstdint>
#include <vector>

#include "daedalus/video_process.h"

namespace daedalus::video {

inline constexpr int weight_bits = 14;  // weights of a sample add up to 1 << weight_bits
// Filters are widened when scaling down, but only to this limit, which bounds the time for a
// sample. Pictures scaled to less than 1/16 may alias.
inline constexpr uint32_t max_widening = 16;
inline constexpr uint32_t max_taps = 4 * max_widening;

// A region along one axis, in luma samples, and the position of chroma along it.
struct Side {
  uint32_t begin, length;
  Siting siting;
};

struct Axis {
  Side source, target;
  bool reversed = false;      // the source's last sample comes first
  bool source_halved = true;  // one source sample of chroma for two of luma, otherwise for each
  // Only every second sample of the source's planes is read: those of one field.
  bool one_field = false;
  bool bottom_field = false;
};

struct FilterTable {
  uint32_t taps = 0;
  // For each target sample: the first source sample, counted from the beginning of
  // its plane, and the weights of `taps` samples from there (of a field: every second
  // one), two to a word, the first in the low half, signed. All samples are inside
  // the region: the weights of samples beyond its border are added to the border
  // sample's.
  std::vector<uint32_t> words;

  uint32_t stride() const { return 1 + (taps + 1) / 2; }
  // The maximum number of adjacent source samples that contribute to 4 adjacent target samples.
  uint32_t samples_of_four() const;
};

enum class Plane {
  luma,            // luma for luma samples, or samples of RGB
  chroma_at_luma,  // chroma for the same
  chroma,          // chroma for chroma samples: those whose luma sample is in the target's region
};

FilterTable make_filter_table(const Axis& axis, Plane plane, Scaling scaling);

}  // namespace daedalus::video
