// SPDX-License-Identifier: MIT
// Video processing: VA buffers to processes.
#pragma once

#include <optional>

#include "daedalus/video_processor.h"
#include "va/offers.h"
#include "va/session.h"
#include "va/video/process_buffer.h"

namespace daedalus::va {

class VideoSession final : public Session {
 public:
  static Result<std::unique_ptr<Session>> create(Device& device, const ContextWish& wish);

  Outcome render(const BufferContents& contents, const Surface& target,
                 const NamedObjects& objects) override;
  Outcome end(const std::shared_ptr<Surface>& target, const SurfaceTable& surfaces) override;
  void reset() override;

 private:
  explicit VideoSession(std::unique_ptr<VideoProcessor> processor)
      : processor_(std::move(processor)) {}

  std::unique_ptr<VideoProcessor> processor_;
  bool told_matrix_ = false;

  // Of the current picture.
  std::shared_ptr<Surface> source_;
  References references_;
  video::Process process_;
};

}  // namespace daedalus::va
