// SPDX-License-Identifier: MIT
// A minimal daemon's side of the V4L2 module's protocol, for tests.
#ifndef DAEDALUS_TEST_V4L2_DAEMON_SIDE_H
#define DAEDALUS_TEST_V4L2_DAEMON_SIDE_H

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "daedalus/file_descriptor.h"
#include "v4l2/kernel/daedalus_v4l2.h"

namespace daedalus::v4l2_test {

// Waits for events of a descriptor. Returns poll()'s events, or 0 if it times out.
short wait_for(int fd, short events, int timeout_ms);

struct Message {
  std::vector<std::byte> bytes;  // empty: the client is gone
  const daedalus_v4l2_header& header() const;
  const daedalus_v4l2_job& job() const;
  bool is_job() const;
  std::span<const std::byte> bitstream() const;
  std::map<uint32_t, std::span<const std::byte>> controls() const;
};

class Stream {
 public:
  explicit Stream(FileDescriptor fd) : fd_(std::move(fd)) {}
  int fd() const { return fd_.get(); }
  // std::nullopt if it times out.
  std::optional<Message> read(int timeout_ms = 2000);
  // write()'s result or the negative error number.
  int answer(uint64_t job, uint32_t status = DAEDALUS_V4L2_DONE);
  // A descriptor or the negative error number.
  int get(uint64_t buffer) const;
  void close() { fd_ = FileDescriptor(); }

 private:
  FileDescriptor fd_;
};

class Control {
 public:
  // The negative error number of CREATE is in error().
  explicit Control(const daedalus_v4l2_create& create);
  int error() const { return error_; }
  int fd() const { return fd_.get(); }
  unsigned video() const { return create_.video; }
  // std::nullopt if no client starts streaming in time.
  std::optional<Stream> accept(int timeout_ms = 2000);
  void close() { fd_ = FileDescriptor(); }

 private:
  FileDescriptor fd_;
  daedalus_v4l2_create create_;
  int error_ = 0;
};

// All codecs with all features.
daedalus_v4l2_create everything(uint32_t max_width = 1920, uint32_t max_height = 1088);

// Fills the luma of a job's buffer with a value, and its chroma with grey. Returns false if it
// cannot be mapped.
bool paint(const daedalus_v4l2_job& job, int dma_buf, uint8_t value);

}  // namespace daedalus::v4l2_test

#endif
