// SPDX-License-Identifier: MIT
#include "va/subpicture.h"

#include <algorithm>

#include "va/display_objects.h"
#include "va/formats.h"

namespace daedalus::va {

namespace {

constexpr unsigned subpicture_flags = VA_SUBPICTURE_CHROMA_KEYING | VA_SUBPICTURE_GLOBAL_ALPHA |
                                      VA_SUBPICTURE_DESTINATION_IS_SCREEN_COORD;

// Formats with an alpha channel.
bool is_offered(const VAImageFormat& format) {
  return format.alpha_mask != 0;
}

VAStatus find_image(Display& display, VAImageID id, std::shared_ptr<Image>& image) {
  image = display.images.find(id);
  if (!image) return VA_STATUS_ERROR_INVALID_IMAGE;
  return is_offered(image->description.format) ? VA_STATUS_SUCCESS
                                               : VA_STATUS_ERROR_INVALID_IMAGE_FORMAT;
}

VAStatus find_all(Display& display, const VASurfaceID* ids, int count,
                  std::vector<std::shared_ptr<Surface>>& surfaces) {
  if (count < 0 || (count > 0 && !ids)) return VA_STATUS_ERROR_INVALID_PARAMETER;
  for (int i = 0; i < count; ++i) {
    surfaces.push_back(display.surfaces.find(ids[i]));
    if (!surfaces.back()) return VA_STATUS_ERROR_INVALID_SURFACE;
  }
  return VA_STATUS_SUCCESS;
}

void remove_from(Surface& surface, const Subpicture* subpicture) {
  std::lock_guard lock(surface.associations_mutex);
  std::erase_if(surface.associations, [&](const Association& association) {
    return association.subpicture.lock().get() == subpicture;
  });
}

}  // namespace

Subpicture::State Subpicture::state() const {
  std::lock_guard lock(mutex_);
  return state_;
}

void Subpicture::set_image(std::shared_ptr<Image> image) {
  std::lock_guard lock(mutex_);
  state_.image = std::move(image);
}

void Subpicture::set_chroma_key(const ChromaKey& key) {
  std::lock_guard lock(mutex_);
  state_.chroma_key = key;
}

void Subpicture::set_global_alpha(float alpha) {
  std::lock_guard lock(mutex_);
  state_.global_alpha = alpha;
}

VAStatus query_subpicture_formats(Display&, VAImageFormat* formats, unsigned* flags,
                                  unsigned* num_formats) {
  if (!num_formats) return VA_STATUS_ERROR_INVALID_PARAMETER;
  unsigned count = 0;
  for (const auto& format : image_formats()) {
    if (!is_offered(format)) continue;
    if (formats) formats[count] = format;
    if (flags) flags[count] = subpicture_flags;
    ++count;
  }
  *num_formats = count;
  return VA_STATUS_SUCCESS;
}

VAStatus create_subpicture(Display& display, VAImageID image_id, VASubpictureID* id) {
  std::shared_ptr<Image> image;
  if (auto status = find_image(display, image_id, image); status != VA_STATUS_SUCCESS)
    return status;
  if (!id) return VA_STATUS_ERROR_INVALID_PARAMETER;
  *id = display.subpictures.insert(std::make_shared<Subpicture>(std::move(image)));
  return *id == VA_INVALID_ID ? VA_STATUS_ERROR_MAX_NUM_EXCEEDED : VA_STATUS_SUCCESS;
}

// Surfaces do not keep the subpicture alive.
VAStatus destroy_subpicture(Display& display, VASubpictureID id) {
  return display.subpictures.remove(id) ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_INVALID_SUBPICTURE;
}

VAStatus set_subpicture_image(Display& display, VASubpictureID id, VAImageID image_id) {
  const auto subpicture = display.subpictures.find(id);
  if (!subpicture) return VA_STATUS_ERROR_INVALID_SUBPICTURE;
  std::shared_ptr<Image> image;
  if (auto status = find_image(display, image_id, image); status != VA_STATUS_SUCCESS)
    return status;
  subpicture->set_image(std::move(image));
  return VA_STATUS_SUCCESS;
}

VAStatus set_subpicture_chromakey(Display& display, VASubpictureID id, unsigned min, unsigned max,
                                  unsigned mask) {
  const auto subpicture = display.subpictures.find(id);
  if (!subpicture) return VA_STATUS_ERROR_INVALID_SUBPICTURE;
  subpicture->set_chroma_key({min, max, mask});
  return VA_STATUS_SUCCESS;
}

VAStatus set_subpicture_global_alpha(Display& display, VASubpictureID id, float alpha) {
  const auto subpicture = display.subpictures.find(id);
  if (!subpicture) return VA_STATUS_ERROR_INVALID_SUBPICTURE;
  if (!(alpha >= 0 && alpha <= 1)) return VA_STATUS_ERROR_INVALID_PARAMETER;
  subpicture->set_global_alpha(alpha);
  return VA_STATUS_SUCCESS;
}

VAStatus associate_subpicture(Display& display, VASubpictureID id, VASurfaceID* targets,
                              int num_targets, short src_x, short src_y, unsigned short src_width,
                              unsigned short src_height, short dest_x, short dest_y,
                              unsigned short dest_width, unsigned short dest_height,
                              unsigned flags) {
  const auto subpicture = display.subpictures.find(id);
  if (!subpicture) return VA_STATUS_ERROR_INVALID_SUBPICTURE;
  if (flags & ~subpicture_flags) return VA_STATUS_ERROR_FLAG_NOT_SUPPORTED;
  const auto image = subpicture->state().image;
  if (src_x < 0 || src_y < 0 || src_width == 0 || src_height == 0 || dest_width == 0 ||
      dest_height == 0 || src_x + src_width > image->description.width ||
      src_y + src_height > image->description.height)
    return VA_STATUS_ERROR_INVALID_PARAMETER;
  std::vector<std::shared_ptr<Surface>> surfaces;
  if (auto status = find_all(display, targets, num_targets, surfaces); status != VA_STATUS_SUCCESS)
    return status;
  const Association association{subpicture,
                                {src_x, src_y, src_width, src_height},
                                {dest_x, dest_y, dest_width, dest_height},
                                flags};
  for (const auto& surface : surfaces) {
    remove_from(*surface, subpicture.get());
    std::lock_guard lock(surface->associations_mutex);
    surface->associations.push_back(association);
  }
  return VA_STATUS_SUCCESS;
}

VAStatus deassociate_subpicture(Display& display, VASubpictureID id, VASurfaceID* targets,
                                int num_targets) {
  const auto subpicture = display.subpictures.find(id);
  if (!subpicture) return VA_STATUS_ERROR_INVALID_SUBPICTURE;
  std::vector<std::shared_ptr<Surface>> surfaces;
  if (auto status = find_all(display, targets, num_targets, surfaces); status != VA_STATUS_SUCCESS)
    return status;
  for (const auto& surface : surfaces) remove_from(*surface, subpicture.get());
  return VA_STATUS_SUCCESS;
}

}  // namespace daedalus::va
