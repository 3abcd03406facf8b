// SPDX-License-Identifier: MIT
// VAImageID: samples that the client can access, its own or a surface's.
#pragma once

#include <va/va.h>

#include <memory>

#include "va/buffer.h"
#include "va/surface.h"

namespace daedalus::va {

struct Image {
  VAImage description;
  std::shared_ptr<Buffer> buffer;
  std::shared_ptr<Surface> derived_from;  // null: it has its own samples
};

VAStatus query_image_formats(Display&, VAImageFormat* formats, int* num_formats);
VAStatus create_image(Display&, VAImageFormat* format, int width, int height, VAImage* image);
VAStatus derive_image(Display&, VASurfaceID surface, VAImage* image);
VAStatus destroy_image(Display&, VAImageID id);
VAStatus set_image_palette(Display&, VAImageID id, unsigned char* palette);
VAStatus get_image(Display&, VASurfaceID surface, int x, int y, unsigned width, unsigned height,
                   VAImageID image);
VAStatus put_image(Display&, VASurfaceID surface, VAImageID image, int src_x, int src_y,
                   unsigned src_width, unsigned src_height, int dest_x, int dest_y,
                   unsigned dest_width, unsigned dest_height);

}  // namespace daedalus::va
