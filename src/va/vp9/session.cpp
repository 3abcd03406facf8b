// SPDX-License-Identifier: MIT
#include "va/vp9/session.h"

#include "va/status.h"

namespace daedalus::va {

Result<std::unique_ptr<Session>> Vp9Session::create(Device& device, const ContextWish& wish) {
  auto decoder = Vp9Decoder::create(device, wish.width, wish.height, wish.entropy_threads);
  if (!decoder) return tl::unexpected(decoder.error());
  return std::unique_ptr<Session>(new Vp9Session(std::move(*decoder), wish.profile));
}

Outcome Vp9Session::render(const BufferContents& contents, const Surface& target,
                           const NamedObjects&) {
  switch (contents.type) {
    case VAPictureParameterBufferType:
      return take_picture_parameters(contents, target);
    case VASliceParameterBufferType:
      return slices_.add_parameters(contents);
    case VASliceDataBufferType:
      return slices_.add_data(contents);
    default:
      return VA_STATUS_ERROR_UNSUPPORTED_BUFFERTYPE;
  }
}

void Vp9Session::reset() {
  picture_.reset();
  slices_.clear();
  collected_.target.reset();
  collected_.references = {};
  collected_.frame.clear();
}

// The frame's own header repeats all of this. Checking it here refuses what cannot be decoded
// before the client has passed the frame.
Outcome Vp9Session::take_picture_parameters(const BufferContents& contents, const Surface& target) {
  const auto picture = only_element<VADecPictureParameterBufferVP9>(contents);
  if (!picture) return VA_STATUS_ERROR_INVALID_BUFFER;
  const bool high = profile_ == VAProfileVP9Profile2;
  if (picture->profile != (high ? 2 : 0))
    return {VA_STATUS_ERROR_UNSUPPORTED_PROFILE, "a frame of another profile"};
  // Clients of 8-bit streams may leave the field 0.
  if (picture->bit_depth > (high ? 10 : 8))
    return {VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT, "12 bits a sample"};
  const auto format = target.core->picture().layout().format;
  if (format != (high ? PictureFormat::p010 : PictureFormat::nv12))
    return {VA_STATUS_ERROR_INVALID_SURFACE,
            high ? "a surface that is not P010" : "a surface that is not NV12"};
  if (picture->frame_width > target.width || picture->frame_height > target.height)
    return too_large(picture->frame_width, picture->frame_height, target);
  picture_ = picture;
  return VA_STATUS_SUCCESS;
}

Outcome Vp9Session::end(const std::shared_ptr<Surface>& target, const SurfaceTable& surfaces) {
  if (!picture_) return VA_STATUS_ERROR_INVALID_BUFFER;
  collected_.target = target->core;
  for (std::size_t slot = 0; slot < collected_.references.size(); ++slot) {
    const auto reference = surfaces.find(picture_->reference_frames[slot]);
    // No frame refers to itself; if a client says so, it has lost the reference.
    if (reference && reference != target) collected_.references[slot] = reference->core;
  }
  if (auto status = slices_.collect(collected_.frame); status != VA_STATUS_SUCCESS) return status;
  return to_status(decoder_->decode(collected_));
}

}  // namespace daedalus::va
