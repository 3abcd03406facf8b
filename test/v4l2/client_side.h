// SPDX-License-Identifier: MIT
// A minimal client of the stateless API, for tests. Functions return 0 or a negative error number.
#ifndef DAEDALUS_TEST_V4L2_CLIENT_SIDE_H
#define DAEDALUS_TEST_V4L2_CLIENT_SIDE_H

#include <linux/videodev2.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "daemon_side.h"

namespace daedalus::v4l2_test {

inline constexpr uint32_t kOutput = V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE;
inline constexpr uint32_t kCapture = V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;

struct Dequeued {
  int error = 0;
  uint32_t index = 0;
  uint32_t flags = 0;
  uint64_t timestamp_us = 0;
  bool failed() const { return flags & V4L2_BUF_FLAG_ERROR; }
};

class Client {
 public:
  explicit Client(unsigned video, int flags = 0);
  int video() const { return video_.get(); }
  int media() const { return media_.get(); }

  // `most`: the size of a bitstream buffer in bytes; 0: the module's default.
  int set_format(uint32_t codec, uint32_t width, uint32_t height, uint32_t most = 0);
  v4l2_pix_format_mplane format(uint32_t type) const;
  int request_buffers(uint32_t type, uint32_t count);
  int stream(uint32_t type, bool on);
  // Sets formats, allocates `count` buffers of each queue, starts streaming and queues CAPTURE
  // buffers.
  int start(uint32_t codec, uint32_t width, uint32_t height, uint32_t count = 4);
  int queue_capture(uint32_t index);
  int queue_output(uint32_t index, std::span<const uint8_t> bytes, uint64_t timestamp_us,
                   int request = -1, uint32_t flags = 0);
  int set_control(uint32_t id, const void* payload, size_t size, int request = -1);
  FileDescriptor make_request() const;
  static int queue_request(int request);
  // Creates a request, puts the buffer in it and queues it.
  FileDescriptor decode(uint32_t index, std::span<const uint8_t> bytes, uint64_t timestamp_us,
                        uint32_t flags = 0);
  Dequeued dequeue(uint32_t type);
  int flush();
  // The first luma sample of a CAPTURE buffer; -1 if it cannot be mapped.
  int first_sample(uint32_t index) const;

 private:
  FileDescriptor video_, media_;
};

}  // namespace daedalus::v4l2_test

#endif
