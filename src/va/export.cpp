// SPDX-License-Identifier: MIT
#include "va/export.h"

#include <drm_fourcc.h>
#include <va/va_drmcommon.h>

#include <algorithm>
#include <bit>

#include "va/current_device.h"
#include "va/display_objects.h"
#include "va/dma_buf.h"
#include "va/planes.h"
#include "va/status.h"
#include "va/surface.h"

namespace daedalus::va {

namespace {

struct Layer {
  uint32_t drm_format;
  uint32_t num_planes;
  PlaneList planes;
};
using Layers = std::array<Layer, max_planes>;

// The format of one plane of a picture with several.
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
  descriptor.objects[0].size = std::max(dma_buf_size(fd), layout.size);
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

// Pictures before the first export added no fence to the dma-buf, so this waits for them. For later
// ones a client waits for the fence or calls vaSyncSurface, as VA-API demands.
VAStatus export_surface_handle(Display& display, VASurfaceID id, uint32_t memory_type,
                               uint32_t flags, void* descriptor) {
  const auto surface = display.surfaces.find(id);
  if (!surface) return VA_STATUS_ERROR_INVALID_SURFACE;
  if (!descriptor) return VA_STATUS_ERROR_INVALID_PARAMETER;
  constexpr uint32_t handles = VA_SURFACE_ATTRIB_MEM_TYPE_VA | VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME;
  const auto device = display.device->get();
  if (!device) return to_status(device.error());
  // There are several kinds of descriptors: the client says which it wants.
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
