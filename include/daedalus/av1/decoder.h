// SPDX-License-Identifier: MIT
// An asynchronous AV1 decoder on a Device.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "daedalus/av1/picture.h"
#include "daedalus/device.h"
#include "daedalus/error.h"
#include "daedalus/surface.h"

namespace daedalus {

struct Av1Picture {
  av1::PictureParameters parameters;  // tiles: bytes of `data`
  std::vector<std::byte> data;
  std::shared_ptr<Surface> target;
  std::shared_ptr<Surface> display;  // the picture with film grain; null if apply_grain is 0
  // LAST_FRAME to ALTREF_FRAME. Null: lost or absent.
  std::array<std::shared_ptr<Surface>, av1::reference_count> references;
};

// Decodes one stream. One call at a time, from any thread. State that passes from frame to frame
// (CDFs, motion vectors, segment ids) stays with the surfaces. Destruction waits for the queued
// pictures.
class Av1Decoder {
 public:
  // Width and height in samples, those of most expected frames. `entropy_threads` is at least 1.
  static Result<std::unique_ptr<Av1Decoder>> create(Device& device, uint32_t width, uint32_t height,
                                                    uint32_t entropy_threads);
  ~Av1Decoder();

  // Queues the picture and returns; waits only if the queue is full. Pictures reach the GPU in the
  // order of the calls. Nothing is queued on Error::unsupported, Error::invalid_parameter (its
  // parameters contradict the specification, or it does not fit the targets) and Error::device_lost
  // (the decoder's or a target's). On success `picture` is replaced by an empty one whose vectors
  // have room for another frame.
  Result<void> decode(Av1Picture& picture);

 private:
  struct State;
  explicit Av1Decoder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace daedalus
