// SPDX-License-Identifier: MIT
// An asynchronous VP9 decoder on a Device.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "daedalus/device.h"
#include "daedalus/error.h"
#include "daedalus/surface.h"
#include "daedalus/vp9/picture.h"

namespace daedalus {

struct Vp9Picture {
  std::shared_ptr<Surface> target;
  // The slots before this frame refreshes any. Null: lost, or never filled.
  std::array<std::shared_ptr<Surface>, vp9::reference_slots> references;
  // From the uncompressed header's first byte on, without a superframe index.
  std::vector<std::byte> frame;
};

// Decodes one stream. One call at a time, from any thread. State that passes from frame to frame
// (probabilities, segmentation, motion) stays with the surfaces; a decoder that starts in the
// middle of a stream takes it from the newest of its references. Destruction waits for the queued
// pictures.
class Vp9Decoder {
 public:
  // Width and height in samples, those of most expected frames. `entropy_threads` is at least 1.
  static Result<std::unique_ptr<Vp9Decoder>> create(Device& device, uint32_t width, uint32_t height,
                                                    uint32_t entropy_threads);
  ~Vp9Decoder();

  // Queues the picture and returns; waits only if the queue is full. Pictures reach the GPU in the
  // order of the calls. Nothing is queued on Error::unsupported (the frame's profile or format),
  // Error::invalid_parameter (its header contradicts the specification, or it does not fit the
  // target) and Error::device_lost (the decoder's or the target's). On success `picture` is
  // replaced by an empty one whose vector has room for another frame.
  Result<void> decode(Vp9Picture& picture);

 private:
  struct State;
  explicit Vp9Decoder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace daedalus
