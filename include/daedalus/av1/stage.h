// SPDX-License-Identifier: MIT
// Turns jobs into pictures: the GPU's part of AV1 decoding.
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

// A picture's size in samples, before and after superres.
struct FrameSize {
  uint32_t width, height;
  uint32_t upscaled_width;  // `width` without superres
};

// Turns jobs into pictures, in the order of submit. Each picture may have another size or bit depth
// (8 or 10). One caller submits at a time; acquire may run concurrently.
class ReconstructionStage {
 public:
  virtual ~ReconstructionStage() = default;

  // How many jobs there may be. While the caller has fewer, acquire waits for nothing but the GPU;
  // if there is no memory for another job, it fails and there remain fewer.
  virtual std::size_t jobs() const = 0;

  // A job for a picture of this size with room for these lists, at most max_room() of the coded
  // size. Its memory is not cleared; members in ordinary memory have their initial values, except
  // for the sizes. Waits for the oldest job in flight if the ring is full.
  // Error::invalid_parameter, Error::out_of_memory, Error::device_lost.
  virtual Result<JobHandle> acquire(const FrameSize& size, const JobRoom& room) = 0;

  // A picture's targets. Film grain is applied to `display` only, which is null without it.
  struct Targets {
    std::shared_ptr<Picture> frame;
    std::shared_ptr<Picture> display;
  };
  using References = std::array<std::shared_ptr<Picture>, reference_count>;

  // Submits the job, which must be this stage's, to the GPU in one queue submit, and returns. A
  // reference is null if the job has no size for it; otherwise its layout has room for that size.
  // All pictures are NV12 for 8 bits, P010 for 10. The job is returned to the stage, on error too.
  // Error::invalid_parameter if a picture is too small or has another format, Error::out_of_memory,
  // Error::device_lost.
  virtual Result<void> submit(JobHandle job, const Targets& targets,
                              const References& references) = 0;
};

}  // namespace daedalus::av1
