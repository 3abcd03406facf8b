// SPDX-License-Identifier: MIT
#include "threads/thread.h"

#include <memory>
#include <utility>

namespace daedalus {

namespace {

struct Start {
  ThreadName name;
  std::function<void()> work;
};

void* run(void* argument) {
  const std::unique_ptr<Start> start(static_cast<Start*>(argument));
  // A thread can name itself in a sandbox; naming another one opens a file.
  pthread_setname_np(pthread_self(), start->name.text());
  start->work();
  return nullptr;
}

}  // namespace

BlockedSignals::BlockedSignals() {
  sigset_t blocked;
  sigfillset(&blocked);
  // If one of these is raised while it is blocked, the kernel kills the process without calling a
  // handler.
  for (const int synchronous : {SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP})
    sigdelset(&blocked, synchronous);
  pthread_sigmask(SIG_SETMASK, &blocked, &before_);
}

Result<Thread> Thread::start(ThreadName name, std::function<void()> work) {
  std::unique_ptr<Start> start(new Start{name, std::move(work)});
  pthread_t thread;
  const BlockedSignals blocked;
  const int failure = pthread_create(&thread, nullptr, run, start.get());
  if (failure) return tl::unexpected(Error::out_of_memory);
  start.release();  // now owned by the thread
  Thread started;
  started.thread_ = thread;
  return started;
}

}  // namespace daedalus
