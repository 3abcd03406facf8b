#include "va/dma_buf.h"

#include <drm_fourcc.h>
#include <unistd.h>
#include <va/va_drmcommon.h>

#include <algorithm>
#include <limits>

#include "daedalus/log.h"
#include "va/current_device.h"
#include "va/display_objects.h"
#include "va/status.h"

namespace daedalus::va {

namespace {

constexpr uint32_t max_object_size = std::numeric_limits<uint32_t>::max();

uint32_t object_size(int fd) {
  const off_t size = lseek(fd, 0, SEEK_END);
  return static_cast<uint32_t>(std::clamp<off_t>(size, 0, max_object_size));
}

struct PlaneAt {
  uint32_t offset, pitch;
};

uint32_t plane_count(const SurfaceFormat& format) {
  return format.picture == PictureFormat::nv12 ? 2 : 1;
}

VAStatus refuse(const char* reason) {
  log(LogLevel::info, "refused: a surface in a client's memory: %s", reason);
  return VA_STATUS_ERROR_INVALID_PARAMETER;
}

VAStatus lay_out(const PlaneAt* planes, ClientMemory& memory) {
  if (planes[0].offset != 0) return refuse("its first plane is not at its beginning");
  PictureLayout& layout = memory.layout;
  layout = {};
  layout.format = memory.format->picture;
  layout.width = memory.width;
  layout.height = memory.height;
  layout.pitch = planes[0].pitch;
  layout.size = object_size(memory.fd);
  if (layout.format != PictureFormat::nv12) return VA_STATUS_SUCCESS;
  if (planes[1].pitch != layout.pitch) return refuse("its planes have different pitches");
  layout.chroma_offset = planes[1].offset;
  return VA_STATUS_SUCCESS;
}

VAStatus read(const VASurfaceAttribExternalBuffers& buffers, unsigned index, ClientMemory& memory) {
  if (index >= buffers.num_buffers || !buffers.buffers) return refuse("there is no buffer for it");
  if (buffers.flags & VA_SURFACE_EXTBUF_DESC_ENABLE_TILING) return refuse("it is tiled");
  memory.format = find_surface_format(buffers.pixel_format);
  if (!memory.format) return VA_STATUS_ERROR_INVALID_IMAGE_FORMAT;
  if (buffers.num_planes != plane_count(*memory.format)) return refuse("its number of planes");
  memory.width = buffers.width;
  memory.height = buffers.height;
  memory.fd = static_cast<int>(buffers.buffers[index]);
  const PlaneAt planes[] = {{buffers.offsets[0], buffers.pitches[0]},
                            {buffers.offsets[1], buffers.pitches[1]}};
  return lay_out(planes, memory);
}

// Both in one layer, or each in one of its own.
template <typename Descriptor>
VAStatus collect_planes(const Descriptor& descriptor, const SurfaceFormat& format,
                        PlaneAt (&planes)[2]) {
  const uint32_t wanted = plane_count(format);
  uint32_t count = 0;
  if (descriptor.num_layers > wanted) return refuse("its number of layers");
  for (uint32_t i = 0; i < descriptor.num_layers; ++i) {
    const auto& layer = descriptor.layers[i];
    for (uint32_t plane = 0; plane < layer.num_planes; ++plane) {
      if (count == wanted || layer.object_index[plane] != 0) return refuse("its planes");
      planes[count++] = {layer.offset[plane], layer.pitch[plane]};
    }
  }
  return count == wanted ? VA_STATUS_SUCCESS : refuse("its number of planes");
}

template <typename Descriptor>
VAStatus read(const Descriptor& descriptor, ClientMemory& memory) {
  memory.format = find_surface_format(descriptor.fourcc);
  if (!memory.format) return VA_STATUS_ERROR_INVALID_IMAGE_FORMAT;
  if (descriptor.num_objects != 1) return refuse("it is in more than one object");
  if (descriptor.objects[0].drm_format_modifier != DRM_FORMAT_MOD_LINEAR)
    return refuse("its modifier is not DRM_FORMAT_MOD_LINEAR");
  memory.width = descriptor.width;
  memory.height = descriptor.height;
  memory.fd = descriptor.objects[0].fd;
  PlaneAt planes[2] = {};
  if (auto status = collect_planes(descriptor, *memory.format, planes); status != VA_STATUS_SUCCESS)
    return status;
  return lay_out(planes, memory);
}

struct Layer {
  uint32_t drm_format;
  uint32_t num_planes;
  PlaneAt planes[2];
};

uint32_t layers_of(const Surface& surface, const PictureLayout& layout, bool separate,
                   Layer (&layers)[2]) {
  const PlaneAt first{0, layout.pitch}, second{layout.chroma_offset, layout.pitch};
  const uint32_t planes = plane_count(*surface.format);
  if (planes == 1 || !separate) {
    layers[0] = {surface.format->drm_format, planes, {first, second}};
    return 1;
  }
  layers[0] = {DRM_FORMAT_R8, 1, {first}};
  layers[1] = {DRM_FORMAT_GR88, 1, {second}};
  return 2;
}

template <typename Descriptor>
void describe(const Surface& surface, const PictureLayout& layout, int fd, bool separate,
              Descriptor& descriptor) {
  descriptor = {};
  descriptor.fourcc = surface.format->fourcc;
  descriptor.width = surface.width;
  descriptor.height = surface.height;
  descriptor.num_objects = 1;
  descriptor.objects[0].fd = fd;
  descriptor.objects[0].size = std::max(object_size(fd), layout.size);
  descriptor.objects[0].drm_format_modifier = DRM_FORMAT_MOD_LINEAR;
  Layer layers[2];
  descriptor.num_layers = layers_of(surface, layout, separate, layers);
  for (uint32_t i = 0; i < descriptor.num_layers; ++i) {
    descriptor.layers[i].drm_format = layers[i].drm_format;
    descriptor.layers[i].num_planes = layers[i].num_planes;
    for (uint32_t plane = 0; plane < layers[i].num_planes; ++plane) {
      descriptor.layers[i].offset[plane] = layers[i].planes[plane].offset;
      descriptor.layers[i].pitch[plane] = layers[i].planes[plane].pitch;
    }
  }
}

}  // namespace

VAStatus read_descriptor(uint32_t memory_type, const void* descriptor, unsigned index,
                         unsigned num_surfaces, ClientMemory& memory) {
  if (memory_type == VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME)
    return read(*static_cast<const VASurfaceAttribExternalBuffers*>(descriptor), index, memory);
  if (num_surfaces != 1) return refuse("one descriptor for several surfaces");
  if (memory_type == VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME_2)
    return read(*static_cast<const VADRMPRIMESurfaceDescriptor*>(descriptor), memory);
#ifdef VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME_3
  if (memory_type == VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME_3)
    return read(*static_cast<const VADRMPRIME3SurfaceDescriptor*>(descriptor), memory);
#endif
  return VA_STATUS_ERROR_UNSUPPORTED_MEMORY_TYPE;
}

bool holds_linear(const void* modifier_list) {
  const auto& list = *static_cast<const VADRMFormatModifierList*>(modifier_list);
  return list.modifiers && std::find(list.modifiers, list.modifiers + list.num_modifiers,
                                     DRM_FORMAT_MOD_LINEAR) != list.modifiers + list.num_modifiers;
}

// The dma-buf carries no fence: what was handed to decoders is waited for here. A client that keeps
// it over several pictures calls vaSyncSurface, as VA-API demands, or had it before the first one.
VAStatus export_surface_handle(Display& display, VASurfaceID id, uint32_t memory_type,
                               uint32_t flags, void* descriptor) {
  const auto surface = display.surfaces.find(id);
  if (!surface) return VA_STATUS_ERROR_INVALID_SURFACE;
  if (!descriptor) return VA_STATUS_ERROR_INVALID_PARAMETER;
  constexpr uint32_t handles = VA_SURFACE_ATTRIB_MEM_TYPE_VA | VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME;
  const auto device = display.device->get();
  if (!device) return to_status(device.error());
  if (!(memory_type & surface_memory_types(**device) & ~handles))
    return VA_STATUS_ERROR_UNSUPPORTED_MEMORY_TYPE;
  if (auto done = surface->core->sync(std::chrono::nanoseconds::max()); !done)
    return to_status(done.error());

  auto& picture = surface->core->picture();
  const auto fd = picture.export_dma_buf();
  if (!fd && fd.error() == Error::unsupported) return VA_STATUS_ERROR_UNSUPPORTED_MEMORY_TYPE;
  if (!fd) return to_status(fd.error());
  if (!surface->begun) surface->read_without_sync = true;
  const bool separate = !(flags & VA_EXPORT_SURFACE_COMPOSED_LAYERS);
#ifdef VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME_3
  if (memory_type == VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME_3) {
    describe(*surface, picture.layout(), *fd, separate,
             *static_cast<VADRMPRIME3SurfaceDescriptor*>(descriptor));
    return VA_STATUS_SUCCESS;
  }
#endif
  describe(*surface, picture.layout(), *fd, separate,
           *static_cast<VADRMPRIMESurfaceDescriptor*>(descriptor));
  return VA_STATUS_SUCCESS;
}

}  // namespace daedalus::va
