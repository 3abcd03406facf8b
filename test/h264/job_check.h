// SPDX-License-Identifier: MIT
// What every job fulfils whatever the bitstream was. Shaders rely on it: each index that they take
// from a job is inside of the job, and each wait for another macroblock ends.
#pragma once

#include <optional>

#include "daedalus/h264/job.h"

namespace daedalus::h264 {

inline MbKind kind_of(const MbRecord& mb) {
  return static_cast<MbKind>(mb.head & 7);
}
inline MotionShape shape_of(const MbRecord& mb) {
  return static_cast<MotionShape>(mb.head >> mb_head::motion_shape_shift & 7);
}

// The kind of a record that has not been written.
inline constexpr MbRecord unwritten_mb = {7, 0, 0, 0};

struct JobFault {
  const char* broken;  // the condition that does not hold
  uint32_t address;    // the macroblock's, or the number of macroblocks: the job as a whole
};

// Nothing if everything is right. The records must have been unwritten_mb before the picture.
std::optional<JobFault> first_fault(const PictureJob& job, uint32_t width_in_mbs);

// A number for all that shaders read of a job without faults.
uint64_t hash(const PictureJob& job);

}  // namespace daedalus::h264
