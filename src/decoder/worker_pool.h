// SPDX-License-Identifier: MIT
// The process's threads for entropy decoding, shared by all of its decoders.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "threads/thread.h"

namespace daedalus {

enum class Effort {
  ready,      // work that can be done at once
  following,  // work that has to wait for another thread's work
};

// Something that has work for the pool, in pieces.
class WorkSource {
 public:
  // Does one piece, or returns false if there is none now. Entered and left with the pool's lock; a
  // source unlocks it while it works on something that keeps the source alive.
  virtual bool work(std::unique_lock<std::mutex>& lock, Effort effort) = 0;

 protected:
  ~WorkSource() = default;
};

// Sources are served round-robin, one piece each. If no source has ready work, a thread takes work
// that follows another thread's.
//
// A piece must not wait for one that no thread has taken yet, because all threads could end up
// waiting, nor for the application. It may wait for the GPU.
class WorkerPool {
 public:
  // The process's one pool, with at least this many threads. It ends with its last holder.
  // Error::out_of_memory.
  static Result<std::shared_ptr<WorkerPool>> share(uint32_t threads);

  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Guards the state by which the sources' work() decides.
  std::mutex& mutex() { return mutex_; }

  // The functions below are called with the lock.
  uint32_t size() const { return static_cast<uint32_t>(threads_.size()); }
  void add(WorkSource& source);
  void remove(WorkSource& source);  // its work must be done

  // There is new work for this many threads. A thread that takes a piece wakes the next one, so
  // that idle threads cost nothing.
  void wake(std::size_t threads);
  // A source has work that is blocked until another source makes progress.
  void note_blocked() { blocked_ = true; }
  // Something happened for which blocked work may have been waiting.
  void unblock();

 private:
  WorkerPool() = default;
  ~WorkerPool();
  static WorkerPool* hold();
  static void let_go(WorkerPool* pool);
  Result<void> grow(uint32_t threads);
  void run();
  bool do_piece(std::unique_lock<std::mutex>& lock, Effort effort);

  std::mutex mutex_;
  std::condition_variable work_or_stop_;

  // Guarded by the mutex.
  std::vector<WorkSource*> sources_;
  std::size_t last_served_ = 0;
  std::size_t sleeping_ = 0;
  bool blocked_ = false;
  bool stopping_ = false;
  std::vector<Thread> threads_;
};

}  // namespace daedalus
