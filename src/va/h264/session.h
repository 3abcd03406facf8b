// H.264: VA buffers to pictures for the decoder.
#pragma once

#include <optional>
#include <vector>

#include "daedalus/h264/decoder.h"
#include "va/offers.h"
#include "va/session.h"

namespace daedalus::va {

class H264Session final : public Session {
 public:
  static Result<std::unique_ptr<Session>> create(Device& device, const ContextWish& wish);

  VAStatus render(const BufferContents& contents, const Surface& target,
                  const SurfaceTable& surfaces) override;
  VAStatus end(const std::shared_ptr<Surface>& target, const SurfaceTable& surfaces) override;
  void reset() override;

 private:
  explicit H264Session(std::unique_ptr<H264Decoder> decoder) : decoder_(std::move(decoder)) {}

  VAStatus take_picture_parameters(const BufferContents& contents, const Surface& target);
  VAStatus take_matrices(const BufferContents& contents);
  VAStatus take_slice_parameters(const BufferContents& contents);
  VAStatus take_slice_data(const BufferContents& contents);
  VAStatus refuse(const h264::PictureParameters& parameters, Error error);
  VAStatus collect_slices(H264Picture& picture) const;
  const BufferContents* data_of(std::size_t buffer, std::size_t slice) const;

  std::unique_ptr<H264Decoder> decoder_;
  bool refused_before_ = false;

  // Of the current picture.
  std::optional<VAPictureParameterBufferH264> picture_;
  std::optional<VAIQMatrixBufferH264> matrices_;
  std::vector<BufferContents> slice_parameters_;
  std::vector<BufferContents> slice_data_;
  std::size_t num_slices_ = 0;
  H264Picture collected_;  // what goes to the decoder, kept for the memory of its vectors
};

}  // namespace daedalus::va
