// SPDX-License-Identifier: MIT
#include "va/buffer.h"

#include <cinttypes>
#include <cstdlib>
#include <cstring>
#include <new>

#include "daedalus/log.h"
#include "daedalus/sole_holder.h"
#include "va/display_objects.h"
#include "va/status.h"

namespace daedalus::va {

namespace {

// calloc: large buffers come as untouched zero pages.
std::shared_ptr<std::byte> allocate(std::size_t size) {
  auto* memory = static_cast<std::byte*>(calloc(size, 1));
  if (!memory) throw std::bad_alloc();
  return {memory, free};
}

// mpv's vo=vaapi writes rows of subpictures in runs of 256 samples, beyond the end of the last row.
std::size_t room(VABufferType type) {
  return type == VAImageBufferType ? 256 * 4 : 0;
}

bool picture_type(VABufferType type) {
  return type == VAPictureParameterBufferType || type == VAIQMatrixBufferType ||
         type == VASliceParameterBufferType || type == VASliceDataBufferType ||
         type == VAProcPipelineParameterBufferType || type == VAProcFilterParameterBufferType;
}

}  // namespace

Buffer::Buffer(VABufferType type, uint32_t element_size, uint32_t num_elements, const void* data)
    : type_(type),
      element_size_(element_size),
      max_elements_(num_elements),
      num_elements_(num_elements),
      memory_(allocate(std::size_t{element_size} * num_elements + room(type))) {
  if (data) memcpy(memory_.get(), data, std::size_t{element_size} * num_elements);
}

Buffer::Buffer(std::shared_ptr<Surface> surface, std::span<std::byte> samples)
    : type_(VAImageBufferType),
      element_size_(static_cast<uint32_t>(samples.size())),
      max_elements_(1),
      surface_(std::move(surface)),
      num_elements_(1),
      memory_(surface_, samples.data()) {}

VAStatus Buffer::set_num_elements(uint32_t num_elements) {
  std::lock_guard lock(mutex_);
  if (num_elements > max_elements_) return VA_STATUS_ERROR_MAX_NUM_EXCEEDED;
  num_elements_ = num_elements;
  return VA_STATUS_SUCCESS;
}

VAStatus Buffer::map(void** data, Access access) {
  if (surface_) {
    const auto mine = surface_->core->sync(std::chrono::nanoseconds::max(), access);
    if (!mine) return to_status(mine.error());
  }
  std::lock_guard lock(mutex_);
  // A picture that still holds the contents keeps them unchanged.
  if (picture_type(type_) && maps_ == 0 && !is_sole_holder(memory_)) {
    auto copy = allocate(std::size_t{element_size_} * max_elements_);
    memcpy(copy.get(), memory_.get(), std::size_t{element_size_} * max_elements_);
    memory_ = std::move(copy);
  }
  ++maps_;
  *data = memory_.get();
  return VA_STATUS_SUCCESS;
}

VAStatus Buffer::unmap() {
  std::lock_guard lock(mutex_);
  if (maps_ == 0) return VA_STATUS_ERROR_OPERATION_FAILED;
  --maps_;
  return VA_STATUS_SUCCESS;
}

BufferContents Buffer::contents() const {
  std::lock_guard lock(mutex_);
  return {type_, element_size_, num_elements_, memory_};
}

VAStatus create_buffer(Display& display, VAContextID context, VABufferType type, unsigned size,
                       unsigned num_elements, void* data, VABufferID* id) {
  if (!display.contexts.find(context)) return VA_STATUS_ERROR_INVALID_CONTEXT;
  if (!picture_type(type) && type != VAImageBufferType)
    return VA_STATUS_ERROR_UNSUPPORTED_BUFFERTYPE;
  if (!id || size == 0 || num_elements == 0) return VA_STATUS_ERROR_INVALID_PARAMETER;
  if (uint64_t{size} * num_elements > Buffer::max_size) {
    log(LogLevel::error, "refused: a buffer of %" PRIu64 " bytes; the limit is %zu",
        uint64_t{size} * num_elements, Buffer::max_size);
    return VA_STATUS_ERROR_ALLOCATION_FAILED;
  }
  *id = display.buffers.insert(std::make_shared<Buffer>(type, size, num_elements, data));
  return *id == VA_INVALID_ID ? VA_STATUS_ERROR_MAX_NUM_EXCEEDED : VA_STATUS_SUCCESS;
}

VAStatus buffer_set_num_elements(Display& display, VABufferID id, unsigned num_elements) {
  const auto buffer = display.buffers.find(id);
  return buffer ? buffer->set_num_elements(num_elements) : VA_STATUS_ERROR_INVALID_BUFFER;
}

namespace {

VAStatus map(Display& display, VABufferID id, void** data, Access access) {
  const auto buffer = display.buffers.find(id);
  if (!buffer) return VA_STATUS_ERROR_INVALID_BUFFER;
  return data ? buffer->map(data, access) : VA_STATUS_ERROR_INVALID_PARAMETER;
}

}  // namespace

// The client does not say how it will access the buffer.
VAStatus map_buffer(Display& display, VABufferID id, void** data) {
  return map(display, id, data, Access::write);
}

VAStatus map_buffer2(Display& display, VABufferID id, void** data, uint32_t flags) {
  constexpr uint32_t read_flag = 1, write_flag = 2;  // VA_MAPBUFFER_FLAG_*, from libva 2.21 on
  const bool only_reads = (flags & read_flag) && !(flags & write_flag);
  return map(display, id, data, only_reads ? Access::read : Access::write);
}

VAStatus unmap_buffer(Display& display, VABufferID id) {
  const auto buffer = display.buffers.find(id);
  return buffer ? buffer->unmap() : VA_STATUS_ERROR_INVALID_BUFFER;
}

VAStatus destroy_buffer(Display& display, VABufferID id) {
  return display.buffers.remove(id) ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_INVALID_BUFFER;
}

VAStatus buffer_info(Display& display, VABufferID id, VABufferType* type, unsigned* size,
                     unsigned* num_elements) {
  const auto buffer = display.buffers.find(id);
  if (!buffer) return VA_STATUS_ERROR_INVALID_BUFFER;
  if (!type || !size || !num_elements) return VA_STATUS_ERROR_INVALID_PARAMETER;
  const auto contents = buffer->contents();
  *type = contents.type;
  *size = contents.element_size;
  *num_elements = contents.num_elements;
  return VA_STATUS_SUCCESS;
}

}  // namespace daedalus::va
