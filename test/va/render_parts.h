// SPDX-License-Identifier: MIT
// A picture's buffers, passed as a client does.
#pragma once

#include <va/va.h>

#include <cstddef>
#include <span>

namespace daedalus::test {

// The contents of one buffer.
struct Part {
  VABufferType type;
  std::size_t size;  // of an element
  void* data;
  unsigned count = 1;
};

// Calls vaBeginPicture, and vaRenderPicture for each part, up to the first call that fails.
inline VAStatus render_parts(VADisplay display, VAContextID context, VASurfaceID target,
                             std::span<const Part> parts) {
  auto status = vaBeginPicture(display, context, target);
  for (const auto& part : parts) {
    if (status != VA_STATUS_SUCCESS) return status;
    VABufferID buffer = VA_INVALID_ID;
    status = vaCreateBuffer(display, context, part.type, static_cast<unsigned>(part.size),
                            part.count, part.data, &buffer);
    if (status == VA_STATUS_SUCCESS) status = vaRenderPicture(display, context, &buffer, 1);
    vaDestroyBuffer(display, buffer);
  }
  return status;
}

}  // namespace daedalus::test
