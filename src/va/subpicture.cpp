#include "va/subpicture.h"

#include "va/display_objects.h"

namespace daedalus::va {

VAStatus query_subpicture_formats(Display&, VAImageFormat*, unsigned*, unsigned* num_formats) {
  if (!num_formats) return VA_STATUS_ERROR_INVALID_PARAMETER;
  *num_formats = 0;
  return VA_STATUS_SUCCESS;
}

VAStatus create_subpicture(Display& display, VAImageID image, VASubpictureID*) {
  return display.images.find(image) ? VA_STATUS_ERROR_INVALID_IMAGE_FORMAT
                                    : VA_STATUS_ERROR_INVALID_IMAGE;
}

VAStatus destroy_subpicture(Display&, VASubpictureID) {
  return VA_STATUS_ERROR_INVALID_SUBPICTURE;
}

VAStatus set_subpicture_image(Display&, VASubpictureID, VAImageID) {
  return VA_STATUS_ERROR_INVALID_SUBPICTURE;
}

VAStatus set_subpicture_chromakey(Display&, VASubpictureID, unsigned, unsigned, unsigned) {
  return VA_STATUS_ERROR_INVALID_SUBPICTURE;
}

VAStatus set_subpicture_global_alpha(Display&, VASubpictureID, float) {
  return VA_STATUS_ERROR_INVALID_SUBPICTURE;
}

VAStatus associate_subpicture(Display&, VASubpictureID, VASurfaceID*, int, short, short,
                              unsigned short, unsigned short, short, short, unsigned short,
                              unsigned short, unsigned) {
  return VA_STATUS_ERROR_INVALID_SUBPICTURE;
}

VAStatus deassociate_subpicture(Display&, VASubpictureID, VASurfaceID*, int) {
  return VA_STATUS_ERROR_INVALID_SUBPICTURE;
}

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
