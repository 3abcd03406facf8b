// SPDX-License-Identifier: MIT
// Plays jobs, as FakeKernel records them, through the module's video node, as clients do: a request
// with its controls and its bitstream for each, four at a time.
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
  // At most DAEDALUS_V4L2_MAX_BUFFERS jobs: each has a CAPTURE buffer of its own.
  NodePlayer(unsigned video, const std::vector<std::vector<std::byte>>& jobs);
  NodePlayer(const NodePlayer&) = delete;
  NodePlayer& operator=(const NodePlayer&) = delete;
  ~NodePlayer();

  // Decodes all jobs; again if called again. False: a system call or a picture failed.
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
