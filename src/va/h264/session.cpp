#include "va/h264/session.h"

#include <cstring>

#include "daedalus/log.h"
#include "va/h264/buffers.h"
#include "va/status.h"

namespace daedalus::va {

namespace {

constexpr std::size_t max_slices = h264::max_width_in_mbs * h264::max_height_in_mbs;

template <typename Parameters>
Parameters element(const BufferContents& contents, std::size_t index) {
  Parameters parameters;
  memcpy(&parameters, contents.memory.get() + index * contents.element_size, sizeof(parameters));
  return parameters;
}

template <typename Parameters>
bool holds_one(const BufferContents& contents) {
  return contents.element_size >= sizeof(Parameters) && contents.num_elements == 1;
}

struct Refusal {
  VAStatus status;
  const char* reason;
};

Refusal refusal(const h264::PictureParameters& parameters, Error error) {
  if (error == Error::invalid_parameter)
    return {VA_STATUS_ERROR_INVALID_PARAMETER, "a picture parameter is out of its range"};
  if (parameters.field_pic_flag || parameters.mb_adaptive_frame_field_flag ||
      !parameters.frame_mbs_only_flag)
    return {VA_STATUS_ERROR_UNSUPPORTED_PROFILE, "interlaced coding"};
  if (parameters.chroma_format_idc != 1)
    return {VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT, "a chroma format other than 4:2:0"};
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

VAStatus H264Session::render(const BufferContents& contents, const Surface& target,
                             const SurfaceTable&) {
  switch (contents.type) {
    case VAPictureParameterBufferType:
      return take_picture_parameters(contents, target);
    case VAIQMatrixBufferType:
      return take_matrices(contents);
    case VASliceParameterBufferType:
      return take_slice_parameters(contents);
    case VASliceDataBufferType:
      return take_slice_data(contents);
    default:
      return VA_STATUS_ERROR_UNSUPPORTED_BUFFERTYPE;
  }
}

void H264Session::reset() {
  picture_.reset();
  matrices_.reset();
  slice_parameters_.clear();
  slice_data_.clear();
  num_slices_ = 0;
  collected_.target.reset();
  collected_.references = {};
  collected_.slices.clear();
  collected_.slice_data.clear();
}

VAStatus H264Session::take_picture_parameters(const BufferContents& contents,
                                              const Surface& target) {
  if (!holds_one<VAPictureParameterBufferH264>(contents)) return VA_STATUS_ERROR_INVALID_BUFFER;
  const auto picture = element<VAPictureParameterBufferH264>(contents, 0);
  const auto parameters = picture_parameters(picture);
  if (auto checked = H264Decoder::check(parameters); !checked)
    return refuse(parameters, checked.error());
  const auto& layout = target.core->picture().layout();
  if (parameters.pic_width_in_mbs * 16 > layout.coded_width() ||
      parameters.frame_height_in_mbs * 16 > layout.coded_height()) {
    log(LogLevel::warning, "H.264: a picture of %ux%u macroblocks for a surface of %ux%u",
        parameters.pic_width_in_mbs, parameters.frame_height_in_mbs, target.width, target.height);
    return VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED;
  }
  picture_ = picture;
  return VA_STATUS_SUCCESS;
}

VAStatus H264Session::refuse(const h264::PictureParameters& parameters, Error error) {
  const auto [status, reason] = refusal(parameters, error);
  log(refused_before_ ? LogLevel::debug : LogLevel::warning, "H.264: refused: %s", reason);
  refused_before_ = true;
  return status;
}

VAStatus H264Session::take_matrices(const BufferContents& contents) {
  if (!holds_one<VAIQMatrixBufferH264>(contents)) return VA_STATUS_ERROR_INVALID_BUFFER;
  matrices_ = element<VAIQMatrixBufferH264>(contents, 0);
  return VA_STATUS_SUCCESS;
}

VAStatus H264Session::take_slice_parameters(const BufferContents& contents) {
  if (contents.element_size < sizeof(VASliceParameterBufferH264))
    return VA_STATUS_ERROR_INVALID_BUFFER;
  num_slices_ += contents.num_elements;
  if (num_slices_ > max_slices) return VA_STATUS_ERROR_MAX_NUM_EXCEEDED;
  for (uint32_t i = 0; i < contents.num_elements; ++i) {
    const auto slice = element<VASliceParameterBufferH264>(contents, i);
    if (slice.slice_data_flag != VA_SLICE_DATA_FLAG_ALL) return VA_STATUS_ERROR_FLAG_NOT_SUPPORTED;
    if (slice.slice_type > 9) return VA_STATUS_ERROR_INVALID_PARAMETER;
    if (slice.slice_type % 5 > 2) return VA_STATUS_ERROR_UNSUPPORTED_PROFILE;  // SP, SI
  }
  slice_parameters_.push_back(contents);
  return VA_STATUS_SUCCESS;
}

VAStatus H264Session::take_slice_data(const BufferContents& contents) {
  if (slice_data_.size() == max_slices) return VA_STATUS_ERROR_MAX_NUM_EXCEEDED;
  slice_data_.push_back(contents);
  return VA_STATUS_SUCCESS;
}

// The data of a parameter buffer's slices: one data buffer to each parameter buffer, or to each
// slice, or one to all. Null where the client's numbers fit none of these.
const BufferContents* H264Session::data_of(std::size_t buffer, std::size_t slice) const {
  if (slice_data_.size() == slice_parameters_.size()) return &slice_data_[buffer];
  if (slice_data_.size() == num_slices_) return &slice_data_[slice];
  return slice_data_.size() == 1 ? &slice_data_[0] : nullptr;
}

VAStatus H264Session::collect_slices(H264Picture& picture) const {
  std::size_t room = 0;  // slices do not share bytes: what they copy is bounded by what there is
  for (const auto& data : slice_data_) room += data.bytes().size();
  picture.slices.reserve(num_slices_);
  picture.slice_data.reserve(room);  // stays where it is while slices are given their parts
  for (std::size_t buffer = 0; buffer < slice_parameters_.size(); ++buffer) {
    for (uint32_t i = 0; i < slice_parameters_[buffer].num_elements; ++i) {
      const auto slice = element<VASliceParameterBufferH264>(slice_parameters_[buffer], i);
      const auto* data = data_of(buffer, picture.slices.size());
      if (!data) return VA_STATUS_ERROR_INVALID_BUFFER;
      const auto bytes = data->bytes();
      const std::size_t offset = slice.slice_data_offset, size = slice.slice_data_size;
      if (size == 0 || offset > bytes.size() || size > bytes.size() - offset || size > room)
        return VA_STATUS_ERROR_INVALID_PARAMETER;
      room -= size;
      const auto nal_unit = bytes.subspan(offset, size);
      auto& all = picture.slice_data;
      all.insert(all.end(), nal_unit.begin(), nal_unit.end());
      picture.slices.push_back(slice_parameters(slice, *picture_, std::span(all).last(size)));
    }
  }
  return picture.slices.empty() ? VA_STATUS_ERROR_INVALID_BUFFER : VA_STATUS_SUCCESS;
}

VAStatus H264Session::end(const std::shared_ptr<Surface>& target, const SurfaceTable& surfaces) {
  if (!picture_) return VA_STATUS_ERROR_INVALID_BUFFER;
  collected_.target = target->core;
  collected_.parameters = picture_parameters(*picture_);
  if (matrices_) set_scaling_lists(*matrices_, collected_.parameters);
  for (std::size_t slot = 0; slot < collected_.references.size(); ++slot) {
    if (!collected_.parameters.references[slot].present) continue;
    const auto reference = surfaces.find(picture_->ReferenceFrames[slot].picture_id);
    // No picture refers to itself; a client that says so has lost the reference.
    if (reference && reference != target) collected_.references[slot] = reference->core;
  }
  if (auto status = collect_slices(collected_); status != VA_STATUS_SUCCESS) return status;
  return to_status(decoder_->decode(collected_));
}

}  // namespace daedalus::va
