// SPDX-License-Identifier: MIT
#include "x11/painter.h"

#include <X11/Xlib-xcb.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xcb/shm.h>
#include <xcb/xcb.h>

#include <algorithm>
#include <cstdlib>

namespace daedalus::x11 {

const bool built_in = true;

namespace {

template <typename Reply>
std::unique_ptr<Reply, void (*)(void*)> owned(Reply* reply) {
  return {reply, free};
}

// Segments passed as file descriptors need version 1.2 of MIT-SHM, which remote servers do not
// offer.
bool offers_segments(xcb_connection_t* connection) {
  const auto* extension = xcb_get_extension_data(connection, &xcb_shm_id);
  if (!extension || !extension->present) return false;
  const auto version =
      owned(xcb_shm_query_version_reply(connection, xcb_shm_query_version(connection), nullptr));
  return version && (version->major_version > 1 || version->minor_version >= 2);
}

// Waits for the server: it has read the canvas when this returns.
Result<void> check(xcb_connection_t* connection, xcb_void_cookie_t cookie) {
  const auto error = owned(xcb_request_check(connection, cookie));
  if (error || xcb_connection_has_error(connection))
    return tl::unexpected(Error::invalid_parameter);
  return {};
}

std::vector<xcb_rectangle_t> to_xcb(std::span<const Rectangle> rectangles) {
  std::vector<xcb_rectangle_t> converted;
  converted.reserve(rectangles.size());
  for (const auto& one : rectangles) converted.push_back({one.x, one.y, one.width, one.height});
  return converted;
}

}  // namespace

class Painter::Context {
 public:
  Context(xcb_connection_t* connection, xcb_drawable_t drawable, uint32_t mask,
          const uint32_t* values)
      : connection_(connection), id_(xcb_generate_id(connection)) {
    xcb_create_gc(connection, id_, drawable, mask, values);
  }
  ~Context() { xcb_free_gc(connection_, id_); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  xcb_gcontext_t id() const { return id_; }

 private:
  xcb_connection_t* connection_;
  xcb_gcontext_t id_;
};

Painter::Painter(void* display)
    : connection_(XGetXCBConnection(static_cast<Display*>(display))),
      shares_memory_(offers_segments(connection_)) {}

Painter::~Painter() {
  if (shared_.empty()) return;
  xcb_shm_detach(connection_, segment_);
  xcb_flush(connection_);
  munmap(shared_.data(), shared_.size());
}

Result<Size> Painter::size(Drawable drawable) {
  xcb_generic_error_t* error = nullptr;
  const auto geometry =
      owned(xcb_get_geometry_reply(connection_, xcb_get_geometry(connection_, drawable), &error));
  free(error);
  if (!geometry) return tl::unexpected(Error::invalid_parameter);
  if (geometry->depth != 24 && geometry->depth != 32) return tl::unexpected(Error::unsupported);
  depth_ = geometry->depth;
  return Size{geometry->width, geometry->height};
}

Result<Canvas> Painter::canvas(Size size) {
  size_ = size;
  const std::size_t bytes = std::size_t{4} * size.width * size.height;
  if (shares_memory_ && shared_.size() < bytes && !share(bytes)) shares_memory_ = false;
  if (shares_memory_) return Canvas{shared_.first(bytes), size.width * 4};
  own_.resize(bytes);
  return Canvas{own_, size.width * 4};
}

Result<void> Painter::share(std::size_t bytes) {
  if (!shared_.empty()) {
    xcb_shm_detach(connection_, segment_);
    munmap(shared_.data(), shared_.size());
    shared_ = {};
  }
  segment_ = xcb_generate_id(connection_);
  xcb_generic_error_t* error = nullptr;
  const auto reply = owned(xcb_shm_create_segment_reply(
      connection_,
      xcb_shm_create_segment(connection_, segment_, static_cast<uint32_t>(bytes), false), &error));
  free(error);
  if (!reply || reply->nfd != 1) return tl::unexpected(Error::unsupported);
  const int fd = *xcb_shm_create_segment_reply_fds(connection_, reply.get());
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (memory == MAP_FAILED) return tl::unexpected(Error::out_of_memory);
  shared_ = {static_cast<std::byte*>(memory), bytes};
  return {};
}

Result<void> Painter::paint(Drawable drawable, int16_t x, int16_t y,
                            std::span<const Rectangle> clips) {
  const Context context(connection_, drawable, 0, nullptr);
  if (!clips.empty()) {
    const auto rectangles = to_xcb(clips);
    xcb_set_clip_rectangles(connection_, XCB_CLIP_ORDERING_UNSORTED, context.id(), 0, 0,
                            static_cast<uint32_t>(rectangles.size()), rectangles.data());
  }
  if (!shares_memory_) return paint_in_bands(drawable, context.id(), x, y);
  const auto width = static_cast<uint16_t>(size_.width);
  const auto height = static_cast<uint16_t>(size_.height);
  return check(connection_,
               xcb_shm_put_image_checked(connection_, drawable, context.id(), width, height, 0, 0,
                                         width, height, x, y, depth_, XCB_IMAGE_FORMAT_Z_PIXMAP,
                                         false, segment_, 0));
}

// Sends as many rows at a time as fit into a request.
Result<void> Painter::paint_in_bands(Drawable drawable, uint32_t context, int16_t x, int16_t y) {
  constexpr std::size_t request_bytes = 64;  // at least the header of a request
  const std::size_t pitch = std::size_t{4} * size_.width;
  const std::size_t most = std::size_t{4} * xcb_get_maximum_request_length(connection_);
  const std::size_t rows = std::max<std::size_t>((most - request_bytes) / pitch, 1);
  for (std::size_t row = 0; row < size_.height; row += rows) {
    const std::size_t count = std::min<std::size_t>(rows, size_.height - row);
    const auto cookie =
        xcb_put_image_checked(connection_, XCB_IMAGE_FORMAT_Z_PIXMAP, drawable, context,
                              static_cast<uint16_t>(size_.width), static_cast<uint16_t>(count), x,
                              static_cast<int16_t>(y + static_cast<int>(row)), 0, depth_,
                              static_cast<uint32_t>(count * pitch),
                              reinterpret_cast<const uint8_t*>(own_.data() + row * pitch));
    if (auto put = check(connection_, cookie); !put) return put;
  }
  return {};
}

Result<void> Painter::clear(Drawable drawable, uint32_t sample) {
  const auto whole = size(drawable);
  if (!whole) return tl::unexpected(whole.error());
  const Context context(connection_, drawable, XCB_GC_FOREGROUND, &sample);
  const xcb_rectangle_t all{0, 0, static_cast<uint16_t>(whole->width),
                            static_cast<uint16_t>(whole->height)};
  return check(connection_,
               xcb_poly_fill_rectangle_checked(connection_, drawable, context.id(), 1, &all));
}

}  // namespace daedalus::x11
