// SPDX-License-Identifier: MIT
// The process's threads for entropy decoding, shared by all that decodes in it.
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
  following,  // work that has to wait for what another thread is working on
};

// What has work for the pool, in pieces.
class WorkSource {
 public:
  // Does one piece, or says that there is none now. Entered and left with the pool's lock; a source
  // gives it up while it works on something that keeps the source alive.
  virtual bool work(std::unique_lock<std::mutex>& lock, Effort effort) = 0;

 protected:
  ~WorkSource() = default;
};

// Sources are served in turns, a piece each. Where no source has ready work, a thread takes work
// that follows another thread's.
//
// A piece must not wait for another one that no thread has taken yet: all threads may be waiting
// then. Nor does it wait for an application. It may wait for the GPU.
class WorkerPool {
 public:
  // The process's one pool, with at least so many threads. It ends with its last holder.
  // Error::out_of_memory.
  static Result<std::shared_ptr<WorkerPool>> share(uint32_t threads);

  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Guards the sources' state that their work() decides by.
  std::mutex& mutex() { return mutex_; }

  // The rest is called with the lock.
  uint32_t size() const { return static_cast<uint32_t>(threads_.size()); }
  void add(WorkSource& source);
  void remove(WorkSource& source);  // none of whose work is being done

  // There is new work for so many threads. One that takes a piece of it wakes the next: an idle
  // thread costs nothing.
  void wake(std::size_t threads);
  // A source has work that cannot be done before another source gets on.
  void note_blocked() { blocked_ = true; }
  // Something got on that blocked work may have been waiting for.
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

  // Under the mutex.
  std::vector<WorkSource*> sources_;
  std::size_t last_served_ = 0;
  std::size_t sleeping_ = 0;
  bool blocked_ = false;
  bool stopping_ = false;
  std::vector<Thread> threads_;
};

}  // namespace daedalus
