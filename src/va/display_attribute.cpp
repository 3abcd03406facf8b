#include "va/display_attribute.h"

namespace daedalus::va {

VAStatus query_display_attributes(Display&, VADisplayAttribute*, int* num_attributes) {
  if (!num_attributes) return VA_STATUS_ERROR_INVALID_PARAMETER;
  *num_attributes = 0;
  return VA_STATUS_SUCCESS;
}

VAStatus get_display_attributes(Display&, VADisplayAttribute* attributes, int num_attributes) {
  if (num_attributes < 0 || (num_attributes > 0 && !attributes))
    return VA_STATUS_ERROR_INVALID_PARAMETER;
  for (int i = 0; i < num_attributes; ++i) attributes[i].flags = VA_DISPLAY_ATTRIB_NOT_SUPPORTED;
  return num_attributes == 0 ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_ATTR_NOT_SUPPORTED;
}

VAStatus set_display_attributes(Display&, VADisplayAttribute* attributes, int num_attributes) {
  if (num_attributes < 0 || (num_attributes > 0 && !attributes))
    return VA_STATUS_ERROR_INVALID_PARAMETER;
  return num_attributes == 0 ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_ATTR_NOT_SUPPORTED;
}

}  // namespace daedalus::va
