#include "daedalus/video_processor.h"

#include <utility>

#include "decoder/surface_state.h"

namespace daedalus {

Result<std::unique_ptr<VideoProcessor>> VideoProcessor::create(Device& device) {
  auto stage = device.create_processing_stage();
  if (!stage) return tl::unexpected(stage.error());
  return std::unique_ptr<VideoProcessor>(new VideoProcessor(device, std::move(*stage)));
}

// What decoders were given earlier goes to the GPU earlier; from there on the GPU keeps the order.
Result<void> VideoProcessor::process(const video::Process& process, Surface& source,
                                     Surface& target) {
  if (!device_.owns(source.picture()) || !device_.owns(target.picture()))
    return tl::unexpected(Error::device_lost);
  source.wait_for_decoding();
  target.wait_for_decoding();
  target.wait_for_readers();
  if (const auto failure = source.failure()) return tl::unexpected(*failure);
  auto submitted = stage_->submit(process, source.picture_, target.picture_);
  if (submitted) target.forget_decoding();
  return submitted;
}

}  // namespace daedalus
