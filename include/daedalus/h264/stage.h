// SPDX-License-Identifier: MIT
// Turns jobs into pictures: the GPU's part of H.264 decoding.
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

// Turns jobs into pictures, in the order of submit. Each picture may have another size. One caller
// submits at a time; acquire may run concurrently.
class ReconstructionStage {
 public:
  virtual ~ReconstructionStage() = default;

  // How many jobs there may be. While the caller has fewer, acquire waits for nothing but the GPU;
  // if there is no memory for another job, it fails and there remain fewer.
  virtual std::size_t jobs() const = 0;

  // A job for a picture of this size, with room for `coefficient_words` levels, at most
  // max_coefficients_per_mb for each macroblock. Waits for the oldest job in flight if the ring is
  // full. Error::invalid_parameter, Error::out_of_memory, Error::device_lost.
  virtual Result<JobHandle> acquire(uint32_t width_in_mbs, uint32_t height_in_mbs,
                                    std::size_t coefficient_words) = 0;

  // Submits the job, which must be this stage's, to the GPU in one queue submit, and returns. All
  // max_reference_pictures references are non-null, and they and the target are at least as large
  // as the picture and NV12. The job is returned to the stage, on error too.
  // Error::invalid_parameter if a picture is missing, too small or has another format,
  // Error::out_of_memory, Error::device_lost.
  using References = std::array<std::shared_ptr<Picture>, max_reference_pictures>;
  virtual Result<void> submit(JobHandle job, std::shared_ptr<Picture> target,
                              const References& references) = 0;
};

}  // namespace daedalus::h264
