// SPDX-License-Identifier: MIT
#include "va/dma_buf.h"

#include <drm_fourcc.h>
#include <unistd.h>
#include <va/va_drmcommon.h>

#include <algorithm>
#include <limits>

#include "daedalus/log.h"
#include "va/planes.h"

namespace daedalus::va {

namespace {

VAStatus refuse(const char* reason) {
  log(LogLevel::info, "refused: a surface in a client's memory: %s", reason);
  return VA_STATUS_ERROR_INVALID_PARAMETER;
}

VAStatus lay_out(const PlaneList& planes, ClientMemory& memory) {
  PictureLayout& layout = memory.layout;
  layout = {};
  layout.width = memory.width;
  layout.height = memory.height;
  layout.size = dma_buf_size(memory.fd);
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

// All planes in one layer, or each in its own.
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

}  // namespace

uint32_t dma_buf_size(int fd) {
  constexpr off_t most = std::numeric_limits<uint32_t>::max();
  return static_cast<uint32_t>(std::clamp<off_t>(lseek(fd, 0, SEEK_END), 0, most));
}

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

}  // namespace daedalus::va
