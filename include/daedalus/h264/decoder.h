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

// One stream's decoder. One call at a time, from any thread. Destruction waits for the pictures it
// was given.
class H264Decoder {
 public:
  // Width and height in samples. `entropy_threads`: how many the process is to have for all of its
  // decoders, at least 1; see WorkerPool.
  static Result<std::unique_ptr<H264Decoder>> create(Device& device, uint32_t width,
                                                     uint32_t height, uint32_t entropy_threads);
  ~H264Decoder();

  // Whether a picture with these parameters can be decoded: Error::unsupported for what is outside
  // of the scope, Error::invalid_parameter for values outside of their ranges.
  static Result<void> check(const h264::PictureParameters& parameters);

  // Queues the picture and returns; it waits only where the queue is full. Pictures reach the GPU
  // in the order of the calls. The parameters have passed check(), slices need not: one with values
  // out of range is a lost one. Error::invalid_parameter where the target does not hold such a
  // picture, Error::device_lost (of the decoder or of the target): the picture was not taken. Where
  // it was, `picture` is an empty one whose vectors have room for another, so that filling it again
  // takes no new memory.
  Result<void> decode(H264Picture& picture);

 private:
  struct State;
  explicit H264Decoder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace daedalus
