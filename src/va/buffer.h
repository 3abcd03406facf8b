// SPDX-License-Identifier: MIT
// VABufferID: a client's parameters of a picture, or an image's samples.
#pragma once

#include <va/va.h>

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>

#include "daedalus/error.h"
#include "va/surface.h"

namespace daedalus::va {

// A buffer's contents at one time. They never change, whatever happens to the buffer.
struct BufferContents {
  VABufferType type;
  uint32_t element_size, num_elements;
  std::shared_ptr<const std::byte> memory;

  std::span<const std::byte> bytes() const {
    return {memory.get(), std::size_t{element_size} * num_elements};
  }
};

class Buffer {
 public:
  // Copies `data`, or fills with zeros if it is null. The product of the sizes is within max_size.
  Buffer(VABufferType type, uint32_t element_size, uint32_t num_elements, const void* data);
  // An image's buffer that has a surface's samples.
  Buffer(std::shared_ptr<Surface> surface, std::span<std::byte> samples);

  static constexpr std::size_t max_size = 128 << 20;

  VAStatus set_num_elements(uint32_t num_elements);
  // A surface's samples: waits until the client may access them in this way.
  VAStatus map(void** data, Access access);
  VAStatus unmap();
  BufferContents contents() const;

  // An image's samples, valid while the buffer exists.
  std::byte* samples() const { return memory_.get(); }

 private:
  const VABufferType type_;
  const uint32_t element_size_, max_elements_;
  const std::shared_ptr<Surface> surface_;  // has the samples; null: the buffer's own

  mutable std::mutex mutex_;
  uint32_t num_elements_;
  uint32_t maps_ = 0;
  std::shared_ptr<std::byte> memory_;
};

VAStatus create_buffer(Display&, VAContextID context, VABufferType type, unsigned size,
                       unsigned num_elements, void* data, VABufferID* id);
VAStatus buffer_set_num_elements(Display&, VABufferID id, unsigned num_elements);
VAStatus map_buffer(Display&, VABufferID id, void** data);
VAStatus map_buffer2(Display&, VABufferID id, void** data, uint32_t flags);
VAStatus unmap_buffer(Display&, VABufferID id);
VAStatus destroy_buffer(Display&, VABufferID id);
VAStatus buffer_info(Display&, VABufferID id, VABufferType* type, unsigned* size,
                     unsigned* num_elements);

}  // namespace daedalus::va
