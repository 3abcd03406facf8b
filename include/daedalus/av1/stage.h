// SPDX-License-Identifier: MIT
// What turns jobs into pictures: the GPU's half of AV1 decoding.
#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include "daedalus/av1/job.h"
#include "daedalus/error.h"
#include "daedalus/lent_job.h"
#include "daedalus/picture.h"

namespace daedalus::av1 {

// Enough for the GPU and the CPU to work at the same time.
inline constexpr uint32_t min_jobs = 4;

using JobHandle = LentJob<PictureJob>;

// A picture's size in samples: what is coded, and what superres makes of it.
struct FrameSize {
  uint32_t width, height;
  uint32_t upscaled_width;  // `width` without superres
};

// Turns jobs into pictures, in the order of submit. Pictures may be of any size and of 8 or 10
// bits, one after the other. One caller submits at a time; acquire may run beside it.
class ReconstructionStage {
 public:
  virtual ~ReconstructionStage() = default;

  // How many jobs there may be. While the caller has fewer of them, acquire waits for the GPU
  // alone; it fails and leaves fewer where there is no memory for another one.
  virtual std::size_t jobs() const = 0;

  // A job for a picture of this size with room for these lists, at most max_room() of the coded
  // size. Its memory is not cleared; what is in ordinary memory is as PictureJob's members begin,
  // but for the sizes. Waits for the oldest job in flight where the ring is full.
  // Error::invalid_parameter, Error::out_of_memory, Error::device_lost.
  virtual Result<JobHandle> acquire(const FrameSize& size, const JobRoom& room) = 0;

  // Where a picture goes. Film grain is applied to `display` alone, which is null without it.
  struct Targets {
    std::shared_ptr<Picture> frame;
    std::shared_ptr<Picture> display;
  };
  using References = std::array<std::shared_ptr<Picture>, reference_count>;

  // Hands the job, one of this stage's, to the GPU, as one queue submit, and returns. A reference
  // is null where the job's has no size, else its layout has room for that size; all pictures are
  // NV12 for 8 bits, P010 for 10. The job is given back, also on error.
  // Error::invalid_parameter where a picture is too small or of another format.
  virtual Result<void> submit(JobHandle job, const Targets& targets,
                              const References& references) = 0;
};

}  // namespace daedalus::av1
