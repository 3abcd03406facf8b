// SPDX-License-Identifier: MIT
#include "va/picture_buffers.h"

namespace daedalus::va {

void SliceBuffers::clear() {
  parameters_.clear();
  data_.clear();
  slices_.clear();
  num_slices_ = 0;
}

VAStatus SliceBuffers::add_parameters(const BufferContents& contents) {
  if (contents.element_size < parameters_size_) return VA_STATUS_ERROR_INVALID_BUFFER;
  if (contents.num_elements > max_slices_ - num_slices_) return VA_STATUS_ERROR_MAX_NUM_EXCEEDED;
  for (uint32_t i = 0; i < contents.num_elements; ++i)
    if (element<VASliceParameterBufferBase>(contents, i).slice_data_flag != VA_SLICE_DATA_FLAG_ALL)
      return VA_STATUS_ERROR_FLAG_NOT_SUPPORTED;
  num_slices_ += contents.num_elements;
  parameters_.push_back(contents);
  return VA_STATUS_SUCCESS;
}

VAStatus SliceBuffers::add_data(const BufferContents& contents) {
  if (data_.size() == max_slices_) return VA_STATUS_ERROR_MAX_NUM_EXCEEDED;
  data_.push_back(contents);
  return VA_STATUS_SUCCESS;
}

// The data buffers of a parameter buffer's slices: one for each parameter buffer, or one for each
// slice, or one for all. Null if the client's numbers match none of these.
const BufferContents* SliceBuffers::data_of(std::size_t buffer, std::size_t slice) const {
  if (data_.size() == parameters_.size()) return &data_[buffer];
  if (data_.size() == num_slices_) return &data_[slice];
  return data_.size() == 1 ? &data_[0] : nullptr;
}

VAStatus SliceBuffers::copy(const BufferContents& parameters, std::size_t buffer, std::size_t& room,
                            std::vector<std::byte>& memory) {
  for (uint32_t i = 0; i < parameters.num_elements; ++i) {
    const auto slice = element<VASliceParameterBufferBase>(parameters, i);
    const auto* data = data_of(buffer, slices_.size());
    if (!data) return VA_STATUS_ERROR_INVALID_BUFFER;
    const auto bytes = data->bytes();
    const std::size_t offset = slice.slice_data_offset, size = slice.slice_data_size;
    if (size == 0 || offset > bytes.size() || size > bytes.size() - offset || size > room)
      return VA_STATUS_ERROR_INVALID_PARAMETER;
    room -= size;
    const auto part = bytes.subspan(offset, size);
    memory.insert(memory.end(), part.begin(), part.end());
    slices_.push_back({parameters.memory.get() + std::size_t{i} * parameters.element_size,
                       std::span(memory).last(size)});
  }
  return VA_STATUS_SUCCESS;
}

VAStatus SliceBuffers::collect(std::vector<std::byte>& memory) {
  std::size_t room = 0;  // slices do not share bytes, so this bounds what they copy
  for (const auto& data : data_) room += data.bytes().size();
  memory.clear();
  memory.reserve(room);  // must not move once slices refer to it
  slices_.clear();
  slices_.reserve(num_slices_);
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    if (auto status = copy(parameters_[i], i, room, memory); status != VA_STATUS_SUCCESS)
      return status;
  return slices_.empty() ? VA_STATUS_ERROR_INVALID_BUFFER : VA_STATUS_SUCCESS;
}

}  // namespace daedalus::va
