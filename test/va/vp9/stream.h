// SPDX-License-Identifier: MIT
// A VA-API client that decodes VP9 like libavcodec: it passes what each frame's own header says to
// the driver.
#pragma once

#include <va/va.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "daedalus/vp9/picture.h"

namespace daedalus::test {

// The three buffers of a frame.
struct Vp9Frame {
  VADecPictureParameterBufferVP9 picture;
  VASliceParameterBufferVP9 slice;
  std::vector<std::byte> data;
  uint8_t refresh_frame_flags;
};

// Frames written by hand: the compressed header is all zeros, the tile random numbers seeded by
// `seed`.
struct Vp9Wish {
  uint32_t width = 64, height = 64;
  uint8_t profile = 0;  // 0 or 2
  uint8_t seed = 1;
  std::size_t tile_bytes = 8000;  // more than 64x64 samples take
};
std::vector<std::byte> make_vp9_key_frame(const Vp9Wish& wish);
// References slots 0, 1 and 2. With a size of 0 by 0 the frame takes slot 0's size.
std::vector<std::byte> make_vp9_inter_frame(const Vp9Wish& wish, uint8_t refresh_frame_flags = 1);

// A key frame and frames that depend on each other, some of half the size, so that their references
// are scaled. All frames of a wish are deterministic.
struct Vp9SizedFrame {
  std::vector<std::byte> bytes;
  uint32_t width, height;
};
std::vector<Vp9SizedFrame> make_vp9_sequence(const Vp9Wish& wish, uint32_t count);

// Begins a picture, passes it to the driver and destroys its buffers. Returns the first status
// other than success.
VAStatus decode(VADisplay display, VAContextID context, VASurfaceID target, Vp9Frame& frame);

// A context, and surfaces of its size that are used as targets in turn.
class Vp9Client {
 public:
  Vp9Client(VADisplay display, VAProfile profile, uint32_t width, uint32_t height);
  ~Vp9Client();
  Vp9Client(const Vp9Client&) = delete;
  Vp9Client& operator=(const Vp9Client&) = delete;

  // A frame as it is in the stream. If its header cannot be parsed, it gets the last frame's size.
  Vp9Frame make(std::span<const std::byte> bytes) const;
  // Decodes into the next surface that no slot holds, and refreshes the slots, even if the driver
  // refused the frame or could not create surfaces.
  VAStatus decode(Vp9Frame& frame);
  VAStatus decode(std::span<const std::byte> bytes) {
    auto frame = make(bytes);
    return decode(frame);
  }
  // The same, but a frame with show_existing_frame outputs a slot's surface.
  VAStatus decode_or_show(std::span<const std::byte> bytes);

  VAContextID context() const { return context_; }
  VASurfaceID target() const { return surfaces_[target_]; }  // of the last frame
  VASurfaceID shown() const { return shown_; }               // by decode_or_show
  const std::array<VASurfaceID, 12>& surfaces() const { return surfaces_; }

 private:
  VASurfaceID next_target();

  VADisplay display_;
  VAConfigID config_ = VA_INVALID_ID;
  VAContextID context_ = VA_INVALID_ID;
  std::array<VASurfaceID, 12> surfaces_{};
  std::size_t target_ = 0;
  VASurfaceID shown_ = VA_INVALID_SURFACE;
  std::array<VASurfaceID, 8> slots_{};
  std::array<vp9::ReferenceSlot, vp9::reference_slots> sizes_{};
  uint32_t width_, height_;  // of the last frame
};

}  // namespace daedalus::test
