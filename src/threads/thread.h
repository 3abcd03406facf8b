// SPDX-License-Identifier: MIT
// The driver's own threads. They run in the client's process.
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

// While this exists, the calling thread blocks all signals except those that its own instructions
// raise. New threads inherit the mask: signals sent to the process must go to the application's
// threads, not to the driver's.
class BlockedSignals {
 public:
  BlockedSignals();
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t before_;
};

// A running thread with blocked signals; destruction joins it. All of the driver's threads are
// created here.
class Thread {
 public:
  // Error::out_of_memory if the system has no room for another thread; nothing remains then.
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
