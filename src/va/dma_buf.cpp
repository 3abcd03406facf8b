#include "va/dma_buf.h"

#include <drm_fourcc.h>
#include <unistd.h>
#include <va/va_drmcommon.h>

#include <algorithm>
#include <bit>
#include <limits>

#include "daedalus/log.h"
#include "va/current_device.h"
#include "va/display_objects.h"
#include "va/planes.h"
#include "va/status.h"

namespace daedalus::va {

namespace {

constexpr uint32_t max_object_size = std::numeric_limits<uint32_t>::max();

uint32_t object_size(int fd) {
  const off_t size = lseek(fd, 0, SEEK_END);
  return static_cast<uint32_t>(std::clamp<off_t>(size, 0, max_object_size));
}

VAStatus refuse(const char* reason) {
  log(LogLevel::info, "refused: a surface in a client's memory: %s", reason);
  return VA_STATUS_ERROR_INVALID_PARAMETER;
}

VAStatus lay_out(const PlaneList& planes, ClientMemory& memory) {
  PictureLayout& layout = memory.layout;
  layout = {};
  layout.width = memory.width;
  layout.height = memory.height;
  layout.size = object_size(memory.fd);
  return take_planes(*memory.format, planes, layout)
             ? VA_STATUS_SUCCESS
             : refuse("its first plane is not at its beginning, or the pitches differ");
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
  PlaneList planes;
  for (std::size_t i = 0; i < planes.size(); ++i)
    planes[i] = {buffers.offsets[i], buffers.pitches[i]};
  return lay_out(planes, memory);
}

// All in one layer, or each in one of its own.
template <typename Descriptor>
VAStatus collect_planes(const Descriptor& descriptor, const SurfaceFormat& format,
                        PlaneList& planes) {
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
  PlaneList planes = {};
  if (auto status = collect_planes(descriptor, *memory.format, planes); status != VA_STATUS_SUCCESS)
    return status;
  return lay_out(planes, memory);
}

struct Layer {
  uint32_t drm_format;
  uint32_t num_planes;
  PlaneList planes;
};
using Layers = std::array<Layer, max_planes>;

// Of a plane of a picture that has several.
uint32_t plane_drm_format(const FormatTraits& traits, uint32_t plane) {
  const bool pairs = traits.planes == 2 && plane == 1;
  if (traits.sample_bytes == 2) return pairs ? DRM_FORMAT_GR1616 : DRM_FORMAT_R16;
  return pairs ? DRM_FORMAT_GR88 : DRM_FORMAT_R8;
}

uint32_t layers_of(const Surface& surface, const PictureLayout& layout, bool separate,
                   Layers& layers) {
  const PlaneList planes = planes_of(*surface.format, layout);
  const FormatTraits traits = traits_of(layout.format);
  if (traits.planes == 1 || !separate) {
    layers[0] = {surface.format->drm_format, traits.planes, planes};
    return 1;
  }
  for (uint32_t i = 0; i < traits.planes; ++i)
    layers[i] = {plane_drm_format(traits, i), 1, {planes[i]}};
  return traits.planes;
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
  Layers layers = {};
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
  // The descriptor is one of several kinds: the client says which.
  if (!std::has_single_bit(memory_type) ||
      !(memory_type & surface_memory_types(**device) & ~handles))
    return VA_STATUS_ERROR_UNSUPPORTED_MEMORY_TYPE;
  auto& picture = surface->core->picture();
  const auto fd = surface->core->export_dma_buf();
  if (!fd && fd.error() == Error::unsupported) return VA_STATUS_ERROR_UNSUPPORTED_MEMORY_TYPE;
  if (!fd) return to_status(fd.error());
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
