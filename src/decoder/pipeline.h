// SPDX-License-Identifier: MIT
// Takes pictures from a codec's decoder to the GPU: entropy decoding on the process's threads,
// submission in decode order. It knows no codec.
//
// The queue holds pictures in decode order. A worker first looks for a task that can run without
// waiting for another picture, in the oldest open picture that has one. If there is none, it opens
// the next picture. If that is not possible either, it takes a task that follows a picture whose
// tasks all run on other workers.
//
// An allocation may fail anywhere. A picture that is registered with its surfaces still passes
// through every stage, marked as failed, because others wait for it.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "daedalus/decoded_state.h"
#include "daedalus/device.h"
#include "daedalus/error.h"
#include "daedalus/profile.h"
#include "daedalus/surface.h"
#include "decoder/surface_uses.h"
#include "decoder/worker_pool.h"

namespace daedalus {

// A codec's picture. It is recycled, so that its vectors keep their memory.
class QueuedPicture {
 public:
  virtual ~QueuedPicture() = default;

  // When a worker may take a task:
  enum class Turn {
    now,
    following,  // it may have to wait for a picture that is being decoded
    later,      // not yet: the other picture is queued, or the task it depends on is not done
  };

  // Called with the pool's lock. False while the picture needs the probabilities of another one
  // that has not written them yet.
  virtual bool may_open() const { return true; }
  virtual Turn turn(std::size_t /*task*/) const { return Turn::now; }

  // Called without the lock, one at a time except for tasks. All may throw std::bad_alloc, which
  // makes the picture fail.

  // Acquires a job. Returns the number of tasks.
  virtual Result<std::size_t> open() = 0;
  // Called once for each task, on any worker; several may run at the same time.
  virtual void run(std::size_t task) = 0;
  // After all tasks. Adds broken and lost parts to `damage`, and publishes the final state.
  virtual void finish(std::vector<Surface::Damage>& damage) = 0;
  virtual Result<void> submit() = 0;

  // Instead of finish(), if the picture failed: must end all waits for its state.
  virtual void give_up() noexcept = 0;
  // Logs what failed, with the picture's size.
  virtual void tell_of_failure(Error error) const noexcept = 0;
  // The picture was submitted, or failed. Releases everything it holds.
  virtual void clear() = 0;

  // Filled before Pipeline::queue().
  struct Use {
    std::shared_ptr<Surface> surface;
    Access access;
  };
  std::vector<Use> uses;                    // each surface once
  std::shared_ptr<DecodedState> state;      // left with the written surfaces; null: nothing
  SurfaceUses::Part part;                   // which part of the frame in the written surfaces
  std::unique_ptr<PictureProfile> profile;  // null without a profile

 private:
  friend class Pipeline;
  bool has_task() const { return open_ && next_task_ < task_count_; }
  void reset();

  PictureNumber number_ = {};
  std::vector<PictureNumber> earlier_;  // other pipelines' pictures to be submitted first
  std::optional<Error> failure_;
  std::vector<Surface::Damage> damage_;

  // Under the pool's lock.
  bool open_ = false, parsed_ = false;
  std::size_t task_count_ = 0, next_task_ = 0, done_tasks_ = 0;
};

// The codec's part of a pipeline.
class PipelineCodec {
 public:
  // How many pictures may be open at the same time. If open() fails and this has become fewer,
  // there was no memory for another job: the picture waits for one of the existing jobs.
  virtual std::size_t jobs() const = 0;

 protected:
  ~PipelineCodec() = default;
};

// A decoder's pictures. One thread at a time queues; destruction waits for all queued pictures.
class Pipeline final : private WorkSource {
 public:
  Pipeline(std::shared_ptr<WorkerPool> pool, const PipelineCodec& codec);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // The maximum number of pictures in the pipeline, and so of jobs that it can use.
  uint32_t capacity() const { return capacity_; }

  // Recycles a completed picture of this codec, or creates one from `arguments`.
  template <typename Picture, typename... Arguments>
  std::unique_ptr<Picture> take(Arguments&&... arguments) {
    if (auto idle = take_idle())
      return std::unique_ptr<Picture>(static_cast<Picture*>(idle.release()));
    return std::make_unique<Picture>(std::forward<Arguments>(arguments)...);
  }

  // The picture's profile record, with `given` as its start; null without a profile.
  std::unique_ptr<PictureProfile> open_profile(uint64_t given) const;

  // Waits while the queue is full.
  void wait_for_room();
  // From here on the surfaces are in use, and the pipeline owns the picture. Pictures are submitted
  // in the order of these calls.
  void queue(std::unique_ptr<QueuedPicture> picture);
  // Waits until all pictures are submitted.
  void drain();

  struct Counts {
    uint64_t decoded = 0, damaged = 0;
  };
  Counts counts() const;
  // Logs a decoder's totals, after drain().
  void tell_of_closing(const char* codec, const DeviceCounters& counters) const;

 private:
  bool work(std::unique_lock<std::mutex>& lock, Effort effort) override;
  std::unique_ptr<QueuedPicture> take_idle();
  bool run_task(std::unique_lock<std::mutex>& lock, QueuedPicture::Turn turn);
  bool open_next(std::unique_lock<std::mutex>& lock);
  bool submit_next(std::unique_lock<std::mutex>& lock);
  void open(std::unique_lock<std::mutex>& lock, QueuedPicture& picture);
  void complete(std::unique_lock<std::mutex>& lock, QueuedPicture& picture);
  void hand_over(QueuedPicture& picture);
  void note(QueuedPicture& picture);
  std::size_t open_pictures() const;
  std::size_t room() const;

  const std::shared_ptr<WorkerPool> pool_;
  const PipelineCodec& codec_;
  const uint32_t capacity_;
  const std::shared_ptr<Handover> handover_ = std::make_shared<Handover>(0);
  const uint64_t profile_id_;
  uint64_t queued_pictures_ = 0;

  // Guarded by the pool's lock.
  std::condition_variable room_or_idle_;
  std::vector<std::unique_ptr<QueuedPicture>> queue_;  // in decode order
  std::vector<std::unique_ptr<QueuedPicture>> idle_;
  bool opening_ = false;     // one worker at a time: jobs are acquired in decode order
  bool submitting_ = false;  // likewise
  Counts counts_;
};

}  // namespace daedalus
