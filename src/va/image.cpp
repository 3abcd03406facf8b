// SPDX-License-Identifier: MIT
#include "va/image.h"

#include <algorithm>
#include <utility>

#include "va/current_device.h"
#include "va/display_objects.h"
#include "va/formats.h"
#include "va/image_copy.h"
#include "va/planes.h"
#include "va/status.h"

namespace daedalus::va {

namespace {

// Images have the formats of surfaces.
const SurfaceFormat& surface_format_of(const VAImage& image) {
  return *find_surface_format(image.format.fourcc);
}

void describe(const SurfaceFormat& format, const PictureLayout& layout, VAImage& image) {
  const PlaneList planes = planes_of(format, layout);
  image.num_planes = plane_count(format);
  for (uint32_t i = 0; i < image.num_planes; ++i) {
    image.offsets[i] = planes[i].offset;
    image.pitches[i] = planes[i].pitch;
  }
  image.data_size = layout.size;
}

// Like a surface's layout, except that YV12 has its Cr plane before its Cb plane in memory.
PictureLayout image_layout(const SurfaceFormat& format, uint32_t width, uint32_t height) {
  auto layout = picture_layout(format.picture, width, height);
  if (format.fourcc == VA_FOURCC_YV12) std::swap(layout.chroma_offset, layout.cr_offset);
  return layout;
}

// The layout that describe() was called with.
PictureLayout layout_of(const VAImage& image) {
  PictureLayout layout = {};
  layout.width = image.width;
  layout.height = image.height;
  layout.size = image.data_size;
  PlaneList planes = {};
  for (uint32_t i = 0; i < image.num_planes; ++i) planes[i] = {image.offsets[i], image.pitches[i]};
  take_planes(surface_format_of(image), planes, layout);
  return layout;
}

// The planes of a YUV picture.
Planes planes_of(const PictureLayout& layout, std::byte* samples) {
  std::byte* const chroma = samples + layout.chroma_offset;
  const uint32_t pitch = layout.pitch;
  switch (layout.format) {
    case PictureFormat::i420: {
      const Plane cr{samples + layout.cr_offset, pitch / 2, 1};
      return {{samples, pitch, 1}, {chroma, pitch / 2, 1}, cr};
    }
    case PictureFormat::yuy2:
      return {{samples, pitch, 2}, {samples + 1, pitch, 4}, {samples + 3, pitch, 4}, 1, false};
    case PictureFormat::uyvy:
      return {{samples + 1, pitch, 2}, {samples, pitch, 4}, {samples + 2, pitch, 4}, 1, false};
    default: {
      const uint32_t bytes = traits_of(layout.format).sample_bytes;
      const Plane cr{chroma + bytes, pitch, 2 * bytes};
      return {{samples, pitch, bytes}, {chroma, pitch, 2 * bytes}, cr, bytes};
    }
  }
}

bool laid_out_alike(const VAImage& image, const PictureLayout& layout) {
  const PictureLayout of_image = layout_of(image);
  return of_image.format == layout.format && of_image.pitch == layout.pitch &&
         of_image.chroma_offset == layout.chroma_offset && of_image.cr_offset == layout.cr_offset &&
         of_image.size == layout.size;
}

// Formats with the same samples in different layouts.
bool convertible(PictureFormat a, PictureFormat b) {
  const auto is_420 = [](PictureFormat format) {
    return format == PictureFormat::nv12 || format == PictureFormat::i420;
  };
  return a == b || (is_420(a) && is_420(b)) || (traits_of(a).rgb && traits_of(b).rgb);
}

bool convertible(const VAImage& image, const PictureLayout& layout) {
  return convertible(surface_format_of(image).picture, layout.format);
}

enum class Direction { to_image, to_picture };

// Copies between an image's samples and a picture's of a convertible format.
void copy(const VAImage& image, std::byte* image_samples, Position image_position,
          const PictureLayout& layout, std::byte* samples, Position position, uint32_t width,
          uint32_t height, Direction direction) {
  const PictureLayout image_layout = layout_of(image);
  if (traits_of(layout.format).rgb) {
    const RgbPlane of_image{image_samples, image_layout.pitch,
                            image_layout.format == PictureFormat::bgra};
    const RgbPlane of_picture{samples, layout.pitch, layout.format == PictureFormat::bgra};
    if (direction == Direction::to_image)
      copy_rgb(of_picture, position, of_image, image_position, width, height);
    else
      copy_rgb(of_image, image_position, of_picture, position, width, height);
  } else if (direction == Direction::to_image) {
    copy_rectangle(planes_of(layout, samples), position, planes_of(image_layout, image_samples),
                   image_position, width, height);
  } else {
    copy_rectangle(planes_of(image_layout, image_samples), image_position,
                   planes_of(layout, samples), position, width, height);
  }
}

bool inside(int x, int y, unsigned width, unsigned height, uint32_t outer_width,
            uint32_t outer_height) {
  return x >= 0 && y >= 0 && width > 0 && height > 0 && width <= outer_width &&
         height <= outer_height && static_cast<unsigned>(x) <= outer_width - width &&
         static_cast<unsigned>(y) <= outer_height - height;
}

Position position(int x, int y) {
  return {static_cast<uint32_t>(x), static_cast<uint32_t>(y)};
}

// Gives the image and its buffer their ids.
VAStatus insert(Display& display, const std::shared_ptr<Image>& image, VAImage* description) {
  VAImage& own = image->description;
  own.buf = display.buffers.insert(image->buffer);
  own.image_id = VA_INVALID_ID;
  if (own.buf == VA_INVALID_ID) return VA_STATUS_ERROR_MAX_NUM_EXCEEDED;
  const VAImageID id = display.images.insert(image);
  if (id == VA_INVALID_ID) {
    display.buffers.remove(own.buf);
    return VA_STATUS_ERROR_MAX_NUM_EXCEEDED;
  }
  *description = own;
  description->image_id = id;
  return VA_STATUS_SUCCESS;
}

// Waits until all queued writes to the surface are done, and until the CPU may access the surface
// that the image shares, if any.
VAStatus wait_for(const Surface& surface, const Image& image, Access image_access) {
  constexpr auto for_ever = std::chrono::nanoseconds::max();
  if (image.derived_from) {
    if (auto idle = image.derived_from->core->sync(for_ever, image_access); !idle)
      return to_status(idle.error());
  }
  return to_status(surface.core->sync(for_ever));
}

// Ordinary memory for one picture.
struct Samples {
  explicit Samples(const PictureLayout& layout)
      : size(layout.size), memory(std::make_unique_for_overwrite<std::byte[]>(layout.size)) {}
  std::span<std::byte> bytes() { return {memory.get(), size}; }

  std::size_t size;
  std::unique_ptr<std::byte[]> memory;
};

}  // namespace

VAStatus query_image_formats(Display&, VAImageFormat* formats, int* num_formats) {
  if (!formats || !num_formats) return VA_STATUS_ERROR_INVALID_PARAMETER;
  const auto offered = image_formats();
  std::copy(offered.begin(), offered.end(), formats);
  *num_formats = static_cast<int>(offered.size());
  return VA_STATUS_SUCCESS;
}

VAStatus create_image(Display& display, VAImageFormat* format, int width, int height,
                      VAImage* description) {
  if (!format || !description || width <= 0 || height <= 0)
    return VA_STATUS_ERROR_INVALID_PARAMETER;
  const auto* offered = find_image_format(format->fourcc);
  if (!offered) return VA_STATUS_ERROR_INVALID_IMAGE_FORMAT;
  if (width > int{max_picture_side} || height > int{max_picture_side})
    return VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED;

  auto image = std::make_shared<Image>();
  image->description.format = *offered;
  image->description.width = static_cast<uint16_t>(width);
  image->description.height = static_cast<uint16_t>(height);
  const SurfaceFormat& surface_format = surface_format_of(image->description);
  describe(
      surface_format,
      image_layout(surface_format, static_cast<uint32_t>(width), static_cast<uint32_t>(height)),
      image->description);
  image->buffer =
      std::make_shared<Buffer>(VAImageBufferType, image->description.data_size, 1, nullptr);
  return insert(display, image, description);
}

VAStatus derive_image(Display& display, VASurfaceID surface_id, VAImage* description) {
  auto surface = display.surfaces.find(surface_id);
  if (!surface) return VA_STATUS_ERROR_INVALID_SURFACE;
  if (!description) return VA_STATUS_ERROR_INVALID_PARAMETER;
  auto& picture = surface->core->picture();
  const auto samples = picture.map();
  if (samples.empty()) return VA_STATUS_ERROR_OPERATION_FAILED;

  const auto& layout = picture.layout();
  auto image = std::make_shared<Image>();
  VAImage& own = image->description;
  own.format = *find_image_format(surface->format->fourcc);
  own.width = static_cast<uint16_t>(surface->width);
  own.height = static_cast<uint16_t>(surface->height);
  describe(*surface->format, layout, own);
  image->buffer = std::make_shared<Buffer>(surface, samples);
  image->derived_from = std::move(surface);
  return insert(display, image, description);
}

VAStatus destroy_image(Display& display, VAImageID id) {
  const auto image = display.images.remove(id);
  if (!image) return VA_STATUS_ERROR_INVALID_IMAGE;
  display.buffers.remove(image->description.buf);
  return VA_STATUS_SUCCESS;
}

// No format has a palette.
VAStatus set_image_palette(Display& display, VAImageID id, unsigned char* palette) {
  if (!display.images.find(id)) return VA_STATUS_ERROR_INVALID_IMAGE;
  return palette ? VA_STATUS_ERROR_INVALID_IMAGE_FORMAT : VA_STATUS_ERROR_INVALID_PARAMETER;
}

VAStatus get_image(Display& display, VASurfaceID surface_id, int x, int y, unsigned width,
                   unsigned height, VAImageID image_id) {
  const auto surface = display.surfaces.find(surface_id);
  if (!surface) return VA_STATUS_ERROR_INVALID_SURFACE;
  const auto image = display.images.find(image_id);
  if (!image) return VA_STATUS_ERROR_INVALID_IMAGE;
  const VAImage& description = image->description;
  if (!inside(x, y, width, height, surface->width, surface->height) || width > description.width ||
      height > description.height)
    return VA_STATUS_ERROR_INVALID_PARAMETER;
  if (image->derived_from == surface) return VA_STATUS_ERROR_SURFACE_BUSY;
  auto& picture = surface->core->picture();
  const auto& layout = picture.layout();
  if (!convertible(description, layout)) return VA_STATUS_ERROR_INVALID_IMAGE_FORMAT;
  if (auto status = wait_for(*surface, *image, Access::write); status != VA_STATUS_SUCCESS)
    return status;

  std::byte* destination = image->buffer->samples();
  const bool whole = x == 0 && y == 0 && width == description.width && height == description.height;
  if (whole && laid_out_alike(description, layout))
    return to_status(picture.download({destination, layout.size}));

  Samples samples(layout);
  if (auto downloaded = picture.download(samples.bytes()); !downloaded)
    return to_status(downloaded.error());
  copy(description, destination, {0, 0}, layout, samples.memory.get(), position(x, y), width,
       height, Direction::to_image);
  return VA_STATUS_SUCCESS;
}

VAStatus put_image(Display& display, VASurfaceID surface_id, VAImageID image_id, int src_x,
                   int src_y, unsigned src_width, unsigned src_height, int dest_x, int dest_y,
                   unsigned dest_width, unsigned dest_height) {
  const auto surface = display.surfaces.find(surface_id);
  if (!surface) return VA_STATUS_ERROR_INVALID_SURFACE;
  const auto image = display.images.find(image_id);
  if (!image) return VA_STATUS_ERROR_INVALID_IMAGE;
  const VAImage& description = image->description;
  if (!inside(src_x, src_y, src_width, src_height, description.width, description.height) ||
      !inside(dest_x, dest_y, dest_width, dest_height, surface->width, surface->height))
    return VA_STATUS_ERROR_INVALID_PARAMETER;
  if (src_width != dest_width || src_height != dest_height) return VA_STATUS_ERROR_UNIMPLEMENTED;
  if (image->derived_from == surface) return VA_STATUS_ERROR_SURFACE_BUSY;
  auto& picture = surface->core->picture();
  const auto& layout = picture.layout();
  if (!convertible(description, layout)) return VA_STATUS_ERROR_INVALID_IMAGE_FORMAT;
  if (auto status = wait_for(*surface, *image, Access::read); status != VA_STATUS_SUCCESS)
    return status;
  surface->core->wait_for_turn(Access::write);

  Samples samples(layout);
  if (auto downloaded = picture.download(samples.bytes()); !downloaded)
    return to_status(downloaded.error());
  copy(description, image->buffer->samples(), position(src_x, src_y), layout, samples.memory.get(),
       position(dest_x, dest_y), src_width, src_height, Direction::to_picture);
  return to_status(picture.upload(samples.bytes()));
}

}  // namespace daedalus::va
