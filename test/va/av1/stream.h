// SPDX-License-Identifier: MIT
// A VA-API client that decodes AV1: reads OBUs, tracks the reference slots, and outputs pictures
// with film grain.
#pragma once

#include <va/va.h>
#include <va/va_dec_av1.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "av1/obu_reader.h"

namespace daedalus::test {

// The buffers of a frame.
struct Av1Frame {
  VADecPictureParameterBufferAV1 picture;
  std::vector<VASliceParameterBufferAV1> tiles;
  std::vector<std::byte> data;  // all tiles' data
  uint8_t refresh_frame_flags;

  uint32_t width() const { return picture.frame_width_minus1 + 1u; }
  uint32_t height() const { return picture.frame_height_minus1 + 1u; }
};

// How clients distribute tiles over buffers.
enum class Av1Sending {
  together,    // FFmpeg 7, GStreamer: one buffer with all parameters, one with data
  by_tile,     // FFmpeg 5: for each tile its parameters, and all data again
  data_first,  // Chromium: all data, then one buffer of parameters for each tile
};

// A frame with its header's values, except surfaces.
Av1Frame make_av1_frame(const av1::test::CodedFrame& coded);

// Frames without a real bitstream: the tiles contain random numbers seeded by `seed`.
struct Av1Wish {
  uint32_t width = 64, height = 64;
  uint8_t bit_depth = 8;
  uint8_t seed = 1;
  uint32_t tile_columns = 1, tile_rows = 1;
  bool film_grain = false;
  std::size_t tile_bytes = 16000;  // more than 64x64 samples take
};
// Refreshes all slots.
Av1Frame make_av1_key_frame(const Av1Wish& wish);
// References slots 0 to 6, with slot 0 as the primary reference. Refreshes slot 0.
Av1Frame make_av1_inter_frame(const Av1Wish& wish);
// A key frame and frames that depend on each other, some of half the size, so that their references
// are scaled. All frames of a wish are deterministic.
std::vector<Av1Frame> make_av1_sequence(const Av1Wish& wish, uint32_t count);

// Begins a picture in its current_frame, passes it to the driver and destroys its buffers. Returns
// the first status other than success.
VAStatus decode(VADisplay display, VAContextID context, Av1Frame& frame,
                Av1Sending sending = Av1Sending::together);

// A context, and surfaces of its size that are used as targets in turn.
class Av1Client {
 public:
  Av1Client(VADisplay display, uint32_t bit_depth, uint32_t width, uint32_t height);
  ~Av1Client();
  Av1Client(const Av1Client&) = delete;
  Av1Client& operator=(const Av1Client&) = delete;

  // Sets the frame's references and a surface that no slot holds; with film grain two.
  void prepare(Av1Frame& frame);
  // Decodes a prepared frame and refreshes the slots, even if the driver refused it.
  VAStatus decode(Av1Frame& frame, Av1Sending sending = Av1Sending::together);
  VAStatus prepare_and_decode(Av1Frame frame) {
    prepare(frame);
    return decode(frame);
  }

  // Decodes all frames of a temporal unit after `change`. Returns the first status other than
  // success.
  using Change = std::function<void(Av1Frame&)>;
  VAStatus decode(std::span<const std::byte> unit, const Change& change = {});

  VAContextID context() const { return context_; }
  VASurfaceID target() const { return target_; }  // of the last frame
  VASurfaceID shown() const { return shown_; }    // with film grain, if there is any
  const std::array<VASurfaceID, 14>& surfaces() const { return surfaces_; }

 private:
  VASurfaceID next_surface();
  void show_existing(const av1::test::CodedFrame& coded);

  VADisplay display_;
  VAConfigID config_ = VA_INVALID_ID;
  VAContextID context_ = VA_INVALID_ID;
  std::array<VASurfaceID, 14> surfaces_{};
  std::size_t next_ = 0;
  VASurfaceID target_ = VA_INVALID_SURFACE, shown_ = VA_INVALID_SURFACE;
  struct Slot {
    VASurfaceID target = VA_INVALID_SURFACE, shown = VA_INVALID_SURFACE;
  };
  std::array<Slot, av1::test::slot_count> slots_{};
  av1::test::ObuReader reader_;
};

}  // namespace daedalus::test
