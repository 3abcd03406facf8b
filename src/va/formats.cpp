// SPDX-License-Identifier: MIT
#include "va/formats.h"

#include <drm_fourcc.h>
#include <va/va_drmcommon.h>

#include <algorithm>

namespace daedalus::va {

namespace {

// DRM names formats by the order in a word, VA by the order in memory.
constexpr SurfaceFormat yuv(uint32_t fourcc, uint32_t rt_format, PictureFormat picture,
                            uint32_t drm_format, bool decoded) {
  return {fourcc, rt_format, picture, drm_format, decoded};
}
constexpr SurfaceFormat rgb(uint32_t fourcc, PictureFormat picture, uint32_t drm_format) {
  return {fourcc, VA_RT_FORMAT_RGB32, picture, drm_format, false};
}

constexpr std::array surface_format_list = {
    yuv(VA_FOURCC_NV12, VA_RT_FORMAT_YUV420, PictureFormat::nv12, DRM_FORMAT_NV12, true),
    yuv(VA_FOURCC_P010, VA_RT_FORMAT_YUV420_10, PictureFormat::p010, DRM_FORMAT_P010, true),
    yuv(VA_FOURCC_I420, VA_RT_FORMAT_YUV420, PictureFormat::i420, DRM_FORMAT_YUV420, false),
    yuv(VA_FOURCC_YV12, VA_RT_FORMAT_YUV420, PictureFormat::i420, DRM_FORMAT_YVU420, false),
    yuv(VA_FOURCC_YUY2, VA_RT_FORMAT_YUV422, PictureFormat::yuy2, DRM_FORMAT_YUYV, false),
    yuv(VA_FOURCC_UYVY, VA_RT_FORMAT_YUV422, PictureFormat::uyvy, DRM_FORMAT_UYVY, false),
    rgb(VA_FOURCC_BGRA, PictureFormat::bgra, DRM_FORMAT_ARGB8888),
    rgb(VA_FOURCC_BGRX, PictureFormat::bgra, DRM_FORMAT_XRGB8888),
    rgb(VA_FOURCC_RGBA, PictureFormat::rgba, DRM_FORMAT_ABGR8888),
    rgb(VA_FOURCC_RGBX, PictureFormat::rgba, DRM_FORMAT_XBGR8888),
};

constexpr VAImageFormat yuv_image(uint32_t fourcc, uint32_t bits_per_pixel) {
  return {.fourcc = fourcc, .byte_order = VA_LSB_FIRST, .bits_per_pixel = bits_per_pixel};
}

// Masks apply to a sample as a little-endian word.
constexpr VAImageFormat rgb_image(uint32_t fourcc, uint32_t red, uint32_t blue, uint32_t alpha) {
  return {.fourcc = fourcc,
          .byte_order = VA_LSB_FIRST,
          .bits_per_pixel = 32,
          .depth = alpha ? 32u : 24u,
          .red_mask = red,
          .green_mask = 0x0000ff00,
          .blue_mask = blue,
          .alpha_mask = alpha};
}

constexpr std::array image_format_list = {
    yuv_image(VA_FOURCC_NV12, 12),
    yuv_image(VA_FOURCC_P010, 24),
    yuv_image(VA_FOURCC_I420, 12),
    yuv_image(VA_FOURCC_YV12, 12),
    yuv_image(VA_FOURCC_YUY2, 16),
    yuv_image(VA_FOURCC_UYVY, 16),
    rgb_image(VA_FOURCC_BGRA, 0x00ff0000, 0x000000ff, 0xff000000),
    rgb_image(VA_FOURCC_BGRX, 0x00ff0000, 0x000000ff, 0),
    rgb_image(VA_FOURCC_RGBA, 0x000000ff, 0x00ff0000, 0xff000000),
    rgb_image(VA_FOURCC_RGBX, 0x000000ff, 0x00ff0000, 0),
};

}  // namespace

std::span<const SurfaceFormat> surface_formats() {
  return surface_format_list;
}

const SurfaceFormat* find_surface_format(uint32_t fourcc) {
  const auto found = std::find_if(surface_format_list.begin(), surface_format_list.end(),
                                  [&](const auto& format) { return format.fourcc == fourcc; });
  return found == surface_format_list.end() ? nullptr : &*found;
}

const SurfaceFormat* default_surface_format(uint32_t rt_format) {
  if (rt_format == VA_RT_FORMAT_YUV400) rt_format = VA_RT_FORMAT_YUV420;
  const auto found =
      std::find_if(surface_format_list.begin(), surface_format_list.end(),
                   [&](const auto& format) { return format.rt_format == rt_format; });
  return found == surface_format_list.end() ? nullptr : &*found;
}

std::span<const VAImageFormat> image_formats() {
  return image_format_list;
}

const VAImageFormat* find_image_format(uint32_t fourcc) {
  const auto found = std::find_if(image_format_list.begin(), image_format_list.end(),
                                  [&](const auto& format) { return format.fourcc == fourcc; });
  return found == image_format_list.end() ? nullptr : &*found;
}

uint32_t surface_memory_types(const Device& device) {
  uint32_t types = VA_SURFACE_ATTRIB_MEM_TYPE_VA;
  if (!device.shares_dma_bufs()) return types;
  types |= VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME | VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME_2;
#ifdef VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME_3
  types |= VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME_3;
#endif
  return types;
}

}  // namespace daedalus::va
