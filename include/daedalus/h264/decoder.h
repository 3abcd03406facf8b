// SPDX-License-Identifier: MIT
// An asynchronous H.264 decoder on a Device.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "daedalus/device.h"
#include "daedalus/error.h"
#include "daedalus/h264/picture.h"
#include "daedalus/surface.h"

namespace daedalus {

struct H264Picture {
  std::shared_ptr<Surface> target;
  h264::PictureParameters parameters;
  std::array<std::shared_ptr<Surface>, h264::max_reference_pictures> references;  // null: lost
  std::vector<h264::SliceParameters> slices;
  std::vector<std::byte> slice_data;  // the slices' nal_units are parts of it
};

// Decodes one stream. One call at a time, from any thread. Destruction waits for the queued
// pictures.
class H264Decoder {
 public:
  // Width and height in samples. `entropy_threads`: how many threads the process should have for
  // all of its decoders, at least 1; see WorkerPool.
  static Result<std::unique_ptr<H264Decoder>> create(Device& device, uint32_t width,
                                                     uint32_t height, uint32_t entropy_threads);
  ~H264Decoder();

  // Whether pictures with these parameters can be decoded: Error::unsupported if they are out of
  // scope, Error::invalid_parameter for values out of range.
  static Result<void> check(const h264::PictureParameters& parameters);

  // Queues the picture and returns; waits only if the queue is full. Pictures reach the GPU in the
  // order of the calls. The parameters must have passed check(); the slices need not be valid: one
  // with values out of range counts as lost. Nothing is queued on Error::invalid_parameter (the
  // target is too small) and Error::device_lost (the decoder's or the target's). On success
  // `picture` is replaced by an empty one whose vectors have room for another, so that filling it
  // again does not allocate.
  Result<void> decode(H264Picture& picture);

 private:
  struct State;
  explicit H264Decoder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace daedalus
