// SPDX-License-Identifier: MIT
// A decoder of the toy codec: its half of the pipeline of pictures. A real codec has it in
// src/decoder/<codec>.
#pragma once

#include <memory>
#include <vector>

#include "daedalus/device.h"
#include "daedalus/surface.h"
#include "toy/parser.h"

namespace daedalus::toy {

struct DecoderPicture {
  std::shared_ptr<Surface> target, reference;  // the reference is null in a key picture
  PictureParameters parameters;
  std::vector<Slice> slices;
  std::vector<std::byte> slice_data;  // the slices' data are parts of it
};

class Decoder {
 public:
  static Result<std::unique_ptr<Decoder>> create(Device& device, uint32_t entropy_threads);
  ~Decoder();

  // Queues the picture, whose parameters are in range, and returns. The caller's vectors come back
  // empty, with an earlier picture's memory.
  Result<void> decode(DecoderPicture& picture);

 private:
  class Queued;
  struct Core;
  explicit Decoder(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
};

}  // namespace daedalus::toy
