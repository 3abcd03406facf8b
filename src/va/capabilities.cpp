#include "va/capabilities.h"

#include <algorithm>

namespace daedalus::va {

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

uint32_t config_attribute(VAConfigAttribType type) {
  for (const auto& attribute : config_attributes)
    if (attribute.type == type) return attribute.value;
  return VA_ATTRIB_NOT_SUPPORTED;
}

namespace {

constexpr VASurfaceAttrib integer(VASurfaceAttribType type, uint32_t flags, int value) {
  VASurfaceAttrib attribute{.type = type, .flags = flags};
  attribute.value.type = VAGenericValueTypeInteger;
  attribute.value.value.i = value;
  return attribute;
}

constexpr uint32_t get = VA_SURFACE_ATTRIB_GETTABLE;
constexpr uint32_t get_set = VA_SURFACE_ATTRIB_GETTABLE | VA_SURFACE_ATTRIB_SETTABLE;

constexpr std::array surface_attribute_list = {
    integer(VASurfaceAttribPixelFormat, get_set, surface_fourcc),
    integer(VASurfaceAttribMinWidth, get, min_dimension),
    integer(VASurfaceAttribMaxWidth, get, max_dimension),
    integer(VASurfaceAttribMinHeight, get, min_dimension),
    integer(VASurfaceAttribMaxHeight, get, max_dimension),
    integer(VASurfaceAttribMemoryType, get_set, surface_memory_types),
};

}  // namespace

std::span<const VASurfaceAttrib> surface_attributes() {
  return surface_attribute_list;
}

}  // namespace daedalus::va
