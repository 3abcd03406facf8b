#include "va/image.h"

#include <algorithm>

#include "va/capabilities.h"
#include "va/current_device.h"
#include "va/display_objects.h"
#include "va/image_copy.h"
#include "va/status.h"

namespace daedalus::va {

namespace {

constexpr uint32_t round_up(uint32_t value, uint32_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

bool is_rgb(const VAImageFormat& format) {
  return format.bits_per_pixel == 32;
}

// NV12 and RGB images have the pitch and padding that surfaces have where they can, so that a whole
// picture is one copy. Both chroma planes of the others have half of the luma plane's pitch.
void lay_out(VAImage& image, uint32_t width, uint32_t height) {
  image.width = static_cast<uint16_t>(width);
  image.height = static_cast<uint16_t>(height);
  if (is_rgb(image.format)) {
    image.num_planes = 1;
    image.pitches[0] = round_up(width * 4, 64);
    image.data_size = image.pitches[0] * height;
    return;
  }
  const uint32_t pitch = round_up(width, 64);
  const uint32_t rows = round_up(height, 16);
  image.pitches[0] = pitch;
  image.offsets[1] = pitch * rows;
  image.data_size = pitch * rows / 2 * 3;
  if (image.format.fourcc == VA_FOURCC_NV12) {
    image.num_planes = 2;
    image.pitches[1] = pitch;
    return;
  }
  image.num_planes = 3;
  image.pitches[1] = image.pitches[2] = pitch / 2;
  image.offsets[2] = pitch * rows / 4 * 5;
}

Planes planes_of(const PictureLayout& layout, std::byte* samples) {
  std::byte* chroma = samples + layout.chroma_offset;
  return {{samples, layout.pitch, 1}, {chroma, layout.pitch, 2}, {chroma + 1, layout.pitch, 2}};
}

Planes planes_of(const VAImage& image, std::byte* samples) {
  const auto plane = [&](int index, uint32_t step) {
    return Plane{samples + image.offsets[index], image.pitches[index], step};
  };
  switch (image.format.fourcc) {
    case VA_FOURCC_I420:
      return {plane(0, 1), plane(1, 1), plane(2, 1)};
    case VA_FOURCC_YV12:
      return {plane(0, 1), plane(2, 1), plane(1, 1)};
    default: {
      Plane cr = plane(1, 2);
      ++cr.samples;
      return {plane(0, 1), plane(1, 2), cr};
    }
  }
}

// Null for planar images, which no picture is like.
const SurfaceFormat* surface_format_of(const VAImage& image) {
  return find_surface_format(image.format.fourcc);
}

bool laid_out_alike(const VAImage& image, const PictureLayout& layout) {
  const auto* format = surface_format_of(image);
  if (!format || format->picture != layout.format || image.pitches[0] != layout.pitch ||
      image.data_size != layout.size)
    return false;
  return layout.format != PictureFormat::nv12 ||
         (image.pitches[1] == layout.pitch && image.offsets[1] == layout.chroma_offset);
}

bool convertible(const VAImage& image, const PictureLayout& layout) {
  return is_rgb(image.format) == (layout.format != PictureFormat::nv12);
}

enum class Direction { to_image, to_picture };

// Between an image's samples and a picture's of the same kind.
void copy(const VAImage& image, std::byte* image_samples, Position image_position,
          const PictureLayout& layout, std::byte* samples, Position position, uint32_t width,
          uint32_t height, Direction direction) {
  if (is_rgb(image.format)) {
    const RgbPlane of_image{image_samples, image.pitches[0],
                            surface_format_of(image)->picture == PictureFormat::bgra};
    const RgbPlane of_picture{samples, layout.pitch, layout.format == PictureFormat::bgra};
    if (direction == Direction::to_image)
      copy_rgb(of_picture, position, of_image, image_position, width, height);
    else
      copy_rgb(of_image, image_position, of_picture, position, width, height);
  } else if (direction == Direction::to_image) {
    copy_rectangle(planes_of(layout, samples), position, planes_of(image, image_samples),
                   image_position, width, height);
  } else {
    copy_rectangle(planes_of(image, image_samples), image_position, planes_of(layout, samples),
                   position, width, height);
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

// Until everything handed to decoders is in the surface, and in the one that an image shares.
VAStatus wait_for(const Surface& surface, const Image& image) {
  constexpr auto for_ever = std::chrono::nanoseconds::max();
  if (image.derived_from) {
    if (auto written = image.derived_from->core->sync(for_ever); !written)
      return to_status(written.error());
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
  if (width > max_dimension || height > max_dimension)
    return VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED;

  auto image = std::make_shared<Image>();
  image->description.format = *offered;
  lay_out(image->description, static_cast<uint32_t>(width), static_cast<uint32_t>(height));
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
  own.data_size = layout.size;
  own.num_planes = 1;
  own.pitches[0] = layout.pitch;
  if (layout.format == PictureFormat::nv12) {
    own.num_planes = 2;
    own.pitches[1] = layout.pitch;
    own.offsets[1] = layout.chroma_offset;
  }
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
  if (auto status = wait_for(*surface, *image); status != VA_STATUS_SUCCESS) return status;

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
  if (auto status = wait_for(*surface, *image); status != VA_STATUS_SUCCESS) return status;
  surface->core->wait_for_readers();

  Samples samples(layout);
  if (auto downloaded = picture.download(samples.bytes()); !downloaded)
    return to_status(downloaded.error());
  copy(description, image->buffer->samples(), position(src_x, src_y), layout, samples.memory.get(),
       position(dest_x, dest_y), src_width, src_height, Direction::to_picture);
  return to_status(picture.upload(samples.bytes()));
}

}  // namespace daedalus::va
