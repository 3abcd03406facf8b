// Pictures in an X client's windows.
#pragma once

#include <xcb/shm.h>
#include <xcb/xcb.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "daedalus/error.h"

namespace daedalus::x11 {

struct Size {
  uint32_t width, height;
};

// What a window's samples are made of: 4 bytes, blue, green, red, and one that nobody sees. Rows
// follow each other.
struct Canvas {
  std::span<std::byte> samples;
  uint32_t pitch;  // bytes
};

// Draws for one display. One caller at a time.
class Painter {
 public:
  // `display`: the client's Display, which it keeps open.
  explicit Painter(void* display);
  ~Painter();
  Painter(const Painter&) = delete;
  Painter& operator=(const Painter&) = delete;

  // Error::invalid_parameter where there is no such drawable, Error::unsupported where it has no 24
  // bits a sample.
  Result<Size> size(xcb_drawable_t drawable);

  // Memory for a picture; it stays until the next call. Error::out_of_memory.
  Result<Canvas> canvas(Size size);

  // Shows the canvas with its left top corner at (x, y), clipped to the rectangles if there are
  // any. Error::invalid_parameter where the X server refuses.
  Result<void> paint(xcb_drawable_t drawable, int16_t x, int16_t y,
                     std::span<const xcb_rectangle_t> clips);

  // Fills the whole drawable with a sample, red in bits 16 to 23.
  Result<void> clear(xcb_drawable_t drawable, uint32_t sample);

 private:
  // A graphics context for one request.
  class Context;

  Result<void> share(std::size_t bytes);
  Result<void> check(xcb_void_cookie_t cookie);
  Result<void> paint_in_bands(xcb_drawable_t drawable, xcb_gcontext_t context, int16_t x,
                              int16_t y);

  xcb_connection_t* connection_;
  bool shares_memory_;  // with the server
  Size size_ = {};
  uint8_t depth_ = 24;  // of the drawable asked for last

  xcb_shm_seg_t segment_ = 0;
  std::span<std::byte> shared_;
  std::vector<std::byte> own_;  // where the server shares none
};

}  // namespace daedalus::x11
