// SPDX-License-Identifier: MIT
// What the toy's entropy stage passes to the GPU for a picture, and the stage that takes it. A real
// codec has these in include/daedalus/<codec>.
//
// The toy codes pictures in grey blocks of 16x16: one byte for each block, in raster order,
// multiplied by the picture's step. In a key picture that is the block's value; other pictures add
// it to the reference (modulo 256). The step is 1 in key pictures. Other pictures use the step that
// their reference saved, which is known once its last block is parsed.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "daedalus/device.h"
#include "daedalus/lent_job.h"
#include "daedalus/profile.h"

namespace daedalus::toy {

inline constexpr uint32_t block_size = 16;
inline constexpr uint32_t max_size = 1024;  // of a picture, in samples

struct Job {
  uint32_t width_in_blocks = 0, height_in_blocks = 0;
  uint32_t step = 1;
  std::span<uint32_t> differences;  // one for each block, in memory that the GPU reads
  std::unique_ptr<PictureProfile> profile;
};

using JobHandle = LentJob<Job>;

class Stage {
 public:
  virtual ~Stage() = default;
  virtual std::size_t jobs() const = 0;
  virtual Result<JobHandle> acquire(uint32_t width_in_blocks, uint32_t height_in_blocks) = 0;
  // The reference is null for a key picture.
  virtual Result<void> submit(JobHandle job, std::shared_ptr<Picture> target,
                              std::shared_ptr<Picture> reference) = 0;
};

// For a real codec this is a virtual function of Device, which tells whether a device supports it.
Result<std::unique_ptr<Stage>> create_stage(Device& device, uint32_t jobs);

}  // namespace daedalus::toy
