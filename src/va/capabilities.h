// What the driver offers: the one place that says so.
#pragma once

#include <va/va.h>

#include <array>
#include <span>

namespace daedalus::va {

inline constexpr int min_dimension = 16;
inline constexpr int max_dimension = 4096;

struct Offer {
  VAProfile profile;
  VAEntrypoint entrypoint;
};

inline constexpr std::array offers = {
    Offer{VAProfileH264ConstrainedBaseline, VAEntrypointVLD},
    Offer{VAProfileH264Main, VAEntrypointVLD},
    Offer{VAProfileH264High, VAEntrypointVLD},
};

// The same for all offers.
inline constexpr uint32_t rt_formats = VA_RT_FORMAT_YUV420;
inline constexpr std::array config_attributes = {
    VAConfigAttrib{VAConfigAttribRTFormat, rt_formats},
    VAConfigAttrib{VAConfigAttribDecSliceMode, VA_DEC_SLICE_MODE_NORMAL},
    VAConfigAttrib{VAConfigAttribDecProcessing, VA_DEC_PROCESSING_NONE},
    VAConfigAttrib{VAConfigAttribMaxPictureWidth, max_dimension},
    VAConfigAttrib{VAConfigAttribMaxPictureHeight, max_dimension},
};

inline constexpr uint32_t surface_fourcc = VA_FOURCC_NV12;
inline constexpr uint32_t surface_memory_types = VA_SURFACE_ATTRIB_MEM_TYPE_VA;

inline constexpr std::array image_formats = {
    VAImageFormat{.fourcc = VA_FOURCC_NV12, .byte_order = VA_LSB_FIRST, .bits_per_pixel = 12},
    VAImageFormat{.fourcc = VA_FOURCC_I420, .byte_order = VA_LSB_FIRST, .bits_per_pixel = 12},
    VAImageFormat{.fourcc = VA_FOURCC_YV12, .byte_order = VA_LSB_FIRST, .bits_per_pixel = 12},
};

// VA_STATUS_ERROR_UNSUPPORTED_PROFILE, VA_STATUS_ERROR_UNSUPPORTED_ENTRYPOINT.
VAStatus check_offered(VAProfile profile, VAEntrypoint entrypoint);

// VA_ATTRIB_NOT_SUPPORTED for what is not in config_attributes.
uint32_t config_attribute(VAConfigAttribType type);

std::span<const VASurfaceAttrib> surface_attributes();

}  // namespace daedalus::va
