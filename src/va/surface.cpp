#include "va/surface.h"

#include <algorithm>

#include "daedalus/log.h"
#include "va/capabilities.h"
#include "va/display_objects.h"
#include "va/status.h"

namespace daedalus::va {

namespace {

// The attributes that a client sets decide nothing here: there is one format and one kind of
// memory. They are checked, so that nobody gets something else than he asked for.
VAStatus check_attribute(const VASurfaceAttrib& attribute) {
  if (!(attribute.flags & VA_SURFACE_ATTRIB_SETTABLE)) return VA_STATUS_SUCCESS;
  const auto& value = attribute.value;
  switch (attribute.type) {
    case VASurfaceAttribPixelFormat:
      if (value.type != VAGenericValueTypeInteger) return VA_STATUS_ERROR_INVALID_PARAMETER;
      return static_cast<uint32_t>(value.value.i) == surface_fourcc
                 ? VA_STATUS_SUCCESS
                 : VA_STATUS_ERROR_ATTR_NOT_SUPPORTED;
    case VASurfaceAttribMemoryType:
      if (value.type != VAGenericValueTypeInteger) return VA_STATUS_ERROR_INVALID_PARAMETER;
      return static_cast<uint32_t>(value.value.i) == surface_memory_types
                 ? VA_STATUS_SUCCESS
                 : VA_STATUS_ERROR_UNSUPPORTED_MEMORY_TYPE;
    case VASurfaceAttribUsageHint:
      return value.type == VAGenericValueTypeInteger ? VA_STATUS_SUCCESS
                                                     : VA_STATUS_ERROR_INVALID_PARAMETER;
    case VASurfaceAttribExternalBufferDescriptor:
      if (value.type != VAGenericValueTypePointer) return VA_STATUS_ERROR_INVALID_PARAMETER;
      return value.value.p ? VA_STATUS_ERROR_ATTR_NOT_SUPPORTED : VA_STATUS_SUCCESS;
    default:
      return VA_STATUS_ERROR_ATTR_NOT_SUPPORTED;
  }
}

VAStatus create_surface(Display& display, uint32_t width, uint32_t height, VASurfaceID& id) {
  auto core = daedalus::Surface::create(*display.device, PictureFormat::nv12, width, height);
  if (!core) return to_status(core.error());
  auto surface = std::make_shared<Surface>();
  surface->core = std::move(*core);
  surface->width = width;
  surface->height = height;
  id = display.surfaces.insert(std::move(surface));
  return id == VA_INVALID_ID ? VA_STATUS_ERROR_MAX_NUM_EXCEEDED : VA_STATUS_SUCCESS;
}

bool offered_dimension(unsigned dimension) {
  return dimension >= min_dimension && dimension <= max_dimension;
}

}  // namespace

VAStatus create_surfaces(Display& display, int width, int height, int format, int num_surfaces,
                         VASurfaceID* ids) {
  if (width <= 0 || height <= 0 || num_surfaces < 0) return VA_STATUS_ERROR_INVALID_PARAMETER;
  return create_surfaces2(display, static_cast<unsigned>(format), static_cast<unsigned>(width),
                          static_cast<unsigned>(height), ids, static_cast<unsigned>(num_surfaces),
                          nullptr, 0);
}

VAStatus create_surfaces2(Display& display, unsigned format, unsigned width, unsigned height,
                          VASurfaceID* ids, unsigned num_surfaces, VASurfaceAttrib* attributes,
                          unsigned num_attributes) {
  if ((num_surfaces > 0 && !ids) || (num_attributes > 0 && !attributes))
    return VA_STATUS_ERROR_INVALID_PARAMETER;
  if (format != VA_RT_FORMAT_YUV420) return VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT;
  if (!offered_dimension(width) || !offered_dimension(height)) {
    log(LogLevel::info, "refused: surfaces of %ux%u", width, height);
    return VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED;
  }
  for (unsigned i = 0; i < num_attributes; ++i) {
    if (auto status = check_attribute(attributes[i]); status != VA_STATUS_SUCCESS) {
      log(LogLevel::info, "refused: surface attribute %d with value %#x", attributes[i].type,
          static_cast<unsigned>(attributes[i].value.value.i));
      return status;
    }
  }

  std::fill_n(ids, num_surfaces, VA_INVALID_SURFACE);
  for (unsigned i = 0; i < num_surfaces; ++i) {
    const auto status = create_surface(display, width, height, ids[i]);
    if (status == VA_STATUS_SUCCESS) continue;
    for (; i > 0; --i) display.surfaces.remove(std::exchange(ids[i - 1], VA_INVALID_SURFACE));
    return status;
  }
  return VA_STATUS_SUCCESS;
}

// All of them or none. Decoders that work on a surface hold it until they are done.
VAStatus destroy_surfaces(Display& display, VASurfaceID* ids, int num_surfaces) {
  if (num_surfaces < 0 || (num_surfaces > 0 && !ids)) return VA_STATUS_ERROR_INVALID_PARAMETER;
  for (int i = 0; i < num_surfaces; ++i)
    if (!display.surfaces.find(ids[i])) return VA_STATUS_ERROR_INVALID_SURFACE;
  for (int i = 0; i < num_surfaces; ++i) display.surfaces.remove(ids[i]);
  return VA_STATUS_SUCCESS;
}

VAStatus query_surface_attributes(Display& display, VAConfigID config, VASurfaceAttrib* attributes,
                                  unsigned* num_attributes) {
  if (!display.configs.find(config)) return VA_STATUS_ERROR_INVALID_CONFIG;
  if (!num_attributes) return VA_STATUS_ERROR_INVALID_PARAMETER;
  const auto offered = surface_attributes();
  const unsigned room = std::exchange(*num_attributes, static_cast<unsigned>(offered.size()));
  if (!attributes) return VA_STATUS_SUCCESS;
  if (room < offered.size()) return VA_STATUS_ERROR_MAX_NUM_EXCEEDED;
  std::copy(offered.begin(), offered.end(), attributes);
  return VA_STATUS_SUCCESS;
}

VAStatus sync_surface(Display& display, VASurfaceID id) {
  return sync_surface2(display, id, VA_TIMEOUT_INFINITE);
}

VAStatus sync_surface2(Display& display, VASurfaceID id, uint64_t timeout_ns) {
  const auto surface = display.surfaces.find(id);
  if (!surface) return VA_STATUS_ERROR_INVALID_SURFACE;
  const auto longest = std::chrono::nanoseconds::max();
  const auto timeout = timeout_ns < static_cast<uint64_t>(longest.count())
                           ? std::chrono::nanoseconds(timeout_ns)
                           : longest;
  return to_status(surface->core->sync(timeout));
}

VAStatus query_surface_status(Display& display, VASurfaceID id, VASurfaceStatus* status) {
  const auto surface = display.surfaces.find(id);
  if (!surface) return VA_STATUS_ERROR_INVALID_SURFACE;
  if (!status) return VA_STATUS_ERROR_INVALID_PARAMETER;
  *status = surface->core->busy() ? VASurfaceRendering : VASurfaceReady;
  return VA_STATUS_SUCCESS;
}

// A damaged picture is concealed and its vaSyncSurface succeeds, since clients throw away pictures
// whose sync fails. Who wants to know asks here.
VAStatus query_surface_error(Display& display, VASurfaceID id, VAStatus error_status,
                             void** error_info) {
  const auto surface = display.surfaces.find(id);
  if (!surface) return VA_STATUS_ERROR_INVALID_SURFACE;
  if (!error_info || error_status != VA_STATUS_ERROR_DECODING_ERROR)
    return VA_STATUS_ERROR_INVALID_PARAMETER;
  if (surface->core->busy()) return VA_STATUS_ERROR_SURFACE_BUSY;
  const auto damage = surface->core->damage();
  std::lock_guard lock(surface->error_mutex);
  surface->errors.clear();
  for (const auto& range : damage)
    surface->errors.push_back({
        .status = 1,
        .start_mb = range.first_mb,
        .end_mb = range.last_mb,
        .decode_error_type = VADecodeMBError,
        .num_mb = range.last_mb - range.first_mb + 1,
    });
  surface->errors.push_back({.status = -1});
  *error_info = surface->errors.data();
  return VA_STATUS_SUCCESS;
}

VAStatus export_surface_handle(Display& display, VASurfaceID id, uint32_t, uint32_t,
                               void* descriptor) {
  if (!display.surfaces.find(id)) return VA_STATUS_ERROR_INVALID_SURFACE;
  if (!descriptor) return VA_STATUS_ERROR_INVALID_PARAMETER;
  return VA_STATUS_ERROR_UNSUPPORTED_MEMORY_TYPE;
}

}  // namespace daedalus::va
