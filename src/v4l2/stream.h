// SPDX-License-Identifier: MIT
// A client's stream. Its jobs are decoded and answered in order.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "daedalus/device.h"
#include "threads/thread.h"
#include "v4l2/buffers.h"
#include "v4l2/codec.h"
#include "v4l2/connection.h"
#include "v4l2/metrics.h"

namespace daedalus::v4l2 {

struct StreamSettings {
  uint64_t number = 0;           // for the log
  uint32_t entropy_threads = 1;  // in the process
  // How long a picture may take, from when its job was read or the previous job was answered,
  // whichever is later.
  std::chrono::milliseconds time_for_picture{800};
};

class Stream {
 public:
  // Starts two threads: one reads jobs and queues them for the decoder, one waits for pictures and
  // answers. Device and metrics must outlive the stream. Error::out_of_memory.
  static Result<std::unique_ptr<Stream>> start(Device& device,
                                               std::unique_ptr<Connection> connection,
                                               const StreamSettings& settings, Metrics& metrics);
  // Stops the connection, and waits for the pictures in flight.
  ~Stream();

  // Whether the client is gone and nothing is left to do.
  bool ended() const { return ended_; }

 private:
  using Clock = std::chrono::steady_clock;

  // An unanswered job.
  struct Pending {
    uint64_t job;
    uint32_t codec;
    enum class State { reading, decoding, failed } state = State::reading;
    bool refused = false;  // the buffer has a substitute
    Clock::time_point read_at;
    std::shared_ptr<Surface> surface;
    std::shared_ptr<ClientMemory> memory;
  };

  Stream(Device& device, std::unique_ptr<Connection> connection, const StreamSettings& settings,
         Metrics& metrics);

  void tell_of_no_memory() const;
  void read_jobs();
  bool take(std::span<const std::byte> message);
  void decode(const Job& job);
  Result<void> hand_over(const Job& job, Buffer& buffer);
  Result<void> open_codec(const Job& job);
  Result<void> stand_in(Buffer& buffer);

  void answer_jobs();
  bool finish(Pending& pending, Clock::time_point deadline);
  void count(const Pending& pending, bool done);

  Device& device_;
  const std::unique_ptr<Connection> connection_;
  const StreamSettings settings_;
  Metrics& metrics_;

  // Used by the reading thread.
  Buffers buffers_;
  std::unique_ptr<Codec> codec_;
  CodecWish opened_{};
  std::weak_ptr<Surface> last_;  // the last decoded picture

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Pending> pending_;  // in the order of the jobs; guarded by the mutex
  bool reader_ended_ = false;    // likewise

  std::atomic<bool> ended_ = false;
  Thread answerer_, reader_;  // the last members: they use the others
};

}  // namespace daedalus::v4l2
