// SPDX-License-Identifier: MIT
// Interlaced H.264 written by hand, and a client that decodes alternating kinds of frames.
#pragma once

#include <va/va.h>

#include <array>
#include <cstdint>
#include <vector>

#include "va/h264/stream.h"

namespace daedalus::test {

enum class Parity { top, bottom };

// Turns a picture into a field of a frame of twice its height.
void make_field(PcmPicture& content, Parity parity);

// An MBAFF frame: an I slice of I_PCM macroblocks, with alternating frame and field pairs. All
// samples of a macroblock have one value: its address plus `seed`, modulo 200, plus 16.
PcmPicture make_pairs(uint32_t width_in_mbs, uint32_t height_in_mbs, VASurfaceID target,
                      uint8_t seed);
// The address of the macroblock of such a picture that a luma sample belongs to.
uint32_t mb_of_pairs(uint32_t x, uint32_t y, uint32_t width_in_mbs);
uint8_t luma_of_pairs(uint32_t mb_addr, uint8_t seed);

// A frame of a sequence.
struct InterlacedFrame {
  enum class Kind {
    intra_fields,
    pairs,
    skipped_frame,   // a P frame that repeats the one before it
    skipped_second,  // an I field, and a P field that repeats it
    lone_field,
    skipped_of_a_field,  // two P fields that repeat those of the previous frame
  } kind;
  uint8_t seed;
  uint32_t width, height;  // samples
};

// Frames of all kinds in turn; deterministic.
std::vector<InterlacedFrame> make_interlaced_sequence(uint32_t width, uint32_t height, uint8_t seed,
                                                      uint32_t count);

// A context and its surfaces.
class InterlacedClient {
 public:
  InterlacedClient(VADisplay display, uint32_t width, uint32_t height);
  ~InterlacedClient();
  InterlacedClient(const InterlacedClient&) = delete;
  InterlacedClient& operator=(const InterlacedClient&) = delete;

  // Decodes into the next surface. Returns the first status other than success.
  VAStatus decode(const InterlacedFrame& frame);
  VASurfaceID target() const { return surfaces_[target_]; }  // of the last frame

 private:
  VAStatus decode_intra_field(Parity parity, uint8_t seed);
  VAStatus decode_skipped_field(Parity parity, VASurfaceID reference, Parity of_reference);
  VAStatus decode(PcmPicture& picture);

  VADisplay display_;
  uint32_t width_in_mbs_, height_in_mbs_;
  VAConfigID config_ = VA_INVALID_ID;
  VAContextID context_ = VA_INVALID_ID;
  std::array<VASurfaceID, 6> surfaces_{};
  std::size_t target_ = 0;
  uint16_t frame_num_ = 0;
};

}  // namespace daedalus::test
