// SPDX-License-Identifier: MIT
// A client's stream, as the kernel passes it on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "daedalus/error.h"

namespace daedalus::v4l2 {

// One thread calls read() and get(), another one answer(); any thread may call stop().
class Connection {
 public:
  virtual ~Connection() = default;

  // Waits for a message and stores it in `memory`, which grows as needed. Returns a part of
  // `memory`; empty if the client is gone or stop() was called.
  virtual std::span<const std::byte> read(std::vector<std::byte>& memory) = 0;

  // A new descriptor of a CAPTURE buffer's dma-buf, which the caller must close.
  // Error::invalid_parameter if the buffer is gone.
  virtual Result<int> get(uint64_t buffer) = 0;

  // `status`: DAEDALUS_V4L2_DONE or DAEDALUS_V4L2_FAILED.
  virtual void answer(uint64_t job, uint32_t status) = 0;

  // Wakes the reader.
  virtual void stop() = 0;
};

// Takes ownership of the descriptor that ACCEPT returned.
Result<std::unique_ptr<Connection>> open_kernel_stream(int descriptor);

}  // namespace daedalus::v4l2
