// SPDX-License-Identifier: MIT
#include "decoder/worker_pool.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace daedalus {

namespace {

// Constant-initialised and trivially destroyed: the process may exit while its threads decode.
struct Shared {
  std::mutex mutex;
  WorkerPool* pool = nullptr;
  std::size_t holders = 0;
  pid_t process = 0;
};
constinit Shared shared;

}  // namespace

Result<std::shared_ptr<WorkerPool>> WorkerPool::share(uint32_t threads) {
  std::shared_ptr<WorkerPool> pool(hold(), let_go);
  if (auto grown = pool->grow(threads); !grown) return tl::unexpected(grown.error());
  return pool;
}

// A forked child has a copy of its parent's pool but none of its threads. It leaks it on purpose.
WorkerPool* WorkerPool::hold() {
  std::lock_guard lock(shared.mutex);
  if (shared.process != getpid()) {
    shared.pool = nullptr;
    shared.holders = 0;
    shared.process = getpid();
  }
  if (!shared.pool) shared.pool = new WorkerPool;
  ++shared.holders;
  return shared.pool;
}

// Joins the threads without the lock: meanwhile another display may create a new pool.
void WorkerPool::let_go(WorkerPool* pool) {
  {
    std::lock_guard lock(shared.mutex);
    if (--shared.holders > 0) return;
    shared.pool = nullptr;
  }
  delete pool;
}

Result<void> WorkerPool::grow(uint32_t threads) {
  std::lock_guard lock(mutex_);
  threads_.reserve(threads);
  while (threads_.size() < threads) {
    auto thread = Thread::start("daedalus:parse", [this] { run(); });
    if (!thread) return tl::unexpected(thread.error());
    threads_.push_back(std::move(*thread));
  }
  return {};
}

WorkerPool::~WorkerPool() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_or_stop_.notify_all();
  threads_.clear();
}

void WorkerPool::add(WorkSource& source) {
  sources_.push_back(&source);
}

void WorkerPool::remove(WorkSource& source) {
  std::erase(sources_, &source);
}

void WorkerPool::wake(std::size_t threads) {
  for (std::size_t i = 0; i < std::min(threads, sleeping_); ++i) work_or_stop_.notify_one();
}

void WorkerPool::unblock() {
  if (std::exchange(blocked_, false)) wake(1);
}

void WorkerPool::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (do_piece(lock, Effort::ready) || do_piece(lock, Effort::following)) continue;
    ++sleeping_;
    work_or_stop_.wait(lock);
    --sleeping_;
  }
}

// While a source worked, others may have been added or removed.
bool WorkerPool::do_piece(std::unique_lock<std::mutex>& lock, Effort effort) {
  for (std::size_t tried = 0; tried < sources_.size(); ++tried) {
    last_served_ = (last_served_ + 1) % sources_.size();
    if (sources_[last_served_]->work(lock, effort)) return true;
  }
  return false;
}

}  // namespace daedalus
