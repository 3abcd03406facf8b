// SPDX-License-Identifier: MIT
// VASubpictureID: an image that vaPutSurface blends over a surface.
#pragma once

#include <va/va.h>

#include <memory>
#include <mutex>
#include <vector>

#include "va/image.h"

namespace daedalus::va {

class Subpicture {
 public:
  explicit Subpicture(std::shared_ptr<Image> image) : state_{.image = std::move(image)} {}

  struct ChromaKey {
    uint32_t min = 0, max = 0, mask = 0;  // as in va.h; mask 0: off
  };
  struct State {
    std::shared_ptr<Image> image;
    ChromaKey chroma_key = {};
    float global_alpha = 1;
  };
  State state() const;

  void set_image(std::shared_ptr<Image> image);
  void set_chroma_key(const ChromaKey& key);
  void set_global_alpha(float alpha);

 private:
  mutable std::mutex mutex_;
  State state_;
};

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

}  // namespace daedalus::va
