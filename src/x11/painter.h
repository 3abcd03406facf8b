// SPDX-License-Identifier: MIT
// Pictures in an X client's windows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "daedalus/error.h"

struct xcb_connection_t;

namespace daedalus::x11 {

// False if the driver was built without X11 (Meson's feature x11); then no Painter can be
// created.
extern const bool built_in;

using Drawable = uint32_t;  // a window or a pixmap

struct Rectangle {
  int16_t x, y;
  uint16_t width, height;
};

struct Size {
  uint32_t width, height;
};

// The picture to show, in the window's format: 4 bytes a sample, blue, green, red and an unused
// one. Rows follow each other without gaps.
struct Canvas {
  std::span<std::byte> samples;
  uint32_t pitch;  // bytes
};

// Draws in the windows of one display. Only one thread may call at a time.
class Painter {
 public:
  // `display`: the client's Display, which must stay open.
  explicit Painter(void* display);
  ~Painter();
  Painter(const Painter&) = delete;
  Painter& operator=(const Painter&) = delete;

  // Error::invalid_parameter if there is no such drawable, Error::unsupported if its depth is
  // neither 24 nor 32.
  Result<Size> size(Drawable drawable);

  // Memory for a picture, valid until the next call. Error::out_of_memory.
  Result<Canvas> canvas(Size size);

  // Shows the canvas with its top left corner at (x, y), clipped to the rectangles if there are
  // any. Error::invalid_parameter if the X server refuses.
  Result<void> paint(Drawable drawable, int16_t x, int16_t y, std::span<const Rectangle> clips);

  // Fills the whole drawable with one colour, red in bits 16 to 23.
  Result<void> clear(Drawable drawable, uint32_t sample);

 private:
  // A graphics context for a single request.
  class Context;

  Result<void> share(std::size_t bytes);
  Result<void> paint_in_bands(Drawable drawable, uint32_t context, int16_t x, int16_t y);

  xcb_connection_t* connection_;
  bool shares_memory_;  // with the X server
  Size size_ = {};
  uint8_t depth_ = 24;  // of the drawable last passed to size()

  uint32_t segment_ = 0;
  std::span<std::byte> shared_;
  std::vector<std::byte> own_;  // the canvas if no memory is shared
};

}  // namespace daedalus::x11
