// SPDX-License-Identifier: MIT
#include "va/put_surface.h"

#include <algorithm>
#include <cstring>

#include "daedalus/log.h"
#include "va/blend.h"
#include "va/current_device.h"
#include "va/display_objects.h"
#include "va/status.h"
#include "va/subpicture.h"
#include "va/video/process_buffer.h"

namespace daedalus::va {

namespace {

video::Matrix matrix_of(const Surface& surface, unsigned flags) {
  switch (flags & VA_SRC_COLOR_MASK) {
    case VA_SRC_BT601:
      return video::Matrix::bt601;
    case VA_SRC_BT709:
      return video::Matrix::bt709;
    default:
      return usual_matrix(surface);
  }
}

// The components of a key are red, blue and green, starting at the low byte.
ColorKey color_key(const Subpicture::ChromaKey& key) {
  const auto bound = [&](int shift, uint32_t value, uint8_t masked_out) {
    const bool counts = (key.mask >> shift & 0xff) != 0;
    return counts ? static_cast<uint8_t>(value >> shift) : masked_out;
  };
  return {bound(0, key.min, 0),    bound(0, key.max, 255), bound(16, key.min, 0),
          bound(16, key.max, 255), bound(8, key.min, 0),   bound(8, key.max, 255)};
}

// The part of the subpicture's image to show, clipped to the image.
OverlayImage part_of(const Image& image, const VARectangle& part) {
  const VAImage& description = image.description;
  const auto x = std::min<uint32_t>(static_cast<uint32_t>(part.x), description.width);
  const auto y = std::min<uint32_t>(static_cast<uint32_t>(part.y), description.height);
  const std::byte* samples = image.buffer->samples() + description.offsets[0] +
                             std::size_t{y} * description.pitches[0] + std::size_t{x} * 4;
  const auto* format = find_surface_format(description.format.fourcc);
  return {samples, description.pitches[0], std::min<uint32_t>(part.width, description.width - x),
          std::min<uint32_t>(part.height, description.height - y),
          format->picture == PictureFormat::bgra};
}

// Where an association places its subpicture, relative to the top left corner of what is shown.
void place(const Association& association, const Presenter::Request& request, Overlay& overlay) {
  const VARectangle& at = association.destination;
  if (association.flags & VA_SUBPICTURE_DESTINATION_IS_SCREEN_COORD) {
    overlay.x = at.x - request.destination.x;
    overlay.y = at.y - request.destination.y;
    overlay.width = at.width;
    overlay.height = at.height;
    return;
  }
  const double scale_x = 1.0 * request.destination.width / request.source.width;
  const double scale_y = 1.0 * request.destination.height / request.source.height;
  overlay.x = (at.x - 1.0 * request.source.x) * scale_x;
  overlay.y = (at.y - 1.0 * request.source.y) * scale_y;
  overlay.width = at.width * scale_x;
  overlay.height = at.height * scale_y;
}

void blend_subpictures(Surface& surface, const Presenter::Request& request,
                       const x11::Canvas& canvas) {
  const WindowSamples window{canvas.samples.data(), canvas.pitch, request.destination.width,
                             request.destination.height};
  std::lock_guard lock(surface.associations_mutex);
  for (const auto& association : surface.associations) {
    const auto subpicture = association.subpicture.lock();
    if (!subpicture) continue;
    const auto state = subpicture->state();
    Overlay overlay{.image = part_of(*state.image, association.source)};
    if (overlay.image.width == 0 || overlay.image.height == 0) continue;
    place(association, request, overlay);
    overlay.alpha = association.flags & VA_SUBPICTURE_GLOBAL_ALPHA ? state.global_alpha : 1.0f;
    if (association.flags & VA_SUBPICTURE_CHROMA_KEYING) overlay.key = color_key(state.chroma_key);
    blend(overlay, window);
  }
}

// The surface's samples as the window shows them.
Result<void> convert(Surface& surface, const Presenter::Request& request, Device& device,
                     VideoProcessor& processor, std::shared_ptr<daedalus::Surface>& picture,
                     std::vector<std::byte>& samples) {
  const VARectangle& destination = request.destination;
  if (!picture || picture->picture().layout().width != destination.width ||
      picture->picture().layout().height != destination.height) {
    auto made = daedalus::Surface::create(device, PictureFormat::bgra, destination.width,
                                          destination.height);
    if (!made) return tl::unexpected(made.error());
    picture = std::move(*made);
  }
  samples.resize(picture->picture().layout().size);
  video::Process process;
  process.source_region = request.source;
  process.target_region = {0, 0, destination.width, destination.height};
  process.source_color.matrix = matrix_of(surface, request.flags);
  process.target_color.range = video::Range::full;
  process.scaling = scaling_of(request.flags);
  show_field(request.flags, process);
  return processor.process(process, {*surface.core}, *picture)
      .and_then([&] { return picture->sync(std::chrono::nanoseconds::max()); })
      .and_then([&] { return picture->picture().download(samples); });
}

}  // namespace

VAStatus Presenter::put(std::shared_ptr<Device> device, Surface& surface, const Request& request) {
  auto conversion = take_conversion(std::move(device));
  if (!conversion) return to_status(conversion.error());
  auto done = convert(surface, request, *conversion->device, *conversion->processor,
                      conversion->picture, conversion->samples)
                  .and_then([&] { return paint(*conversion, surface, request); });
  give_back(std::move(*conversion));
  return to_status(done);
}

// The objects of a lost device are replaced in the first put after the loss.
Result<Presenter::Conversion> Presenter::take_conversion(std::shared_ptr<Device> device) {
  std::vector<Conversion> outdated;
  {
    std::lock_guard lock(mutex_);
    if (!idle_.empty() && idle_.back().device != device) outdated.swap(idle_);
    if (!idle_.empty()) {
      Conversion idle = std::move(idle_.back());
      idle_.pop_back();
      return idle;
    }
  }
  auto processor = VideoProcessor::create(*device);
  if (!processor) return tl::unexpected(processor.error());
  return Conversion{std::move(device), std::move(*processor), nullptr, {}};
}

void Presenter::give_back(Conversion&& conversion) {
  std::lock_guard lock(mutex_);
  idle_.push_back(std::move(conversion));
}

Result<void> Presenter::paint(const Conversion& conversion, Surface& surface,
                              const Request& request) {
  const VARectangle& destination = request.destination;
  const x11::Size size{destination.width, destination.height};
  std::lock_guard lock(mutex_);
  if (!painter_) painter_.emplace(x11_display_);
  if (auto drawable = painter_->size(request.drawable); !drawable) {
    if (drawable.error() == Error::unsupported)
      log(LogLevel::warning, "vaPutSurface: the window has neither 24 nor 32 bits a sample");
    return tl::unexpected(drawable.error());
  }
  auto canvas = painter_->canvas(size);
  if (!canvas) return tl::unexpected(canvas.error());
  const std::size_t pitch = conversion.picture->picture().layout().pitch;
  for (uint32_t y = 0; y < size.height; ++y)
    memcpy(canvas->samples.data() + std::size_t{y} * canvas->pitch,
           conversion.samples.data() + y * pitch, std::size_t{4} * size.width);
  blend_subpictures(surface, request, *canvas);
  if (request.flags & VA_CLEAR_DRAWABLE)
    if (auto cleared = painter_->clear(request.drawable, 0); !cleared) return cleared;
  return painter_->paint(request.drawable, destination.x, destination.y, request.clips);
}

VAStatus put_surface(Display& display, VASurfaceID surface_id, void* drawable, short src_x,
                     short src_y, unsigned short src_width, unsigned short src_height, short dest_x,
                     short dest_y, unsigned short dest_width, unsigned short dest_height,
                     VARectangle* clips, unsigned num_clips, unsigned flags) {
  const auto surface = display.surfaces.find(surface_id);
  if (!surface) return VA_STATUS_ERROR_INVALID_SURFACE;
  if (!display.presenter) return VA_STATUS_ERROR_UNIMPLEMENTED;
  if (traits_of(surface->format->picture).rgb) return VA_STATUS_ERROR_UNIMPLEMENTED;
  const auto source = region_of(*surface, {src_x, src_y, src_width, src_height});
  if (!source || dest_width == 0 || dest_height == 0 || (num_clips > 0 && !clips))
    return VA_STATUS_ERROR_INVALID_PARAMETER;
  Presenter::Request request{
      .drawable = static_cast<x11::Drawable>(reinterpret_cast<uintptr_t>(drawable)),
      .source = *source,
      .destination = {dest_x, dest_y, dest_width, dest_height},
      .flags = flags,
  };
  for (unsigned i = 0; i < num_clips; ++i)
    request.clips.push_back({clips[i].x, clips[i].y, clips[i].width, clips[i].height});
  auto device = display.device->get();
  if (!device) return to_status(device.error());
  const auto most = (*device)->max_picture_size(PictureFormat::bgra);
  if (dest_width > most.width || dest_height > most.height)
    return VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED;
  return display.presenter->put(std::move(*device), *surface, request);
}

}  // namespace daedalus::va
