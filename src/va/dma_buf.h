// SPDX-License-Identifier: MIT
// What VA says of dma-bufs that clients bring as surfaces' memory.
#pragma once

#include <va/va.h>

#include "va/formats.h"

namespace daedalus::va {

// Memory that a client brings for one surface.
struct ClientMemory {
  const SurfaceFormat* format = nullptr;
  uint32_t width = 0, height = 0;
  int fd = -1;           // the client's
  PictureLayout layout;  // size: of the whole memory
};

// Reads what VASurfaceAttribExternalBufferDescriptor points to for a VASurfaceAttribMemoryType, for
// surface `index` of `num_surfaces`. VA_STATUS_ERROR_INVALID_PARAMETER,
// VA_STATUS_ERROR_UNSUPPORTED_MEMORY_TYPE, VA_STATUS_ERROR_INVALID_IMAGE_FORMAT; the log says why.
VAStatus read_descriptor(uint32_t memory_type, const void* descriptor, unsigned index,
                         unsigned num_surfaces, ClientMemory& memory);

// Whether one of the modifiers is the one that surfaces have.
bool holds_linear(const void* modifier_list);

uint32_t dma_buf_size(int fd);  // bytes

}  // namespace daedalus::va
