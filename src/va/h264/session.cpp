// SPDX-License-Identifier: MIT
#include "va/h264/session.h"

#include "va/h264/buffers.h"
#include "va/status.h"

namespace daedalus::va {

namespace {

Outcome refusal(const h264::PictureParameters& parameters, Error error) {
  if (error == Error::invalid_parameter)
    return {VA_STATUS_ERROR_INVALID_PARAMETER, "a picture parameter is out of its range"};
  if (parameters.chroma_format_idc > 1)
    return {VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT, "4:2:2 or 4:4:4 chroma"};
  if (parameters.bit_depth_luma_minus8 != 0 || parameters.bit_depth_chroma_minus8 != 0)
    return {VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT, "more than 8 bits a sample"};
  if (parameters.num_slice_groups_minus1 != 0)
    return {VA_STATUS_ERROR_UNSUPPORTED_PROFILE, "slice groups"};
  return {VA_STATUS_ERROR_UNSUPPORTED_PROFILE, "outside of what this driver decodes"};
}

}  // namespace

Result<std::unique_ptr<Session>> H264Session::create(Device& device, const ContextWish& wish) {
  auto decoder = H264Decoder::create(device, wish.width, wish.height, wish.entropy_threads);
  if (!decoder) return tl::unexpected(decoder.error());
  return std::unique_ptr<Session>(new H264Session(std::move(*decoder)));
}

Outcome H264Session::render(const BufferContents& contents, const Surface& target,
                            const NamedObjects&) {
  switch (contents.type) {
    case VAPictureParameterBufferType:
      return take_picture_parameters(contents, target);
    case VAIQMatrixBufferType:
      return take_matrices(contents);
    case VASliceParameterBufferType:
      return take_slice_parameters(contents);
    case VASliceDataBufferType:
      return slices_.add_data(contents);
    default:
      return VA_STATUS_ERROR_UNSUPPORTED_BUFFERTYPE;
  }
}

void H264Session::reset() {
  picture_.reset();
  matrices_.reset();
  slices_.clear();
  collected_.target.reset();
  collected_.references = {};
  collected_.slices.clear();
  collected_.slice_data.clear();
}

Outcome H264Session::take_picture_parameters(const BufferContents& contents,
                                             const Surface& target) {
  const auto picture = only_element<VAPictureParameterBufferH264>(contents);
  if (!picture) return VA_STATUS_ERROR_INVALID_BUFFER;
  const auto parameters = picture_parameters(*picture);
  if (auto checked = H264Decoder::check(parameters); !checked)
    return refusal(parameters, checked.error());
  const auto& layout = target.core->picture().layout();
  if (parameters.pic_width_in_mbs * 16 > layout.coded_width() ||
      parameters.frame_height_in_mbs * 16 > layout.coded_height())
    return too_large(parameters.pic_width_in_mbs * 16, parameters.frame_height_in_mbs * 16, target);
  picture_ = picture;
  collected_.parameters = parameters;
  return VA_STATUS_SUCCESS;
}

Outcome H264Session::take_matrices(const BufferContents& contents) {
  matrices_ = only_element<VAIQMatrixBufferH264>(contents);
  return matrices_ ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_INVALID_BUFFER;
}

Outcome H264Session::take_slice_parameters(const BufferContents& contents) {
  if (auto status = slices_.add_parameters(contents); status != VA_STATUS_SUCCESS) return status;
  for (uint32_t i = 0; i < contents.num_elements; ++i) {
    const auto slice_type = element<VASliceParameterBufferH264>(contents, i).slice_type;
    if (slice_type > 9) return VA_STATUS_ERROR_INVALID_PARAMETER;
    if (slice_type % 5 > 2) return {VA_STATUS_ERROR_UNSUPPORTED_PROFILE, "SP or SI slices"};
  }
  return VA_STATUS_SUCCESS;
}

Outcome H264Session::end(const std::shared_ptr<Surface>& target, const SurfaceTable& surfaces) {
  if (!picture_) return VA_STATUS_ERROR_INVALID_BUFFER;
  collected_.target = target->core;
  if (matrices_) set_scaling_lists(*matrices_, collected_.parameters);
  for (std::size_t slot = 0; slot < collected_.references.size(); ++slot) {
    if (!collected_.parameters.references[slot].present) continue;
    const auto reference = surfaces.find(picture_->ReferenceFrames[slot].picture_id);
    if (reference) collected_.references[slot] = reference->core;
  }
  if (auto status = slices_.collect(collected_.slice_data); status != VA_STATUS_SUCCESS)
    return status;
  collected_.slices.reserve(slices_.slices().size());
  for (const auto& slice : slices_.slices())
    collected_.slices.push_back(
        slice_parameters(slice.read<VASliceParameterBufferH264>(), *picture_, slice.data));
  return to_status(decoder_->decode(collected_));
}

}  // namespace daedalus::va
