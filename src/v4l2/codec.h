// SPDX-License-Identifier: MIT
// Decodes a stream's jobs. One class per codec translates V4L2's controls for the decode core.
#pragma once

#include <cstdint>
#include <memory>

#include "daedalus/device.h"
#include "daedalus/error.h"
#include "v4l2/buffers.h"
#include "v4l2/message.h"

namespace daedalus::v4l2 {

class Codec {
 public:
  virtual ~Codec() = default;

  // Queues the job's picture for the decoder, and stores in `buffer` what later pictures refer to.
  // Waits only if the queue is full. On any error nothing is queued.
  virtual Result<void> decode(const Job& job, Buffer& buffer, Buffers& buffers) = 0;
};

struct CodecWish {
  uint32_t codec;            // DAEDALUS_V4L2_H264 and so on
  uint32_t width, height;    // samples
  uint32_t entropy_threads;  // in the process, at least 1
};

Result<std::unique_ptr<Codec>> create_codec(Device& device, const CodecWish& wish);

Result<std::unique_ptr<Codec>> create_h264(Device& device, const CodecWish& wish);
Result<std::unique_ptr<Codec>> create_vp9(Device& device, const CodecWish& wish);
Result<std::unique_ptr<Codec>> create_av1(Device& device, const CodecWish& wish);

}  // namespace daedalus::v4l2
