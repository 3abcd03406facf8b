// SPDX-License-Identifier: MIT
#include "va/surface.h"

#include <va/va_drmcommon.h>

#include <algorithm>
#include <bit>
#include <new>

#include "daedalus/log.h"
#include "va/current_device.h"
#include "va/display_objects.h"
#include "va/dma_buf.h"
#include "va/formats.h"
#include "va/names.h"
#include "va/status.h"

namespace daedalus::va {

namespace {

// What the attributes of vaCreateSurfaces request.
struct Request {
  std::shared_ptr<Device> device;
  const SurfaceFormat* format = nullptr;
  uint32_t memory_type = VA_SURFACE_ATTRIB_MEM_TYPE_VA;
  const void* descriptor = nullptr;  // of the client's memory
};

VAStatus take_integer(const VASurfaceAttrib& attribute, Request& request) {
  if (attribute.value.type != VAGenericValueTypeInteger) return VA_STATUS_ERROR_INVALID_PARAMETER;
  const auto value = static_cast<uint32_t>(attribute.value.value.i);
  switch (attribute.type) {
    case VASurfaceAttribPixelFormat:  // takes precedence over the call's own format
      if (const auto* format = find_surface_format(value)) {
        request.format = format;
        return VA_STATUS_SUCCESS;
      }
      return VA_STATUS_ERROR_ATTR_NOT_SUPPORTED;
    case VASurfaceAttribMemoryType:
      if (!std::has_single_bit(value) || !(value & surface_memory_types(*request.device)))
        return VA_STATUS_ERROR_UNSUPPORTED_MEMORY_TYPE;
      request.memory_type = value;
      return VA_STATUS_SUCCESS;
    case VASurfaceAttribUsageHint:
      return VA_STATUS_SUCCESS;  // the memory suits all uses
    default:
      return VA_STATUS_ERROR_ATTR_NOT_SUPPORTED;
  }
}

VAStatus take_pointer(const VASurfaceAttrib& attribute, Request& request) {
  if (attribute.value.type != VAGenericValueTypePointer) return VA_STATUS_ERROR_INVALID_PARAMETER;
  const void* pointer = attribute.value.value.p;
  if (attribute.type == VASurfaceAttribExternalBufferDescriptor) {
    request.descriptor = pointer;
    return VA_STATUS_SUCCESS;
  }
  if (!pointer) return VA_STATUS_ERROR_INVALID_PARAMETER;
  return holds_linear(pointer) ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_ATTR_NOT_SUPPORTED;
}

VAStatus take(const VASurfaceAttrib& attribute, Request& request) {
  if (!(attribute.flags & VA_SURFACE_ATTRIB_SETTABLE)) return VA_STATUS_SUCCESS;
  const bool pointer = attribute.type == VASurfaceAttribExternalBufferDescriptor ||
                       attribute.type == VASurfaceAttribDRMFormatModifiers;
  const auto status = pointer ? take_pointer(attribute, request) : take_integer(attribute, request);
  if (status != VA_STATUS_SUCCESS)
    log(LogLevel::info, "refused: surfaces with %s", surface_attribute_text(attribute).c_str());
  return status;
}

VAStatus insert(Display& display, std::shared_ptr<daedalus::Surface> core,
                const SurfaceFormat& format, uint32_t width, uint32_t height, VASurfaceID& id) {
  auto surface = std::make_shared<Surface>();
  surface->core = std::move(core);
  surface->format = &format;
  surface->width = width;
  surface->height = height;
  id = display.surfaces.insert(std::move(surface));
  return id == VA_INVALID_ID ? VA_STATUS_ERROR_MAX_NUM_EXCEEDED : VA_STATUS_SUCCESS;
}

VAStatus create_surface(Display& display, const Request& request, uint32_t width, uint32_t height,
                        VASurfaceID& id) {
  auto core = daedalus::Surface::create(*request.device, request.format->picture, width, height);
  if (!core) return to_status(core.error());
  return insert(display, std::move(*core), *request.format, width, height, id);
}

// A surface may be smaller than the client's memory for it.
VAStatus import_surface(Display& display, const Request& request, uint32_t width, uint32_t height,
                        unsigned index, unsigned num_surfaces, VASurfaceID& id) {
  ClientMemory memory;
  if (auto status =
          read_descriptor(request.memory_type, request.descriptor, index, num_surfaces, memory);
      status != VA_STATUS_SUCCESS)
    return status;
  if (memory.format->rt_format != request.format->rt_format || memory.width < width ||
      memory.height < height)
    return VA_STATUS_ERROR_INVALID_PARAMETER;
  auto core = daedalus::Surface::import(*request.device, memory.fd, memory.layout);
  if (!core) {
    log(LogLevel::info,
        "refused: a surface in a client's memory: %ux%u, pitch %u, second plane at %u, %u bytes",
        memory.width, memory.height, memory.layout.pitch, memory.layout.chroma_offset,
        memory.layout.size);
    return to_status(core.error());
  }
  return insert(display, std::move(*core), *memory.format, width, height, id);
}

// On failure, out of memory included, the caller destroys those already created.
VAStatus create_one(Display& display, const Request& request, uint32_t width, uint32_t height,
                    unsigned index, unsigned num_surfaces, VASurfaceID& id) noexcept {
  try {
    return request.descriptor
               ? import_surface(display, request, width, height, index, num_surfaces, id)
               : create_surface(display, request, width, height, id);
  } catch (const std::bad_alloc&) {
    return VA_STATUS_ERROR_ALLOCATION_FAILED;
  }
}

// Decoders may need a larger size, and say so in their configs.
bool fits(const Request& request, unsigned width, unsigned height) {
  const auto most = request.device->max_picture_size(request.format->picture);
  return width > 0 && height > 0 && width <= most.width && height <= most.height;
}

}  // namespace

Outcome too_large(uint32_t width, uint32_t height, const Surface& target) {
  const auto size = [](uint32_t columns, uint32_t rows) {
    return std::to_string(columns) + "x" + std::to_string(rows);
  };
  return {VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED,
          size(width, height) + " samples for a surface of " + size(target.width, target.height)};
}

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
  Request request;
  request.format = default_surface_format(format);
  if (!request.format) {
    log(LogLevel::info, "refused: surfaces of format %s", rt_format_names(format).c_str());
    return VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT;
  }
  auto device = display.device->get();
  if (!device) return to_status(device.error());
  request.device = std::move(*device);
  for (unsigned i = 0; i < num_attributes; ++i) {
    if (auto status = take(attributes[i], request); status != VA_STATUS_SUCCESS) return status;
  }
  if (!fits(request, width, height)) {
    log(LogLevel::info, "refused: surfaces of %ux%u", width, height);
    return VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED;
  }

  std::fill_n(ids, num_surfaces, VA_INVALID_SURFACE);
  for (unsigned i = 0; i < num_surfaces; ++i) {
    const auto status = create_one(display, request, width, height, i, num_surfaces, ids[i]);
    if (status == VA_STATUS_SUCCESS) continue;
    for (; i > 0; --i) display.surfaces.remove(std::exchange(ids[i - 1], VA_INVALID_SURFACE));
    return status;
  }
  return VA_STATUS_SUCCESS;
}

// Removes all or none. Decoders that work on a surface keep it alive until they are done.
VAStatus destroy_surfaces(Display& display, VASurfaceID* ids, int num_surfaces) {
  if (num_surfaces < 0 || (num_surfaces > 0 && !ids)) return VA_STATUS_ERROR_INVALID_PARAMETER;
  for (int i = 0; i < num_surfaces; ++i)
    if (!display.surfaces.find(ids[i])) return VA_STATUS_ERROR_INVALID_SURFACE;
  for (int i = 0; i < num_surfaces; ++i) display.surfaces.remove(ids[i]);
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

// A damaged picture is concealed and its vaSyncSurface succeeds, because clients throw away
// pictures whose sync fails. Clients that need to know ask here.
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
        .start_mb = range.first,
        .end_mb = range.last,
        .decode_error_type = VADecodeMBError,
        .num_mb = range.last - range.first + 1,
    });
  surface->errors.push_back({.status = -1});
  *error_info = surface->errors.data();
  return VA_STATUS_SUCCESS;
}

}  // namespace daedalus::va
