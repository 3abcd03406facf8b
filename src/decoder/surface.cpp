// SPDX-License-Identifier: MIT
#include "daedalus/surface.h"

#include <algorithm>

#include "decoder/surface_uses.h"

namespace daedalus {

using Clock = SurfaceUses::Clock;

Surface::Surface(std::shared_ptr<Picture> picture)
    : picture_(std::move(picture)), uses_(std::make_unique<SurfaceUses>()) {}
Surface::~Surface() = default;

Result<std::shared_ptr<Surface>> Surface::create(Device& device, PictureFormat format,
                                                 uint32_t width, uint32_t height) {
  auto picture = device.create_picture(format, width, height);
  if (!picture) return tl::unexpected(picture.error());
  return std::shared_ptr<Surface>(new Surface(std::move(*picture)));
}

Result<std::shared_ptr<Surface>> Surface::import(Device& device, int dma_buf,
                                                 const PictureLayout& layout) {
  auto picture = device.import_picture(dma_buf, layout);
  if (!picture) return tl::unexpected(picture.error());
  std::shared_ptr<Surface> surface(new Surface(std::move(*picture)));
  surface->uses_->share_memory();
  return surface;
}

Result<void> Surface::sync(std::chrono::nanoseconds timeout, Access access) {
  // Callers pass the largest number for "forever": keep the sum below from wrapping.
  timeout = std::min<std::chrono::nanoseconds>(timeout, std::chrono::hours(24 * 365));
  const auto deadline = Clock::now() + timeout;
  if (!uses_->wait_until(access, deadline)) return tl::unexpected(Error::timeout);
  if (const auto failure = uses_->failure()) return tl::unexpected(*failure);
  if (auto completed = uses_->complete_frame(*picture_); !completed) return completed;
  const auto left = std::max<std::chrono::nanoseconds>(deadline - Clock::now(), {});
  return access == Access::read ? picture_->wait(left) : picture_->wait_for_readers(left);
}

bool Surface::busy() {
  if (!uses_->is_free(Access::read)) return true;
  const auto waited = picture_->wait({});
  return !waited && waited.error() == Error::timeout;
}

void Surface::wait_for_turn(Access access) {
  uses_->wait(access);
  // If the rows cannot be repeated, they stay as they are.
  if (access == Access::read) (void)uses_->complete_frame(*picture_);
}

Result<int> Surface::export_dma_buf() {
  if (auto written = sync(std::chrono::nanoseconds::max()); !written)
    return tl::unexpected(written.error());
  auto exported = picture_->export_dma_buf();
  if (exported) uses_->share_memory();
  return exported;
}

bool Surface::is_read_without_sync() {
  return uses_->is_read_without_sync();
}

Result<void> Surface::wait_for_fence() {
  wait_for_turn(Access::read);
  if (const auto failure = uses_->failure()) return tl::unexpected(*failure);
  return picture_->has_fence() ? Result<void>() : sync(std::chrono::nanoseconds::max());
}

std::vector<Surface::Damage> Surface::damage() {
  return uses_->damage();
}

}  // namespace daedalus
