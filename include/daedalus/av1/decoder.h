// SPDX-License-Identifier: MIT
// An asynchronous AV1 decoder on a Device. Any thread may call.
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
  std::shared_ptr<Surface> display;  // with film grain; null: apply_grain is 0
  // LAST_FRAME to ALTREF_FRAME. Null: lost, or not there.
  std::array<std::shared_ptr<Surface>, av1::reference_count> references;
};

// One stream's decoder. What a stream carries from frame to frame (CDFs, motion vectors, segment
// ids) lives with the surfaces. Destruction waits for the pictures it was given.
class Av1Decoder {
 public:
  // Width and height in samples: what most frames are expected to have. `entropy_threads` >= 1.
  static Result<std::unique_ptr<Av1Decoder>> create(Device& device, uint32_t width, uint32_t height,
                                                    uint32_t entropy_threads);
  ~Av1Decoder();

  // Queues the picture and returns; it waits only where the queue is full. Pictures reach the GPU
  // in the order of the calls. The picture was not taken on Error::unsupported,
  // Error::invalid_parameter (its parameters contradict the specification, or it does not fit the
  // targets), Error::device_lost (of the decoder or of a target). Where it was, `picture` is an
  // empty one whose vectors have room for another frame.
  Result<void> decode(Av1Picture& picture);

 private:
  struct State;
  explicit Av1Decoder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace daedalus
