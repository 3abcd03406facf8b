// SPDX-License-Identifier: MIT
#include "job_memory.h"

namespace daedalus::h264 {

JobMemory::JobMemory(uint32_t width_in_mbs, uint32_t height_in_mbs, std::size_t coefficient_words)
    : mbs(std::size_t{width_in_mbs} * height_in_mbs, unwritten_mb),
      entries(mbs.size() * max_entries_per_mb),
      weights(max_explicit_weights),
      blocks(mbs.size() * max_blocks_per_mb),
      coefficients(coefficient_words),
      intra_mbs(mbs.size()) {
  job.width_in_mbs = width_in_mbs;
  job.height_in_mbs = height_in_mbs;
  job.tables = &tables;
  job.mbs = mbs;
  job.entries = entries;
  job.weights = weights;
  job.blocks = blocks;
  job.coefficients = coefficients;
  job.intra_mbs = intra_mbs;
}

}  // namespace daedalus::h264
