// SPDX-License-Identifier: MIT
// Threads of the driver's own, which live in other people's processes.
#pragma once

#include <pthread.h>
#include <signal.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <utility>

#include "daedalus/error.h"

namespace daedalus {

// What `ps -T`, debuggers and profilers show. The kernel keeps 15 characters.
class ThreadName {
 public:
  template <std::size_t size>
  consteval ThreadName(const char (&text)[size]) : text_(text) {
    static_assert(size <= 16, "the kernel cuts longer names");
  }
  const char* text() const { return text_; }

 private:
  const char* text_;
};

// While this lives, the calling thread blocks all signals but those that a thread's own
// instructions raise. Threads inherit that: the application's threads have to handle what is sent
// to the process, not those that were started on behalf of the driver.
class BlockedSignals {
 public:
  BlockedSignals();
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t before_;
};

// A running thread, with blocked signals; destruction joins it. Every thread of the driver starts
// here.
class Thread {
 public:
  // Error::out_of_memory where the system has no room for another thread; nothing is left of it.
  static Result<Thread> start(ThreadName name, std::function<void()> work);

  Thread() = default;
  ~Thread() { join(); }
  Thread(Thread&& other) noexcept : thread_(std::exchange(other.thread_, {})) {}
  Thread& operator=(Thread&& other) noexcept {
    join();
    thread_ = std::exchange(other.thread_, {});
    return *this;
  }

  void join() {
    if (thread_) pthread_join(*thread_, nullptr);
    thread_.reset();
  }

 private:
  std::optional<pthread_t> thread_;
};

}  // namespace daedalus
