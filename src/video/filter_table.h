// SPDX-License-Identifier: MIT
// How one axis of a picture is scaled: for each sample of the target, the samples of the source
// that it is made of, and their weights.
#pragma once

#include <cstdint>
#include <vector>

#include "daedalus/video_process.h"

namespace daedalus::video {

inline constexpr int weight_bits = 14;  // weights of a sample add up to 1 << weight_bits
// Filters are widened where they make pictures smaller, but no further than this: it bounds the
// time that a sample takes. Smaller pictures than 1/16 may alias.
inline constexpr uint32_t max_widening = 16;
inline constexpr uint32_t max_taps = 4 * max_widening;

// A region along one axis, in luma samples, and where chroma lies along it.
struct Side {
  uint32_t begin, length;
  Siting siting;
};

struct Axis {
  Side source, target;
  bool reversed = false;      // the source's last sample comes first
  bool source_halved = true;  // the source has one sample of chroma to two of luma, or to each
  // Only every second sample of the source's planes is read: those of one field.
  bool one_field = false;
  bool bottom_field = false;
};

struct FilterTable {
  uint32_t taps = 0;
  // Of each target sample: the first source sample, counted from the beginning of its plane, and
  // the weights of `taps` samples from there (of one field: every second one), two to a word, the
  // first in the low half, signed.
  // All of them are inside of the region: the weights of those beyond its border are the border
  // sample's.
  std::vector<uint32_t> words;

  uint32_t stride() const { return 1 + (taps + 1) / 2; }
  // How many source samples next to each other make 4 target samples next to each other, at most.
  uint32_t samples_of_four() const;
};

enum class Plane {
  luma,            // luma for luma samples, or samples of RGB
  chroma_at_luma,  // chroma for the same
  chroma,          // chroma for chroma samples: those whose luma sample is in the target's region
};

FilterTable make_filter_table(const Axis& axis, Plane plane, Scaling scaling);

}  // namespace daedalus::video
