// SPDX-License-Identifier: MIT
// The painter of a driver built without X11.
#include "x11/painter.h"

namespace daedalus::x11 {

const bool built_in = false;

Painter::Painter(void*) : connection_(nullptr), shares_memory_(false) {}
Painter::~Painter() = default;

Result<Size> Painter::size(Drawable) {
  return tl::unexpected(Error::unsupported);
}
Result<Canvas> Painter::canvas(Size) {
  return tl::unexpected(Error::unsupported);
}

Result<void> Painter::paint(Drawable, int16_t, int16_t, std::span<const Rectangle>) {
  return tl::unexpected(Error::unsupported);
}

Result<void> Painter::clear(Drawable, uint32_t) {
  return tl::unexpected(Error::unsupported);
}

}  // namespace daedalus::x11
