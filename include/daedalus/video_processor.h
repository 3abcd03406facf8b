// SPDX-License-Identifier: MIT
// Video processing of surfaces.
#pragma once

#include <memory>

#include "daedalus/surface.h"
#include "daedalus/video_process.h"

namespace daedalus {

// As video::Source.
struct SourceSurfaces {
  Surface& frame;
  Surface* previous = nullptr;
  Surface* next = nullptr;
};

// One call at a time.
class VideoProcessor {
 public:
  static Result<std::unique_ptr<VideoProcessor>> create(Device& device);

  // Waits until decoders have given all surfaces' pictures to the GPU, and those that refer to the
  // target, hands over and returns. The target's former picture and its damage are gone.
  // Error::invalid_parameter as video::ProcessingStage::submit, and what made the frame's decoding
  // fail. Previous and next frames that did not reach the GPU are left out.
  Result<void> process(const video::Process& process, const SourceSurfaces& source,
                       Surface& target);

 private:
  VideoProcessor(Device& device, std::unique_ptr<video::ProcessingStage> stage)
      : device_(device), stage_(std::move(stage)) {}

  Device& device_;
  std::unique_ptr<video::ProcessingStage> stage_;
};

}  // namespace daedalus
