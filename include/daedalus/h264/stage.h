// SPDX-License-Identifier: MIT
// What turns jobs into pictures: the GPU's half of H.264 decoding.
#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include "daedalus/error.h"
#include "daedalus/h264/job.h"
#include "daedalus/lent_job.h"
#include "daedalus/picture.h"

namespace daedalus::h264 {

// Enough for the GPU and the CPU to work at the same time.
inline constexpr uint32_t min_jobs = 4;

using JobHandle = LentJob<PictureJob>;

// Turns jobs into pictures, in the order of submit. Pictures may be of any size, one after the
// other. One caller submits at a time; acquire may run beside it.
class ReconstructionStage {
 public:
  virtual ~ReconstructionStage() = default;

  // How many jobs there may be. While the caller has fewer of them, acquire waits for the GPU
  // alone; it fails and leaves fewer where there is no memory for another one.
  virtual std::size_t jobs() const = 0;

  // A job for a picture of this size, with room for `coefficient_words` levels, at most
  // max_coefficients_per_mb for each macroblock. Waits for the oldest job in flight where the ring
  // is full. Error::invalid_parameter, Error::out_of_memory, Error::device_lost.
  virtual Result<JobHandle> acquire(uint32_t width_in_mbs, uint32_t height_in_mbs,
                                    std::size_t coefficient_words) = 0;

  // Hands the job, one of this stage's, to the GPU, as one queue submit, and returns. All
  // max_reference_pictures references are non-null and at least as large as the picture, as the
  // target is. The job is given back, also on error.
  using References = std::array<std::shared_ptr<Picture>, max_reference_pictures>;
  virtual Result<void> submit(JobHandle job, std::shared_ptr<Picture> target,
                              const References& references) = 0;
};

}  // namespace daedalus::h264
