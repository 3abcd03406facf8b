// SPDX-License-Identifier: MIT
// The guarantees of every job, for any bitstream. Shaders rely on them: each index that they take
// from a job is within the job, and each wait for another macroblock ends.
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
  const char* broken;  // the violated condition
  uint32_t address;    // the macroblock's, or the number of macroblocks for the whole job
};

// nullopt if there is no fault. All records must have been unwritten_mb before the picture was
// parsed.
std::optional<JobFault> first_fault(const PictureJob& job, uint32_t width_in_mbs);

// A hash of everything that shaders read from a valid job.
uint64_t hash(const PictureJob& job);

}  // namespace daedalus::h264
