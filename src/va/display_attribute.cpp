// SPDX-License-Identifier: MIT
#include "va/display_attribute.h"

namespace daedalus::va {

namespace {

// What libva's own tests expect of a driver without display attributes.
VAStatus status_of(int num_attributes) {
  return num_attributes == 0 ? VA_STATUS_ERROR_UNIMPLEMENTED : VA_STATUS_ERROR_ATTR_NOT_SUPPORTED;
}

}  // namespace

VAStatus query_display_attributes(Display&, VADisplayAttribute*, int* num_attributes) {
  if (!num_attributes) return VA_STATUS_ERROR_INVALID_PARAMETER;
  *num_attributes = 0;
  return VA_STATUS_SUCCESS;
}

VAStatus get_display_attributes(Display&, VADisplayAttribute* attributes, int num_attributes) {
  if (num_attributes < 0 || (num_attributes > 0 && !attributes))
    return VA_STATUS_ERROR_INVALID_PARAMETER;
  for (int i = 0; i < num_attributes; ++i) attributes[i].flags = VA_DISPLAY_ATTRIB_NOT_SUPPORTED;
  return status_of(num_attributes);
}

VAStatus set_display_attributes(Display&, VADisplayAttribute* attributes, int num_attributes) {
  if (num_attributes < 0 || (num_attributes > 0 && !attributes))
    return VA_STATUS_ERROR_INVALID_PARAMETER;
  return status_of(num_attributes);
}

}  // namespace daedalus::va
