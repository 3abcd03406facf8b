// SPDX-License-Identifier: MIT
// A client's buffer in this process's address space, for devices that cannot decode into it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "daedalus/error.h"
#include "daedalus/picture.h"

namespace daedalus::v4l2 {

class ClientMemory {
 public:
  // Error::invalid_parameter if the dma-buf is smaller than the layout. The caller keeps the
  // descriptor.
  static Result<std::shared_ptr<ClientMemory>> map(int dma_buf, const PictureLayout& layout);
  ~ClientMemory();
  ClientMemory(const ClientMemory&) = delete;
  ClientMemory& operator=(const ClientMemory&) = delete;

  // Copies the picture, which must have been written, into the buffer.
  Result<void> copy(Picture& picture);

 private:
  ClientMemory(int dma_buf, std::span<std::byte> bytes, const PictureLayout& layout)
      : dma_buf_(dma_buf), bytes_(bytes), layout_(layout) {}

  Result<void> copy_samples(Picture& picture);

  const int dma_buf_;
  const std::span<std::byte> bytes_;
  const PictureLayout layout_;
  std::vector<std::byte> other_layout_;
};

}  // namespace daedalus::v4l2
