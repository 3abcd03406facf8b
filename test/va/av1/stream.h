// SPDX-License-Identifier: MIT
// A VA-API client that decodes AV1: it reads OBUs, keeps the reference slots, and shows pictures
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
  std::vector<std::byte> data;  // of all tiles
  uint8_t refresh_frame_flags;

  uint32_t width() const { return picture.frame_width_minus1 + 1u; }
  uint32_t height() const { return picture.frame_height_minus1 + 1u; }
};

// The buffers in which clients pass the tiles.
enum class Av1Sending {
  together,    // FFmpeg 7, GStreamer: one of all parameters, one of data
  by_tile,     // FFmpeg 5: parameters of one tile, and all data again, for each
  data_first,  // Chromium: all data, then parameters of one tile each
};

// A frame with its header's values, except surfaces.
Av1Frame make_av1_frame(const av1::test::CodedFrame& coded);

// Frames without a bitstream of their own: the tiles are numbers by `seed`.
struct Av1Wish {
  uint32_t width = 64, height = 64;
  uint8_t bit_depth = 8;
  uint8_t seed = 1;
  uint32_t tile_columns = 1, tile_rows = 1;
  bool film_grain = false;
  std::size_t tile_bytes = 16000;  // more than 64x64 samples take
};
// In all slots.
Av1Frame make_av1_key_frame(const Av1Wish& wish);
// Of slots 0 to 6, slot 0 the primary reference. Refreshes slot 0.
Av1Frame make_av1_inter_frame(const Av1Wish& wish);
// A key frame, and frames that follow each other, some of half the size: their references are
// scaled. All frames of a wish are the same every time.
std::vector<Av1Frame> make_av1_sequence(const Av1Wish& wish, uint32_t count);

// Begins a picture in its current_frame, hands it to the driver and forgets its buffers; the first
// status that is no success.
VAStatus decode(VADisplay display, VAContextID context, Av1Frame& frame,
                Av1Sending sending = Av1Sending::together);

// A context, and surfaces of its size that frames are decoded into in turn.
class Av1Client {
 public:
  Av1Client(VADisplay display, uint32_t bit_depth, uint32_t width, uint32_t height);
  ~Av1Client();
  Av1Client(const Av1Client&) = delete;
  Av1Client& operator=(const Av1Client&) = delete;

  // Gives the frame its references and a surface that no slot holds, with film grain two.
  void prepare(Av1Frame& frame);
  // Decodes a prepared frame and refreshes the slots, even if the driver refused it.
  VAStatus decode(Av1Frame& frame, Av1Sending sending = Av1Sending::together);
  VAStatus prepare_and_decode(Av1Frame frame) {
    prepare(frame);
    return decode(frame);
  }

  // All frames of a temporal unit, each as `change` leaves it; the first status that is no success.
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
