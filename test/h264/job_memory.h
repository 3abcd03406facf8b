// A job in ordinary memory, and what every job must fulfil whatever the bitstream was.
#pragma once

#include <memory>
#include <vector>

#include "daedalus/h264_job.h"
#include "daedalus/h264_picture.h"

namespace daedalus::h264 {

struct JobMemory {
  JobMemory(uint32_t width_in_mbs, uint32_t height_in_mbs, std::size_t coefficient_words);

  uint32_t mb_count() const { return static_cast<uint32_t>(mbs.size()); }
  const MotionEntry& motion(uint32_t address, uint32_t entry = 0) const {
    return entries[mbs[address].first_entry + entry].motion;
  }

  JobHeader header{};
  std::vector<MbRecord> mbs;  // with a kind that is none, until they are written
  std::vector<Entry> entries;
  std::vector<ExplicitWeight> weights;
  std::vector<uint32_t> blocks, coefficients, intra_mbs;
  PictureJob job;
};

inline MbKind kind_of(const MbRecord& mb) {
  return static_cast<MbKind>(mb.head & 7);
}
inline MotionShape shape_of(const MbRecord& mb) {
  return static_cast<MotionShape>(mb.head >> mb_head::motion_shape_shift & 7);
}

// Every index in the job is in its range, and the levels order the intra macroblocks. Reports
// through GoogleTest.
void expect_valid(const JobMemory& memory, uint32_t width_in_mbs);

}  // namespace daedalus::h264
