// SPDX-License-Identifier: MIT
#include "va/av1/session.h"

#include "va/av1/buffers.h"
#include "va/status.h"

namespace daedalus::va {

Result<std::unique_ptr<Session>> Av1Session::create(Device& device, const ContextWish& wish) {
  auto decoder = Av1Decoder::create(device, wish.width, wish.height, wish.entropy_threads);
  if (!decoder) return tl::unexpected(decoder.error());
  return std::unique_ptr<Session>(new Av1Session(std::move(*decoder)));
}

Outcome Av1Session::render(const BufferContents& contents, const Surface& target,
                           const NamedObjects&) {
  switch (contents.type) {
    case VAPictureParameterBufferType:
      return take_picture_parameters(contents, target);
    case VASliceParameterBufferType:
      return tiles_.add_parameters(contents);
    case VASliceDataBufferType:
      return tiles_.add_data(contents);
    default:
      return VA_STATUS_ERROR_UNSUPPORTED_BUFFERTYPE;
  }
}

void Av1Session::reset() {
  picture_.reset();
  display_.reset();
  tiles_.clear();
  collected_.parameters.tiles.clear();
  collected_.data.clear();
  collected_.target.reset();
  collected_.display.reset();
  collected_.references = {};
}

// Contexts are created before the bit depth is known: the surface has the one the client expects.
Outcome Av1Session::take_picture_parameters(const BufferContents& contents, const Surface& target) {
  const auto picture = only_element<VADecPictureParameterBufferAV1>(contents);
  if (!picture) return VA_STATUS_ERROR_INVALID_BUFFER;
  auto& parameters = collected_.parameters;
  if (auto filled = fill_picture(*picture, parameters); !filled.done()) return filled;
  const auto format = target.core->picture().layout().format;
  if (format != format_of_depth(parameters.bit_depth))
    return {VA_STATUS_ERROR_INVALID_SURFACE, parameters.bit_depth == 10
                                                 ? "a surface that is not P010"
                                                 : "a surface that is not NV12"};
  if (parameters.upscaled_width > target.width || parameters.height > target.height)
    return too_large(parameters.upscaled_width, parameters.height, target);
  picture_ = picture;
  return VA_STATUS_SUCCESS;
}

// Without film grain clients pass arbitrary values here.
Outcome Av1Session::take_display(const std::shared_ptr<Surface>& target,
                                 const SurfaceTable& surfaces) {
  if (!collected_.parameters.film_grain.apply_grain) return VA_STATUS_SUCCESS;
  const auto display = surfaces.find(picture_->current_display_picture);
  if (!display || display == target)
    return {VA_STATUS_ERROR_INVALID_SURFACE, "film grain without a surface of its own to show"};
  const auto& parameters = collected_.parameters;
  if (display->core->picture().layout().format != target->core->picture().layout().format)
    return {VA_STATUS_ERROR_INVALID_SURFACE, "a picture to show of another format"};
  if (parameters.upscaled_width > display->width || parameters.height > display->height)
    return too_large(parameters.upscaled_width, parameters.height, *display);
  display_ = collected_.display = display->core;
  return VA_STATUS_SUCCESS;
}

// Indices of intra frames are zero or stale.
void Av1Session::take_references(const SurfaceTable& surfaces) {
  if (collected_.parameters.intra()) return;
  for (std::size_t i = 0; i < av1::reference_count; ++i) {
    const uint8_t slot = picture_->ref_frame_idx[i];
    if (slot >= std::size(picture_->ref_frame_map)) continue;
    const auto reference = surfaces.find(picture_->ref_frame_map[slot]);
    // No frame refers to itself; if a client says so, it has lost the reference.
    if (reference && reference->core != collected_.target)
      collected_.references[i] = reference->core;
  }
}

Outcome Av1Session::end(const std::shared_ptr<Surface>& target, const SurfaceTable& surfaces) {
  if (!picture_) return VA_STATUS_ERROR_INVALID_BUFFER;
  collected_.target = target->core;
  if (auto taken = take_display(target, surfaces); !taken.done()) return taken;
  take_references(surfaces);
  if (auto status = tiles_.collect(collected_.data); status != VA_STATUS_SUCCESS) return status;
  for (const auto& slice : tiles_.slices()) {
    const auto tile = slice.read<VASliceParameterBufferAV1>();
    collected_.parameters.tiles.push_back({tile.tile_row, tile.tile_column, slice.data});
  }
  if (auto decoded = decoder_->decode(collected_); !decoded) return to_status(decoded.error());
  return VA_STATUS_SUCCESS;
}

}  // namespace daedalus::va
