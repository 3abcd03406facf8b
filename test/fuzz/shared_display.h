// SPDX-License-Identifier: MIT
// The display of a target that plays streams through the driver.
#pragma once

#include <va/va.h>

#include <cstdlib>

#include "fuzz/linked_display.h"

namespace daedalus::fuzz {

// Shared by all inputs, because opening a device is slow.
inline VADisplay shared_display() {
  static VADisplay opened = open_linked_display();
  if (!opened) abort();
  return opened;
}

inline void sync(VASurfaceID surface) {
  vaSyncSurface(shared_display(), surface);
  VASurfaceDecodeMBErrors* errors = nullptr;
  vaQuerySurfaceError(shared_display(), surface, VA_STATUS_ERROR_DECODING_ERROR,
                      reinterpret_cast<void**>(&errors));
  for (int i = 0; errors && errors[i].status != -1; ++i)
    if (errors[i].start_mb > errors[i].end_mb) abort();
}

}  // namespace daedalus::fuzz
