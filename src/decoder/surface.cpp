#include "daedalus/surface.h"
#include "decoder/surface_state.h"

namespace daedalus {

using Clock = std::chrono::steady_clock;

Surface::Surface(std::shared_ptr<Picture> picture)
    : picture_(std::move(picture)), state_(std::make_shared<State>()) {}
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
  return std::shared_ptr<Surface>(new Surface(std::move(*picture)));
}

Result<void> Surface::sync(std::chrono::nanoseconds timeout) {
  // A client may ask for "for ever" as the largest number it has: keep the sum below from wrapping.
  timeout = std::min<std::chrono::nanoseconds>(timeout, std::chrono::hours(24 * 365));
  const auto deadline = Clock::now() + timeout;
  {
    std::unique_lock lock(state_->mutex);
    if (!state_->submitted.wait_until(lock, deadline, [&] { return state_->queued == 0; }))
      return tl::unexpected(Error::timeout);
    if (state_->failure) return tl::unexpected(*state_->failure);
  }
  const auto left = std::max<std::chrono::nanoseconds>(deadline - Clock::now(), {});
  return picture_->wait(left);
}

bool Surface::busy() {
  {
    std::lock_guard lock(state_->mutex);
    if (state_->queued != 0) return true;
  }
  const auto waited = picture_->wait({});
  return !waited && waited.error() == Error::timeout;
}

void Surface::wait_for_decoding() {
  std::unique_lock lock(state_->mutex);
  state_->submitted.wait(lock, [&] { return state_->queued == 0; });
}

void Surface::wait_for_readers() {
  std::unique_lock lock(state_->mutex);
  const auto uses = state_->uses;
  lock.unlock();
  for (const auto& use : uses) use.decoder->wait_for(use.used);
}

std::optional<Error> Surface::failure() {
  std::lock_guard lock(state_->mutex);
  return state_->failure;
}

// Motion stays with those who read it now.
void Surface::forget_decoding() {
  std::lock_guard lock(state_->mutex);
  state_->failure.reset();
  state_->damage.clear();
  state_->motion.reset();
}

std::vector<Surface::Damage> Surface::damage() {
  std::lock_guard lock(state_->mutex);
  return state_->damage;
}

}  // namespace daedalus
