// What the driver offers: the one place that says so.
#pragma once

#include <va/va.h>

#include <array>
#include <span>
#include <vector>

#include "daedalus/device.h"

namespace daedalus::va {

inline constexpr int min_dimension = 16;
inline constexpr int max_dimension = 4096;

struct Offer {
  VAProfile profile;
  VAEntrypoint entrypoint;
};

inline constexpr std::array offers = {
    Offer{VAProfileNone, VAEntrypointVideoProc},
    Offer{VAProfileH264ConstrainedBaseline, VAEntrypointVLD},
    Offer{VAProfileH264Main, VAEntrypointVLD},
    Offer{VAProfileH264High, VAEntrypointVLD},
};

// Of a config of this entry point; constant.
std::span<const VAConfigAttrib> config_attributes(VAEntrypoint entrypoint);
inline constexpr int max_config_attributes = 5;

// What a surface may be.
struct SurfaceFormat {
  uint32_t fourcc;
  uint32_t rt_format;
  PictureFormat picture;
  uint32_t drm_format;  // of the whole surface
};

// The first of an rt_format is the one that clients get who name no fourcc.
std::span<const SurfaceFormat> surface_formats();
const SurfaceFormat* find_surface_format(uint32_t fourcc);
const SurfaceFormat* default_surface_format(uint32_t rt_format);

std::span<const VAImageFormat> image_formats();
const VAImageFormat* find_image_format(uint32_t fourcc);

// Memory that surfaces may have, VA_SURFACE_ATTRIB_MEM_TYPE_*.
uint32_t surface_memory_types(const Device& device);

// VA_STATUS_ERROR_UNSUPPORTED_PROFILE, VA_STATUS_ERROR_UNSUPPORTED_ENTRYPOINT.
VAStatus check_offered(VAProfile profile, VAEntrypoint entrypoint);

// VA_ATTRIB_NOT_SUPPORTED for what is not in config_attributes.
uint32_t config_attribute(VAEntrypoint entrypoint, VAConfigAttribType type);

std::vector<VASurfaceAttrib> surface_attributes(VAEntrypoint entrypoint, const Device& device);

}  // namespace daedalus::va
