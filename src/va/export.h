// SPDX-License-Identifier: MIT
// vaExportSurfaceHandle: exports surfaces' memory.
#pragma once

#include <va/va.h>

namespace daedalus::va {

struct Display;

VAStatus export_surface_handle(Display&, VASurfaceID id, uint32_t memory_type, uint32_t flags,
                               void* descriptor);

}  // namespace daedalus::va
