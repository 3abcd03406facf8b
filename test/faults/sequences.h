// SPDX-License-Identifier: MIT
// Sequences of dependent VP9 and AV1 frames, some predicted from a reference of another size, and
// of interlaced H.264 of all kinds, behind one interface. They are deterministic.
#pragma once

#include <va/va.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "va/av1/stream.h"
#include "va/h264/interlaced.h"
#include "va/semiplanar.h"
#include "va/vp9/stream.h"

namespace daedalus::test {

struct SequenceWish {
  uint32_t bit_depth, width, height;
  uint8_t seed = 1;

  std::size_t tile_bytes(std::size_t of_a_square) const {
    return of_a_square * ((width + 63) / 64) * ((height + 63) / 64);
  }
};

struct Vp9Sequence {
  using Client = Vp9Client;
  static Client open(VADisplay display, const SequenceWish& wish) {
    const auto profile = wish.bit_depth == 10 ? VAProfileVP9Profile2 : VAProfileVP9Profile0;
    return {display, profile, wish.width, wish.height};
  }
  static std::vector<Vp9SizedFrame> make(const SequenceWish& wish, uint32_t count) {
    return make_vp9_sequence({.width = wish.width,
                              .height = wish.height,
                              .profile = static_cast<uint8_t>(wish.bit_depth == 10 ? 2 : 0),
                              .seed = wish.seed,
                              .tile_bytes = wish.tile_bytes(8000)},
                             count);
  }
  static VAStatus decode(Client& client, const Vp9SizedFrame& frame) {
    return client.decode(frame.bytes);
  }
  static VASurfaceID shown(const Client& client) { return client.target(); }
  static std::vector<std::byte> read(VADisplay display, VASurfaceID surface, uint32_t bit_depth,
                                     const Vp9SizedFrame& frame) {
    return read_semiplanar(display, surface, bit_depth, frame.width, frame.height);
  }
};

struct InterlacedSequence {
  using Client = InterlacedClient;
  static Client open(VADisplay display, const SequenceWish& wish) {
    return {display, wish.width, wish.height};
  }
  static std::vector<InterlacedFrame> make(const SequenceWish& wish, uint32_t count) {
    return make_interlaced_sequence(wish.width, wish.height, wish.seed, count);
  }
  static VAStatus decode(Client& client, const InterlacedFrame& frame) {
    return client.decode(frame);
  }
  static VASurfaceID shown(const Client& client) { return client.target(); }
  static std::vector<std::byte> read(VADisplay display, VASurfaceID surface, uint32_t bit_depth,
                                     const InterlacedFrame& frame) {
    return read_semiplanar(display, surface, bit_depth, frame.width, frame.height);
  }
};

// With film grain.
struct Av1Sequence {
  using Client = Av1Client;
  static Client open(VADisplay display, const SequenceWish& wish) {
    return {display, wish.bit_depth, wish.width, wish.height};
  }
  static std::vector<Av1Frame> make(const SequenceWish& wish, uint32_t count) {
    return make_av1_sequence({.width = wish.width,
                              .height = wish.height,
                              .bit_depth = static_cast<uint8_t>(wish.bit_depth),
                              .seed = wish.seed,
                              .film_grain = true,
                              .tile_bytes = wish.tile_bytes(16000)},
                             count);
  }
  static VAStatus decode(Client& client, const Av1Frame& frame) {
    return client.prepare_and_decode(frame);
  }
  static VASurfaceID shown(const Client& client) { return client.shown(); }
  static std::vector<std::byte> read(VADisplay display, VASurfaceID surface, uint32_t bit_depth,
                                     const Av1Frame& frame) {
    return read_semiplanar(display, surface, bit_depth, frame.width(), frame.height());
  }
};

}  // namespace daedalus::test
