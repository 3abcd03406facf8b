// SPDX-License-Identifier: MIT
// The kernel module's side of a stream, in this process: buffers are memfds, and the test provides
// the messages.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "v4l2/connection.h"
#include "v4l2/kernel/daedalus_v4l2.h"

namespace daedalus::test {

struct FakeFormat {
  uint32_t pixel_format;
  uint32_t width, height;  // rounded up to multiples of 16 by the module

  uint32_t aligned_width() const { return (width + 15) / 16 * 16; }
  uint32_t aligned_height() const { return (height + 15) / 16 * 16; }
  uint32_t pitch() const;
  uint32_t sizeimage() const { return pitch() * aligned_height() * 3 / 2; }
};

// A job's message; see daedalus_v4l2.h. Add controls one by one.
class JobMessage {
 public:
  JobMessage(uint32_t codec, const FakeFormat& format, uint64_t buffer, uint64_t timestamp);

  void add_control(uint32_t id, std::span<const std::byte> value);
  template <typename Control>
  void add_control(uint32_t id, const Control& value) {
    add_control(id, std::as_bytes(std::span(&value, 1)));
  }
  void set_bitstream(std::span<const std::byte> bitstream) { bitstream_ = bitstream; }

  // `bitstream` must still be valid.
  std::vector<std::byte> bytes(uint64_t job) const;

  daedalus_v4l2_job head;

 private:
  std::vector<std::byte> controls_;
  std::span<const std::byte> bitstream_;
};

class FakeKernel {
 public:
  FakeKernel() = default;
  ~FakeKernel();
  FakeKernel(const FakeKernel&) = delete;
  FakeKernel& operator=(const FakeKernel&) = delete;

  // The connection must not outlive this.
  std::unique_ptr<v4l2::Connection> connect();

  uint64_t add_buffer(const FakeFormat& format);
  void remove_buffer(uint64_t buffer);  // BUFFER_GONE
  std::span<const std::byte> memory(uint64_t buffer);

  uint64_t send(const JobMessage& message);  // the job's number
  void send(std::vector<std::byte> message);
  void hang_up();  // the client is gone

  // Waits for a job's answer; nullopt if it times out.
  std::optional<uint32_t> wait(uint64_t job,
                               std::chrono::milliseconds timeout = std::chrono::seconds(120));
  std::vector<uint64_t> answers();  // in their order

  // If set, buffers cannot be opened until a job is answered.
  bool is_slow = false;

  // Where to store jobs that are sent; null: not stored.
  std::vector<std::vector<std::byte>>* record = nullptr;

 private:
  class Stream;
  struct Memory {
    int descriptor;
    std::span<std::byte> bytes;
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::vector<std::byte>> messages_;
  bool hung_up_ = false, stopped_ = false;
  uint64_t last_job_ = 0, last_buffer_ = 0;
  std::map<uint64_t, Memory> buffers_;
  std::vector<std::pair<uint64_t, uint32_t>> answers_;
};

}  // namespace daedalus::test
