// SPDX-License-Identifier: MIT
// Video processing of surfaces.
#pragma once

#include <memory>

#include "daedalus/surface.h"
#include "daedalus/video_process.h"

namespace daedalus {

// See video::Source.
struct SourceSurfaces {
  Surface& frame;
  Surface* previous = nullptr;
  Surface* next = nullptr;
};

// One call at a time.
class VideoProcessor {
 public:
  static Result<std::unique_ptr<VideoProcessor>> create(Device& device);

  // Waits until decoders have submitted the pictures of all surfaces, and the pictures that refer
  // to the target; then submits and returns. The target loses its former picture and damage.
  // Returns the errors of video::ProcessingStage::submit, or the error that the frame's decoding
  // failed with. Previous and next frames that were not decoded are left out.
  Result<void> process(const video::Process& process, const SourceSurfaces& source,
                       Surface& target);

 private:
  VideoProcessor(Device& device, std::unique_ptr<video::ProcessingStage> stage)
      : device_(device), stage_(std::move(stage)) {}

  Device& device_;
  std::unique_ptr<video::ProcessingStage> stage_;
};

}  // namespace daedalus
