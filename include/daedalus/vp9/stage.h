// SPDX-License-Identifier: MIT
// What turns jobs into pictures: the GPU's half of VP9 decoding.
#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include "daedalus/error.h"
#include "daedalus/lent_job.h"
#include "daedalus/picture.h"
#include "daedalus/vp9/job.h"

namespace daedalus::vp9 {

// Enough for the GPU and the CPU to work at the same time.
inline constexpr uint32_t min_jobs = 4;

using JobHandle = LentJob<PictureJob>;

// Turns jobs into pictures, in the order of submit. Pictures may be of any size and of 8 or 10
// bits, one after the other. One caller submits at a time; acquire may run beside it.
class ReconstructionStage {
 public:
  virtual ~ReconstructionStage() = default;

  // How many jobs there may be. While the caller has fewer of them, acquire waits for the GPU
  // alone; it fails and leaves fewer where there is no memory for another one.
  virtual std::size_t jobs() const = 0;

  // A job for a picture of this size, in samples, with room for these lists, at most max_room() of
  // that size. Its memory is not cleared; what is in ordinary memory is as PictureJob's members
  // begin, but for the size. Waits for the oldest job in flight where the ring is full.
  // Error::invalid_parameter, Error::out_of_memory, Error::device_lost.
  virtual Result<JobHandle> acquire(uint32_t width, uint32_t height, const JobRoom& room) = 0;

  // Hands the job, one of this stage's, to the GPU, as one queue submit, and returns. A reference
  // is null where the job's has no size, else its layout has room for that size; target and
  // references are NV12 for 8 bits, P010 for 10. The job is given back, also on error.
  // Error::invalid_parameter where a picture is too small or of another format.
  using References = std::array<std::shared_ptr<Picture>, reference_count>;
  virtual Result<void> submit(JobHandle job, std::shared_ptr<Picture> target,
                              const References& references) = 0;
};

}  // namespace daedalus::vp9
