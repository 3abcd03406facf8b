// SPDX-License-Identifier: MIT
// Plays jobs recorded by FakeKernel through the module's video node, as clients do: a request with
// controls and a bitstream for each, four at a time.
#pragma once

#include <linux/videodev2.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "client_side.h"

namespace daedalus::v4l2_test {

class NodePlayer {
 public:
  // Takes at most DAEDALUS_V4L2_MAX_BUFFERS jobs: each needs its own CAPTURE buffer.
  NodePlayer(unsigned video, const std::vector<std::vector<std::byte>>& jobs);
  NodePlayer(const NodePlayer&) = delete;
  NodePlayer& operator=(const NodePlayer&) = delete;
  ~NodePlayer();

  // Decodes all jobs. May be called repeatedly. Returns false if a system call or a picture failed.
  bool play();

 private:
  static constexpr uint32_t depth = 4;

  bool open();
  bool queue(std::size_t index);
  bool finish(std::size_t index);

  Client client_;
  std::vector<Message> jobs_;
  std::vector<FileDescriptor> requests_;
  std::vector<std::span<std::byte>> bitstreams_;  // the mapped OUTPUT buffers
  bool opened_ = false;
};

}  // namespace daedalus::v4l2_test
