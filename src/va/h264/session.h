// SPDX-License-Identifier: MIT
// H.264: VA buffers to pictures for the decoder.
#pragma once

#include <optional>

#include "daedalus/h264/decoder.h"
#include "va/offers.h"
#include "va/picture_buffers.h"
#include "va/session.h"

namespace daedalus::va {

class H264Session final : public Session {
 public:
  static Result<std::unique_ptr<Session>> create(Device& device, const ContextWish& wish);

  Outcome render(const BufferContents& contents, const Surface& target,
                 const NamedObjects& objects) override;
  Outcome end(const std::shared_ptr<Surface>& target, const SurfaceTable& surfaces) override;
  void reset() override;

 private:
  static constexpr std::size_t max_slices = h264::max_width_in_mbs * h264::max_height_in_mbs;

  explicit H264Session(std::unique_ptr<H264Decoder> decoder) : decoder_(std::move(decoder)) {}

  Outcome take_picture_parameters(const BufferContents& contents, const Surface& target);
  Outcome take_matrices(const BufferContents& contents);
  Outcome take_slice_parameters(const BufferContents& contents);

  std::unique_ptr<H264Decoder> decoder_;

  // Of the current picture.
  std::optional<VAPictureParameterBufferH264> picture_;
  std::optional<VAIQMatrixBufferH264> matrices_;
  SliceBuffers slices_{sizeof(VASliceParameterBufferH264), max_slices};
  H264Picture collected_;  // passed to the decoder; a member so that its vectors keep their memory
};

}  // namespace daedalus::va
