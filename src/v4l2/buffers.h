// SPDX-License-Identifier: MIT
// A stream's CAPTURE buffers: surfaces by the kernel's number, references by timestamp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "daedalus/device.h"
#include "daedalus/surface.h"
#include "v4l2/client_memory.h"
#include "v4l2/connection.h"
#include "v4l2/message.h"

namespace daedalus::v4l2 {

struct Buffer {
  uint64_t number = 0;
  PictureLayout layout = {};             // of the client's buffer
  std::shared_ptr<Surface> surface;      // in the client's memory, or the device's
  std::shared_ptr<ClientMemory> memory;  // the surface is copied to it; null: it is there already
  // With film grain: the picture that other pictures refer to.
  std::shared_ptr<Surface> without_grain;

  std::shared_ptr<Surface> reference;  // one of the surfaces; null: no picture yet
  std::optional<uint64_t> timestamp;
};

// One call at a time.
class Buffers {
 public:
  Buffers(Device& device, Connection& connection) : device_(device), connection_(connection) {}

  // The job's target, imported on first use. Valid until the next call.
  Result<Buffer*> take(const Job& job);
  void drop(uint64_t number);

  // The surface of the last picture with this timestamp; null: lost. vb2_find_buffer's rule.
  std::shared_ptr<Surface> find(uint64_t timestamp) const;

  // Sets the timestamp, and removes it from any other buffer.
  void set_timestamp(Buffer& buffer, uint64_t timestamp);

  // Creates the surface that holds pictures before film grain.
  Result<std::shared_ptr<Surface>> surface_without_grain(Buffer& buffer);

  uint64_t made() const { return made_; }

 private:
  Result<Buffer> make(const Job& job);

  Device& device_;
  Connection& connection_;
  std::vector<Buffer> buffers_;
  uint64_t made_ = 0;  // in total
};

}  // namespace daedalus::v4l2
