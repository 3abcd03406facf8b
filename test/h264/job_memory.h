// SPDX-License-Identifier: MIT
// A job in ordinary memory.
#pragma once

#include <memory>
#include <vector>

#include "daedalus/h264/job.h"
#include "h264/job_check.h"

namespace daedalus::h264 {

struct JobMemory {
  JobMemory(uint32_t width_in_mbs, uint32_t height_in_mbs, std::size_t coefficient_words);

  uint32_t mb_count() const { return static_cast<uint32_t>(mbs.size()); }
  const MotionEntry& motion(uint32_t address, uint32_t entry = 0) const {
    return entries[mbs[address].first_entry + entry].motion;
  }

  PictureTables tables{};
  std::vector<MbRecord> mbs;
  std::vector<Entry> entries;
  std::vector<ExplicitWeight> weights;
  std::vector<uint32_t> blocks, coefficients, intra_mbs;
  PictureJob job;
};

}  // namespace daedalus::h264
