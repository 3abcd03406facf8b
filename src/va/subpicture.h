// Subpictures and display attributes: the driver has none.
#pragma once

#include <va/va.h>

namespace daedalus::va {

struct Display;

VAStatus query_subpicture_formats(Display&, VAImageFormat* formats, unsigned* flags,
                                  unsigned* num_formats);
VAStatus create_subpicture(Display&, VAImageID image, VASubpictureID* id);
VAStatus destroy_subpicture(Display&, VASubpictureID id);
VAStatus set_subpicture_image(Display&, VASubpictureID id, VAImageID image);
VAStatus set_subpicture_chromakey(Display&, VASubpictureID id, unsigned min, unsigned max,
                                  unsigned mask);
VAStatus set_subpicture_global_alpha(Display&, VASubpictureID id, float alpha);
VAStatus associate_subpicture(Display&, VASubpictureID id, VASurfaceID* targets, int num_targets,
                              short src_x, short src_y, unsigned short src_width,
                              unsigned short src_height, short dest_x, short dest_y,
                              unsigned short dest_width, unsigned short dest_height,
                              unsigned flags);
VAStatus deassociate_subpicture(Display&, VASubpictureID id, VASurfaceID* targets, int num_targets);

VAStatus query_display_attributes(Display&, VADisplayAttribute* attributes, int* num_attributes);
VAStatus get_display_attributes(Display&, VADisplayAttribute* attributes, int num_attributes);
VAStatus set_display_attributes(Display&, VADisplayAttribute* attributes, int num_attributes);

}  // namespace daedalus::va
