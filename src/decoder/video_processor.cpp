// SPDX-License-Identifier: MIT
#include "daedalus/video_processor.h"

#include <utility>

#include "decoder/surface_uses.h"

namespace daedalus {

namespace {

// Null if there is no picture to read.
std::shared_ptr<Picture> ready_picture(Surface* reference) {
  if (!reference) return nullptr;
  reference->wait_for_turn(Access::read);
  return reference->uses().failure() ? nullptr : reference->shared_picture();
}

}  // namespace

Result<std::unique_ptr<VideoProcessor>> VideoProcessor::create(Device& device) {
  auto stage = device.create_processing_stage();
  if (!stage) return tl::unexpected(stage.error());
  return std::unique_ptr<VideoProcessor>(new VideoProcessor(device, std::move(*stage)));
}

Result<void> VideoProcessor::process(const video::Process& process, const SourceSurfaces& source,
                                     Surface& target) {
  for (Surface* surface : {&source.frame, source.previous, source.next, &target})
    if (surface && !device_.owns(surface->picture())) return tl::unexpected(Error::device_lost);
  source.frame.wait_for_turn(Access::read);
  target.wait_for_turn(Access::write);
  if (const auto failure = source.frame.uses().failure()) return tl::unexpected(*failure);
  const video::Source pictures{source.frame.shared_picture(), ready_picture(source.previous),
                               ready_picture(source.next)};
  auto submitted = stage_->submit(process, pictures, target.shared_picture());
  if (submitted) target.uses().overwrite();
  return submitted;
}

}  // namespace daedalus
