// SPDX-License-Identifier: MIT
// Names of VA's constants, for the log.
#pragma once

#include <va/va.h>

#include <string>

namespace daedalus::va {

// "VP9Profile0", as in va.h after VAProfile; the number if va.h has no such profile.
std::string profile_name(VAProfile profile);
std::string entrypoint_name(VAEntrypoint entrypoint);
std::string config_attribute_name(VAConfigAttribType type);
std::string rt_format_names(uint32_t rt_formats);  // "YUV420, YUV422"
std::string fourcc_name(uint32_t fourcc);          // "I420"

// "pixel format I420", "memory type USER_PTR": what a client requests of a surface.
std::string surface_attribute_text(const VASurfaceAttrib& attribute);

const char* status_text(VAStatus status);

}  // namespace daedalus::va
