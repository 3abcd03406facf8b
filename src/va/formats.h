// SPDX-License-Identifier: MIT
// Formats, sizes and memory types that surfaces and images may have.
#pragma once

#include <va/va.h>

#include <span>

#include "daedalus/device.h"

namespace daedalus::va {

// A format that surfaces may have.
struct SurfaceFormat {
  uint32_t fourcc;
  uint32_t rt_format;
  PictureFormat picture;
  uint32_t drm_format;  // of the whole surface
  bool decoded;         // decoders write it
};

// Clients that name no fourcc get the first entry of their rt_format. Monochrome surfaces, YUV400,
// are NV12 with chroma samples of 128.
std::span<const SurfaceFormat> surface_formats();
const SurfaceFormat* find_surface_format(uint32_t fourcc);
const SurfaceFormat* default_surface_format(uint32_t rt_format);

std::span<const VAImageFormat> image_formats();
const VAImageFormat* find_image_format(uint32_t fourcc);

// Memory types that surfaces may have, VA_SURFACE_ATTRIB_MEM_TYPE_*.
uint32_t surface_memory_types(const Device& device);

}  // namespace daedalus::va
