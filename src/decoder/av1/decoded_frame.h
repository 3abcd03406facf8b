// SPDX-License-Identifier: MIT
// The state that a decoded AV1 frame leaves with its surfaces.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "av1/saved_frame.h"
#include "daedalus/av1/picture.h"
#include "daedalus/decoded_state.h"
#include "daedalus/surface.h"

namespace daedalus::av1 {

// With film grain a frame has two surfaces, which share this state. Clients may name either of them
// as a reference; its samples are those without grain.
class DecodedFrame final : public DecodedState {
 public:
  static constexpr Kind kind{};

  DecodedFrame(const PictureParameters& picture, std::weak_ptr<Surface> samples_in)
      : DecodedState(kind),
        upscaled_width(picture.upscaled_width),
        height(picture.height),
        bit_depth(picture.bit_depth),
        monochrome(picture.monochrome),
        samples(std::move(samples_in)) {}

  const uint32_t upscaled_width, height;  // luma samples
  const uint8_t bit_depth;
  const bool monochrome;
  const std::weak_ptr<Surface> samples;  // the surface without grain

  // Whether saved() may be called: parsing of the frame has begun, or it was given up.
  bool has_saved() const { return has_saved_.load(std::memory_order_acquire); }
  // Null if the frame was given up.
  const std::shared_ptr<const SavedFrame>& saved() const { return saved_; }
  // Call once.
  void set_saved(std::shared_ptr<const SavedFrame> saved) {
    saved_ = std::move(saved);
    has_saved_.store(true, std::memory_order_release);
  }

 private:
  std::shared_ptr<const SavedFrame> saved_;
  std::atomic<bool> has_saved_ = false;
};

}  // namespace daedalus::av1
