// SPDX-License-Identifier: MIT
#include "va/planes.h"

#include <utility>

namespace daedalus::va {

uint32_t plane_count(const SurfaceFormat& format) {
  return traits_of(format.picture).planes;
}

PlaneList planes_of(const SurfaceFormat& format, const PictureLayout& layout) {
  const bool planar = plane_count(format) == 3;
  PlaneList planes = {{
      {0, layout.pitch},
      {layout.chroma_offset, planar ? layout.pitch / 2 : layout.pitch},
      {layout.cr_offset, layout.pitch / 2},
  }};
  if (format.fourcc == VA_FOURCC_YV12) std::swap(planes[1], planes[2]);
  return planes;
}

bool take_planes(const SurfaceFormat& format, const PlaneList& planes, PictureLayout& layout) {
  layout.format = format.picture;
  layout.pitch = planes[0].pitch;
  const uint32_t count = plane_count(format);
  if (count > 1) layout.chroma_offset = planes[1].offset;
  if (count > 2) layout.cr_offset = planes[2].offset;
  if (format.fourcc == VA_FOURCC_YV12) std::swap(layout.chroma_offset, layout.cr_offset);
  const uint32_t chroma_pitch = count == 3 ? layout.pitch / 2 : layout.pitch;
  for (uint32_t i = 0; i < count; ++i)
    if (planes[i].pitch != (i == 0 ? layout.pitch : chroma_pitch)) return false;
  return planes[0].offset == 0;
}

}  // namespace daedalus::va
