// SPDX-License-Identifier: MIT
// Pictures as a VA client submits them, and their encoding as bytes for fuzzers.
#pragma once

#include <va/va.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace daedalus::fuzz {

struct RecordedSlice {
  VASliceParameterBufferH264 parameters{};
  std::vector<uint8_t> data;
};

// Surfaces are numbered instead of having ids; VA_INVALID_SURFACE means none.
struct RecordedPicture {
  VAPictureParameterBufferH264 parameters{};
  std::optional<VAIQMatrixBufferH264> matrices;
  std::vector<RecordedSlice> slices;

  uint32_t mb_count() const {
    return (parameters.picture_width_in_mbs_minus1 + 1u) *
           (parameters.picture_height_in_mbs_minus1 + 1u);
  }
};

// Any bytes decode to a list of pictures; missing bytes at the end count as zeros.
std::vector<RecordedPicture> read_pictures(std::span<const uint8_t> bytes);
std::vector<uint8_t> write_pictures(std::span<const RecordedPicture> pictures);

}  // namespace daedalus::fuzz
