// SPDX-License-Identifier: MIT
// A decoder of the toy codec: its part of the pipeline of pictures. A real codec has it in
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
  std::vector<std::byte> slice_data;  // owns the slices' data
};

class Decoder {
 public:
  static Result<std::unique_ptr<Decoder>> create(Device& device, uint32_t entropy_threads);
  ~Decoder();

  // Queues the picture and returns. Its parameters must be in range. The caller's vectors come back
  // empty, with an earlier picture's memory.
  Result<void> decode(DecoderPicture& picture);

 private:
  class Queued;
  struct Core;
  explicit Decoder(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
};

}  // namespace daedalus::toy
