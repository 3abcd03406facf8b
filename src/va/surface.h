// SPDX-License-Identifier: MIT
// VASurfaceID: a picture.
#pragma once

#include <va/va.h>

#include <memory>
#include <mutex>
#include <vector>

#include "daedalus/surface.h"
#include "va/formats.h"
#include "va/outcome.h"

namespace daedalus::va {

struct Display;

class Subpicture;

// Where vaPutSurface shows a subpicture.
struct Association {
  std::weak_ptr<Subpicture> subpicture;
  VARectangle source;       // of the subpicture's image
  VARectangle destination;  // in samples of the surface, or of the window if the flags say so
  unsigned flags;           // VA_SUBPICTURE_*
};

struct Surface {
  std::shared_ptr<daedalus::Surface> core;
  const SurfaceFormat* format;
  uint32_t width, height;  // as requested; the picture is rounded up to macroblocks

  // The errors last returned by vaQuerySurfaceError; they stay valid until its next call.
  std::mutex error_mutex;
  std::vector<VASurfaceDecodeMBErrors> errors;

  std::mutex associations_mutex;
  std::vector<Association> associations;  // from bottom to top
};

// The refusal of a picture of this size, in samples, that does not fit the surface.
Outcome too_large(uint32_t width, uint32_t height, const Surface& target);

VAStatus create_surfaces(Display&, int width, int height, int format, int num_surfaces,
                         VASurfaceID* ids);
VAStatus create_surfaces2(Display&, unsigned format, unsigned width, unsigned height,
                          VASurfaceID* ids, unsigned num_surfaces, VASurfaceAttrib* attributes,
                          unsigned num_attributes);
VAStatus destroy_surfaces(Display&, VASurfaceID* ids, int num_surfaces);
VAStatus sync_surface(Display&, VASurfaceID id);
VAStatus sync_surface2(Display&, VASurfaceID id, uint64_t timeout_ns);
VAStatus query_surface_status(Display&, VASurfaceID id, VASurfaceStatus* status);
VAStatus query_surface_error(Display&, VASurfaceID id, VAStatus error_status, void** error_info);

}  // namespace daedalus::va
