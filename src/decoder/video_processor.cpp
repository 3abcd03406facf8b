// SPDX-License-Identifier: MIT
#include "daedalus/video_processor.h"

#include <utility>

#include "decoder/surface_uses.h"

namespace daedalus {

Result<std::unique_ptr<VideoProcessor>> VideoProcessor::create(Device& device) {
  auto stage = device.create_processing_stage();
  if (!stage) return tl::unexpected(stage.error());
  return std::unique_ptr<VideoProcessor>(new VideoProcessor(device, std::move(*stage)));
}

Result<void> VideoProcessor::process(const video::Process& process, Surface& source,
                                     Surface& target) {
  if (!device_.owns(source.picture()) || !device_.owns(target.picture()))
    return tl::unexpected(Error::device_lost);
  source.wait_for_turn(Access::read);
  target.wait_for_turn(Access::write);
  if (const auto failure = source.uses().failure()) return tl::unexpected(*failure);
  auto submitted = stage_->submit(process, source.shared_picture(), target.shared_picture());
  if (submitted) target.uses().overwrite();
  return submitted;
}

}  // namespace daedalus
