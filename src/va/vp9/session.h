// SPDX-License-Identifier: MIT
// VP9: VA buffers to pictures for the decoder.
#pragma once

#include <va/va.h>

#include <optional>

#include "daedalus/vp9/decoder.h"
#include "va/offers.h"
#include "va/picture_buffers.h"
#include "va/session.h"

namespace daedalus::va {

class Vp9Session final : public Session {
 public:
  static Result<std::unique_ptr<Session>> create(Device& device, const ContextWish& wish);

  Outcome render(const BufferContents& contents, const Surface& target,
                 const NamedObjects& objects) override;
  Outcome end(const std::shared_ptr<Surface>& target, const SurfaceTable& surfaces) override;
  void reset() override;

 private:
  Vp9Session(std::unique_ptr<Vp9Decoder> decoder, VAProfile profile)
      : decoder_(std::move(decoder)), profile_(profile) {}

  Outcome take_picture_parameters(const BufferContents& contents, const Surface& target);

  std::unique_ptr<Vp9Decoder> decoder_;
  const VAProfile profile_;

  // Of the current picture.
  std::optional<VADecPictureParameterBufferVP9> picture_;
  SliceBuffers slices_{sizeof(VASliceParameterBufferVP9), 1};  // the frame is the only slice
  Vp9Picture collected_;  // passed to the decoder; a member so that its frame keeps its memory
};

}  // namespace daedalus::va
