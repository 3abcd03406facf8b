// Video processing of surfaces.
#pragma once

#include <memory>
#include <mutex>

#include "daedalus/decoder.h"
#include "daedalus/video_process.h"

namespace daedalus {

// Any thread may call.
class VideoProcessor {
 public:
  static Result<std::unique_ptr<VideoProcessor>> create(Device& device);

  // Waits until decoders have given both surfaces' pictures to the GPU, hands over and returns. The
  // target's former picture and its damage are gone. Error::invalid_parameter as
  // video::ProcessingStage::submit, and what made the source's decoding fail.
  Result<void> process(const video::Process& process, Surface& source, Surface& target);

 private:
  explicit VideoProcessor(std::unique_ptr<video::ProcessingStage> stage)
      : stage_(std::move(stage)) {}

  std::mutex mutex_;
  std::unique_ptr<video::ProcessingStage> stage_;
};

}  // namespace daedalus
