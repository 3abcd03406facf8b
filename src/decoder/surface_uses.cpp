// SPDX-License-Identifier: MIT
#include "decoder/surface_uses.h"

#include <algorithm>
#include <new>
#include <utility>

namespace daedalus {

void SurfaceUses::follow(Access access, const std::shared_ptr<Handover>& pipeline,
                         std::vector<PictureNumber>& earlier) {
  std::lock_guard lock(mutex_);
  for (const auto& use : uses_) {
    const PictureNumber last{use.pipeline, use.in_the_way_of(access)};
    if (use.pipeline != pipeline && !last.is_with_gpu()) earlier.push_back(last);
  }
}

void SurfaceUses::note(Access access, const PictureNumber& picture) {
  std::lock_guard lock(mutex_);
  std::erase_if(uses_, [&](const Use& use) {
    return use.pipeline != picture.pipeline && *use.pipeline >= use.used;
  });
  auto own = std::find_if(uses_.begin(), uses_.end(),
                          [&](const Use& use) { return use.pipeline == picture.pipeline; });
  if (own == uses_.end()) own = uses_.insert(own, {picture.pipeline, 0, 0});
  own->used = picture.number;
  if (access == Access::write) own->written = picture.number;
}

void SurfaceUses::begin_picture(const PictureNumber& picture,
                                std::shared_ptr<const DecodedState> state, const Part& part) {
  std::lock_guard lock(mutex_);
  had_picture_ = true;
  lone_field_ = part.lone_field;
  if (state || !part.continues) state_ = std::move(state);
  if (part.continues && pipeline_ == picture.pipeline) return;
  pipeline_ = picture.pipeline;
  first_number_ = picture.number;
  failure_.reset();
  damage_.clear();
}

void SurfaceUses::end_picture(const PictureNumber& picture, std::optional<Error> failure,
                              std::span<const Surface::Damage> damage) noexcept {
  std::lock_guard lock(mutex_);
  if (pipeline_ != picture.pipeline || picture.number < first_number_) return;
  if (failure) failure_ = failure;
  try {
    damage_.insert(damage_.end(), damage.begin(), damage.end());
  } catch (const std::bad_alloc&) {
    failure_ = Error::out_of_memory;
  }
}

// Takes the lock, so that a thread that saw the picture queued does not miss this.
void SurfaceUses::passed() {
  { std::lock_guard lock(mutex_); }
  passed_.notify_all();
}

bool SurfaceUses::is_free_now(Access access) const {
  return std::all_of(uses_.begin(), uses_.end(),
                     [&](const Use& use) { return *use.pipeline >= use.in_the_way_of(access); });
}

bool SurfaceUses::wait_until(Access access, Clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return passed_.wait_until(lock, deadline, [&] { return is_free_now(access); });
}

void SurfaceUses::wait(Access access) {
  std::unique_lock lock(mutex_);
  passed_.wait(lock, [&] { return is_free_now(access); });
}

bool SurfaceUses::is_free(Access access) {
  std::lock_guard lock(mutex_);
  return is_free_now(access);
}

// With the lock held: a second field that is queued at the same time is submitted later and
// overwrites the rows. The copy waits for submitted work only, not for a thread.
Result<void> SurfaceUses::complete_frame(Picture& picture) {
  std::lock_guard lock(mutex_);
  if (!lone_field_ || failure_ || !is_free_now(Access::read)) return {};
  return picture.repeat_field(*lone_field_).map([&] { lone_field_.reset(); });
}

bool SurfaceUses::lacks_field() {
  std::lock_guard lock(mutex_);
  return lone_field_.has_value();
}

// Anyone who needs the state already holds it.
void SurfaceUses::overwrite() {
  std::lock_guard lock(mutex_);
  lone_field_.reset();
  pipeline_.reset();
  failure_.reset();
  damage_.clear();
  state_.reset();
}

std::optional<Error> SurfaceUses::failure() {
  std::lock_guard lock(mutex_);
  return failure_;
}

std::vector<Surface::Damage> SurfaceUses::damage() {
  std::lock_guard lock(mutex_);
  return damage_;
}

std::shared_ptr<const DecodedState> SurfaceUses::state() {
  std::lock_guard lock(mutex_);
  return state_;
}

void SurfaceUses::share_memory() {
  std::lock_guard lock(mutex_);
  if (!had_picture_) read_without_sync_ = true;
}

bool SurfaceUses::is_read_without_sync() {
  std::lock_guard lock(mutex_);
  return read_without_sync_;
}

}  // namespace daedalus
