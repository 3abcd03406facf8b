#include "va/capabilities.h"

#include <drm_fourcc.h>
#include <va/va_drmcommon.h>

#include <algorithm>

namespace daedalus::va {

namespace {

constexpr std::array decode_attributes = {
    VAConfigAttrib{VAConfigAttribRTFormat, VA_RT_FORMAT_YUV420},
    VAConfigAttrib{VAConfigAttribDecSliceMode, VA_DEC_SLICE_MODE_NORMAL},
    VAConfigAttrib{VAConfigAttribDecProcessing, VA_DEC_PROCESSING_NONE},
    VAConfigAttrib{VAConfigAttribMaxPictureWidth, max_dimension},
    VAConfigAttrib{VAConfigAttribMaxPictureHeight, max_dimension},
};

constexpr std::array process_attributes = {
    VAConfigAttrib{VAConfigAttribRTFormat, VA_RT_FORMAT_YUV420 | VA_RT_FORMAT_RGB32},
    VAConfigAttrib{VAConfigAttribMaxPictureWidth, max_dimension},
    VAConfigAttrib{VAConfigAttribMaxPictureHeight, max_dimension},
};
static_assert(decode_attributes.size() <= max_config_attributes &&
              process_attributes.size() <= max_config_attributes);

// DRM names formats by their word, VA by their bytes.
constexpr std::array surface_format_list = {
    SurfaceFormat{VA_FOURCC_NV12, VA_RT_FORMAT_YUV420, PictureFormat::nv12, DRM_FORMAT_NV12},
    SurfaceFormat{VA_FOURCC_BGRA, VA_RT_FORMAT_RGB32, PictureFormat::bgra, DRM_FORMAT_ARGB8888},
    SurfaceFormat{VA_FOURCC_BGRX, VA_RT_FORMAT_RGB32, PictureFormat::bgra, DRM_FORMAT_XRGB8888},
    SurfaceFormat{VA_FOURCC_RGBA, VA_RT_FORMAT_RGB32, PictureFormat::rgba, DRM_FORMAT_ABGR8888},
    SurfaceFormat{VA_FOURCC_RGBX, VA_RT_FORMAT_RGB32, PictureFormat::rgba, DRM_FORMAT_XBGR8888},
};

constexpr VAImageFormat yuv_image(uint32_t fourcc) {
  return {.fourcc = fourcc, .byte_order = VA_LSB_FIRST, .bits_per_pixel = 12};
}

// Masks are those of a sample as a little-endian word.
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
    yuv_image(VA_FOURCC_NV12),
    yuv_image(VA_FOURCC_I420),
    yuv_image(VA_FOURCC_YV12),
    rgb_image(VA_FOURCC_BGRA, 0x00ff0000, 0x000000ff, 0xff000000),
    rgb_image(VA_FOURCC_BGRX, 0x00ff0000, 0x000000ff, 0),
    rgb_image(VA_FOURCC_RGBA, 0x000000ff, 0x00ff0000, 0xff000000),
    rgb_image(VA_FOURCC_RGBX, 0x000000ff, 0x00ff0000, 0),
};

}  // namespace

std::span<const VAConfigAttrib> config_attributes(VAEntrypoint entrypoint) {
  if (entrypoint == VAEntrypointVideoProc) return process_attributes;
  return decode_attributes;
}

std::span<const SurfaceFormat> surface_formats() {
  return surface_format_list;
}

const SurfaceFormat* find_surface_format(uint32_t fourcc) {
  const auto found = std::find_if(surface_format_list.begin(), surface_format_list.end(),
                                  [&](const auto& format) { return format.fourcc == fourcc; });
  return found == surface_format_list.end() ? nullptr : &*found;
}

const SurfaceFormat* default_surface_format(uint32_t rt_format) {
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

VAStatus check_offered(VAProfile profile, VAEntrypoint entrypoint) {
  const auto same_profile = [&](const Offer& offer) { return offer.profile == profile; };
  const auto same = [&](const Offer& offer) {
    return same_profile(offer) && offer.entrypoint == entrypoint;
  };
  if (std::any_of(offers.begin(), offers.end(), same)) return VA_STATUS_SUCCESS;
  return std::any_of(offers.begin(), offers.end(), same_profile)
             ? VA_STATUS_ERROR_UNSUPPORTED_ENTRYPOINT
             : VA_STATUS_ERROR_UNSUPPORTED_PROFILE;
}

uint32_t config_attribute(VAEntrypoint entrypoint, VAConfigAttribType type) {
  for (const auto& attribute : config_attributes(entrypoint))
    if (attribute.type == type) return attribute.value;
  return VA_ATTRIB_NOT_SUPPORTED;
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

namespace {

VASurfaceAttrib integer(VASurfaceAttribType type, uint32_t flags, uint32_t value) {
  VASurfaceAttrib attribute{.type = type, .flags = flags};
  attribute.value.type = VAGenericValueTypeInteger;
  attribute.value.value.i = static_cast<int>(value);
  return attribute;
}

VASurfaceAttrib settable_pointer(VASurfaceAttribType type) {
  VASurfaceAttrib attribute{.type = type, .flags = VA_SURFACE_ATTRIB_SETTABLE};
  attribute.value.type = VAGenericValueTypePointer;
  return attribute;
}

}  // namespace

std::vector<VASurfaceAttrib> surface_attributes(VAEntrypoint entrypoint, const Device& device) {
  constexpr uint32_t get = VA_SURFACE_ATTRIB_GETTABLE;
  constexpr uint32_t get_set = VA_SURFACE_ATTRIB_GETTABLE | VA_SURFACE_ATTRIB_SETTABLE;
  std::vector<VASurfaceAttrib> attributes;
  for (const auto& format : surface_format_list)
    if (format.rt_format & config_attribute(entrypoint, VAConfigAttribRTFormat))
      attributes.push_back(integer(VASurfaceAttribPixelFormat, get_set, format.fourcc));
  attributes.push_back(integer(VASurfaceAttribMinWidth, get, min_dimension));
  attributes.push_back(integer(VASurfaceAttribMaxWidth, get, max_dimension));
  attributes.push_back(integer(VASurfaceAttribMinHeight, get, min_dimension));
  attributes.push_back(integer(VASurfaceAttribMaxHeight, get, max_dimension));
  attributes.push_back(integer(VASurfaceAttribMemoryType, get_set, surface_memory_types(device)));
  if (device.shares_dma_bufs()) {
    attributes.push_back(settable_pointer(VASurfaceAttribExternalBufferDescriptor));
    attributes.push_back(settable_pointer(VASurfaceAttribDRMFormatModifiers));
  }
  return attributes;
}

}  // namespace daedalus::va
