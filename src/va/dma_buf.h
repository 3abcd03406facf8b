// SPDX-License-Identifier: MIT
// Parses VA's descriptions of dma-bufs that clients pass as surfaces' memory.
#pragma once

#include <va/va.h>

#include "va/formats.h"

namespace daedalus::va {

// A client's memory for one surface.
struct ClientMemory {
  const SurfaceFormat* format = nullptr;
  uint32_t width = 0, height = 0;
  int fd = -1;           // owned by the client
  PictureLayout layout;  // its size is that of the whole memory
};

// Reads what VASurfaceAttribExternalBufferDescriptor points to for a VASurfaceAttribMemoryType, for
// surface `index` of `num_surfaces`. VA_STATUS_ERROR_INVALID_PARAMETER,
// VA_STATUS_ERROR_UNSUPPORTED_MEMORY_TYPE, VA_STATUS_ERROR_INVALID_IMAGE_FORMAT; logs the reason.
VAStatus read_descriptor(uint32_t memory_type, const void* descriptor, unsigned index,
                         unsigned num_surfaces, ClientMemory& memory);

// Whether the modifiers include the one that surfaces have.
bool holds_linear(const void* modifier_list);

uint32_t dma_buf_size(int fd);  // bytes

}  // namespace daedalus::va
