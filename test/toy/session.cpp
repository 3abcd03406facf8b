// SPDX-License-Identifier: MIT
#include "toy/session.h"

#include <array>

#include "va/status.h"

namespace daedalus::toy {

Result<std::unique_ptr<va::Session>> ToySession::create(Device& device,
                                                        const va::ContextWish& wish) {
  auto decoder = Decoder::create(device, wish.entropy_threads);
  if (!decoder) return tl::unexpected(decoder.error());
  return std::unique_ptr<va::Session>(new ToySession(std::move(*decoder)));
}

va::Outcome ToySession::render(const va::BufferContents& contents, const va::Surface& target,
                               const va::NamedObjects&) {
  switch (contents.type) {
    case VAPictureParameterBufferType:
      return take_picture(contents, target);
    case VASliceParameterBufferType:
      return slices_.add_parameters(contents);
    case VASliceDataBufferType:
      return slices_.add_data(contents);
    default:
      return VA_STATUS_ERROR_UNSUPPORTED_BUFFERTYPE;
  }
}

va::Outcome ToySession::take_picture(const va::BufferContents& contents,
                                     const va::Surface& target) {
  const auto picture = va::only_element<PictureParameterBuffer>(contents);
  if (!picture) return VA_STATUS_ERROR_INVALID_BUFFER;
  const PictureParameters parameters{picture->width_in_blocks, picture->height_in_blocks,
                                     picture->reference == VA_INVALID_SURFACE};
  if (!is_in_range(parameters)) return VA_STATUS_ERROR_INVALID_PARAMETER;
  if (parameters.width_in_blocks * block_size > target.width ||
      parameters.height_in_blocks * block_size > target.height)
    return {VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED, "a toy that is larger than its surface"};
  picture_ = picture;
  collected_.parameters = parameters;
  return VA_STATUS_SUCCESS;
}

va::Outcome ToySession::end(const std::shared_ptr<va::Surface>& target,
                            const va::SurfaceTable& surfaces) {
  if (!picture_) return VA_STATUS_ERROR_INVALID_BUFFER;
  collected_.target = target->core;
  if (!collected_.parameters.key) {
    const auto reference = surfaces.find(picture_->reference);
    if (!reference || reference == target) return VA_STATUS_ERROR_INVALID_SURFACE;
    collected_.reference = reference->core;
  }
  if (auto status = slices_.collect(collected_.slice_data); status != VA_STATUS_SUCCESS)
    return status;
  for (const auto& slice : slices_.slices())
    collected_.slices.push_back({slice.read<SliceParameterBuffer>().first_row, slice.data});
  return va::to_status(decoder_->decode(collected_));
}

void ToySession::reset() {
  picture_.reset();
  slices_.clear();
  collected_.target.reset();
  collected_.reference.reset();
  collected_.slices.clear();
  collected_.slice_data.clear();
}

}  // namespace daedalus::toy

namespace daedalus::va {

namespace {

constexpr std::array table = {
    Offer{
        .profile = toy::toy_profile,
        .entrypoint = VAEntrypointVLD,
        .codec = {},
        .rt_formats = VA_RT_FORMAT_YUV420,
        .min_size = toy::block_size,
        .max_size = {toy::max_size, toy::max_size},
        .context_has_size = true,
        .attributes = {},
        .runs_on = nullptr,
        .create_session = toy::ToySession::create,
    },
};

}  // namespace

// The offers of this driver.
Offers offer_table() {
  return table;
}

}  // namespace daedalus::va
