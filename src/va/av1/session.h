// SPDX-License-Identifier: MIT
// AV1: VA buffers to pictures for the decoder.
#pragma once

#include <va/va.h>
#include <va/va_dec_av1.h>

#include <optional>

#include "daedalus/av1/decoder.h"
#include "va/offers.h"
#include "va/picture_buffers.h"
#include "va/session.h"

namespace daedalus::va {

class Av1Session final : public Session {
 public:
  static Result<std::unique_ptr<Session>> create(Device& device, const ContextWish& wish);

  Outcome render(const BufferContents& contents, const Surface& target,
                 const NamedObjects& objects) override;
  Outcome end(const std::shared_ptr<Surface>& target, const SurfaceTable& surfaces) override;
  std::shared_ptr<daedalus::Surface> display() const override { return display_; }
  void reset() override;

 private:
  explicit Av1Session(std::unique_ptr<Av1Decoder> decoder) : decoder_(std::move(decoder)) {}

  Outcome take_picture_parameters(const BufferContents& contents, const Surface& target);
  Outcome take_display(const std::shared_ptr<Surface>& target, const SurfaceTable& surfaces);
  void take_references(const SurfaceTable& surfaces);

  std::unique_ptr<Av1Decoder> decoder_;

  // Of the current picture.
  std::optional<VADecPictureParameterBufferAV1> picture_;
  SliceBuffers tiles_{sizeof(VASliceParameterBufferAV1), av1::max_tile_columns* av1::max_tile_rows};
  std::shared_ptr<daedalus::Surface> display_;  // with film grain
  Av1Picture collected_;  // passed to the decoder; a member so that its vectors keep their memory
};

}  // namespace daedalus::va
