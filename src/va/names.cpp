// SPDX-License-Identifier: MIT
#include "va/names.h"

#include <va/va_drmcommon.h>

#include <cctype>
#include <cstdio>
#include <span>

namespace daedalus::va {

namespace {

template <typename Value>
struct Name {
  Value value;
  const char* text;
};

std::string hexadecimal(uint32_t value) {
  char text[16];
  snprintf(text, sizeof(text), "%#x", value);
  return text;
}

template <typename Value, std::size_t count>
std::string find(const Name<Value> (&names)[count], Value value) {
  for (const auto& name : names)
    if (name.value == value) return name.text;
  return std::to_string(static_cast<int>(value));
}

// The names of a set's bits, and the rest in hexadecimal.
template <std::size_t count>
std::string find_all(const Name<uint32_t> (&names)[count], uint32_t values) {
  std::string list;
  const auto add = [&](const std::string& text) { list += (list.empty() ? "" : ", ") + text; };
  for (const auto& name : names) {
    if (!(values & name.value)) continue;
    add(name.text);
    values &= ~name.value;
  }
  if (values != 0 || list.empty()) add(hexadecimal(values));
  return list;
}

#define NAME(prefix, name) \
  { prefix##name, #name }

constexpr Name<VAProfile> profiles[] = {
    NAME(VAProfile, None),
    NAME(VAProfile, MPEG2Simple),
    NAME(VAProfile, MPEG2Main),
    NAME(VAProfile, MPEG4Simple),
    NAME(VAProfile, MPEG4AdvancedSimple),
    NAME(VAProfile, MPEG4Main),
    NAME(VAProfile, H264Main),
    NAME(VAProfile, H264High),
    NAME(VAProfile, VC1Simple),
    NAME(VAProfile, VC1Main),
    NAME(VAProfile, VC1Advanced),
    NAME(VAProfile, H263Baseline),
    NAME(VAProfile, JPEGBaseline),
    NAME(VAProfile, H264ConstrainedBaseline),
    NAME(VAProfile, VP8Version0_3),
    NAME(VAProfile, H264MultiviewHigh),
    NAME(VAProfile, H264StereoHigh),
    NAME(VAProfile, HEVCMain),
    NAME(VAProfile, HEVCMain10),
    NAME(VAProfile, VP9Profile0),
    NAME(VAProfile, VP9Profile1),
    NAME(VAProfile, VP9Profile2),
    NAME(VAProfile, VP9Profile3),
    NAME(VAProfile, HEVCMain12),
    NAME(VAProfile, HEVCMain422_10),
    NAME(VAProfile, HEVCMain422_12),
    NAME(VAProfile, HEVCMain444),
    NAME(VAProfile, HEVCMain444_10),
    NAME(VAProfile, HEVCMain444_12),
    NAME(VAProfile, HEVCSccMain),
    NAME(VAProfile, HEVCSccMain10),
    NAME(VAProfile, HEVCSccMain444),
    NAME(VAProfile, AV1Profile0),
    NAME(VAProfile, AV1Profile1),
    NAME(VAProfile, HEVCSccMain444_10),
    NAME(VAProfile, Protected),
};

constexpr Name<VAEntrypoint> entrypoints[] = {
    NAME(VAEntrypoint, VLD),        NAME(VAEntrypoint, IZZ),
    NAME(VAEntrypoint, IDCT),       NAME(VAEntrypoint, MoComp),
    NAME(VAEntrypoint, Deblocking), NAME(VAEntrypoint, EncSlice),
    NAME(VAEntrypoint, EncPicture), NAME(VAEntrypoint, EncSliceLP),
    NAME(VAEntrypoint, VideoProc),  NAME(VAEntrypoint, FEI),
    NAME(VAEntrypoint, Stats),      NAME(VAEntrypoint, ProtectedContent),
};

// Attributes that a client may request in a config.
constexpr Name<VAConfigAttribType> config_attributes[] = {
    NAME(VAConfigAttrib, RTFormat),        NAME(VAConfigAttrib, Encryption),
    NAME(VAConfigAttrib, RateControl),     NAME(VAConfigAttrib, DecSliceMode),
    NAME(VAConfigAttrib, DecJPEG),         NAME(VAConfigAttrib, DecProcessing),
    NAME(VAConfigAttrib, MaxPictureWidth), NAME(VAConfigAttrib, MaxPictureHeight),
    NAME(VAConfigAttrib, ProcessingRate),  NAME(VAConfigAttrib, MultipleFrame),
    NAME(VAConfigAttrib, ContextPriority),
};

constexpr Name<uint32_t> rt_formats[] = {
    NAME(VA_RT_FORMAT_, YUV420),    NAME(VA_RT_FORMAT_, YUV422),    NAME(VA_RT_FORMAT_, YUV444),
    NAME(VA_RT_FORMAT_, YUV411),    NAME(VA_RT_FORMAT_, YUV400),    NAME(VA_RT_FORMAT_, YUV420_10),
    NAME(VA_RT_FORMAT_, YUV422_10), NAME(VA_RT_FORMAT_, YUV444_10), NAME(VA_RT_FORMAT_, YUV420_12),
    NAME(VA_RT_FORMAT_, YUV422_12), NAME(VA_RT_FORMAT_, YUV444_12), NAME(VA_RT_FORMAT_, RGB16),
    NAME(VA_RT_FORMAT_, RGB32),     NAME(VA_RT_FORMAT_, RGBP),      NAME(VA_RT_FORMAT_, RGB32_10),
    NAME(VA_RT_FORMAT_, PROTECTED),
};

constexpr Name<uint32_t> memory_types[] = {
    NAME(VA_SURFACE_ATTRIB_MEM_TYPE_, VA),          NAME(VA_SURFACE_ATTRIB_MEM_TYPE_, V4L2),
    NAME(VA_SURFACE_ATTRIB_MEM_TYPE_, USER_PTR),    NAME(VA_SURFACE_ATTRIB_MEM_TYPE_, KERNEL_DRM),
    NAME(VA_SURFACE_ATTRIB_MEM_TYPE_, DRM_PRIME),   NAME(VA_SURFACE_ATTRIB_MEM_TYPE_, DRM_PRIME_2),
#ifdef VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME_3
    NAME(VA_SURFACE_ATTRIB_MEM_TYPE_, DRM_PRIME_3),
#endif
};

#undef NAME

}  // namespace

std::string profile_name(VAProfile profile) {
  return find(profiles, profile);
}

std::string entrypoint_name(VAEntrypoint entrypoint) {
  return find(entrypoints, entrypoint);
}

std::string config_attribute_name(VAConfigAttribType type) {
  return find(config_attributes, type);
}

std::string rt_format_names(uint32_t formats) {
  return find_all(rt_formats, formats);
}

std::string fourcc_name(uint32_t fourcc) {
  std::string name;
  for (int i = 0; i < 4; ++i) {
    const auto letter = static_cast<unsigned char>(fourcc >> 8 * i);
    if (!std::isprint(letter)) return hexadecimal(fourcc);
    name += static_cast<char>(letter);
  }
  return name;
}

std::string surface_attribute_text(const VASurfaceAttrib& attribute) {
  const bool pointer = attribute.type == VASurfaceAttribExternalBufferDescriptor ||
                       attribute.type == VASurfaceAttribDRMFormatModifiers;
  if (attribute.value.type != (pointer ? VAGenericValueTypePointer : VAGenericValueTypeInteger))
    return "attribute " + std::to_string(attribute.type) + " with a value of the wrong type";
  const auto value = static_cast<uint32_t>(attribute.value.value.i);
  switch (attribute.type) {
    case VASurfaceAttribPixelFormat:
      return "pixel format " + fourcc_name(value);
    case VASurfaceAttribMemoryType:
      return "memory type " + find_all(memory_types, value);
    case VASurfaceAttribDRMFormatModifiers:
      return "a list of DRM format modifiers without the linear one";
    default:
      return "attribute " + std::to_string(attribute.type) + " with value " + hexadecimal(value);
  }
}

const char* status_text(VAStatus status) {
  switch (status) {
    case VA_STATUS_ERROR_ALLOCATION_FAILED:
      return "out of memory";
    case VA_STATUS_ERROR_INVALID_BUFFER:
      return "a buffer is missing, too small, or does not exist";
    case VA_STATUS_ERROR_INVALID_SURFACE:
      return "a surface that does not exist";
    case VA_STATUS_ERROR_UNSUPPORTED_BUFFERTYPE:
      return "a buffer of a type that this context does not take";
    case VA_STATUS_ERROR_MAX_NUM_EXCEEDED:
      return "too many slices, or too many buffers of slice data";
    case VA_STATUS_ERROR_FLAG_NOT_SUPPORTED:
      return "a slice split over several buffers";
    case VA_STATUS_ERROR_INVALID_PARAMETER:
      return "a parameter out of its range";
    case VA_STATUS_ERROR_OPERATION_FAILED:
      return "the device is lost";
    default:
      return "not supported";
  }
}

}  // namespace daedalus::va
