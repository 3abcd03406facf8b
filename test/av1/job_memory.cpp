// SPDX-License-Identifier: MIT
#include "av1/job_memory.h"

#include <cstddef>

namespace daedalus::av1 {

JobMemory::JobMemory(const JobRoom& room, uint32_t width, uint32_t height, uint32_t upscaled_width)
    : blocks_(room.blocks),
      tx_splits_(room.tx_splits),
      overlaps_(room.overlaps),
      warps_(room.warps),
      intra_slots_(room.intra[0] + room.intra[1]),
      transforms_(room.transforms),
      palettes_(room.palette_words),
      coefficients_(room.coefficients),
      cdef_indices_(std::size_t{in_64s(width)} * in_64s(height)) {
  job.blocks = blocks_;
  job.tx_splits = tx_splits_;
  job.overlaps = overlaps_;
  job.warps = warps_;
  job.intra_slots = intra_slots_;
  job.transforms = transforms_;
  job.palettes = palettes_;
  job.coefficients = coefficients_;
  job.cdef_indices = cdef_indices_;
  for (std::size_t i = 0; i < 2; ++i) {
    predictions_[i].resize(room.predictions[i]);
    intra_[i].resize(room.intra[i]);
    job.predictions[i] = predictions_[i];
    job.intra[i] = intra_[i];
  }
  // The smallest restoration units: 64x64 in luma, 32x32 in chroma.
  for (std::size_t plane = 0; plane < 3; ++plane) {
    const uint32_t shift = plane == 0 ? 0 : 1;
    restoration_units_[plane].resize(
        std::size_t{restoration_unit_count((upscaled_width + shift) >> shift, 6 - shift)} *
        restoration_unit_count((height + shift) >> shift, 6 - shift));
    job.restoration_units[plane] = restoration_units_[plane];
  }
}

}  // namespace daedalus::av1
