// SPDX-License-Identifier: MIT
#include "bench/cpu_load.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

namespace daedalus::bench {

namespace {

double now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

constexpr int steps_per_unit = 1 << 16;

}  // namespace

struct CpuLoad::Work {
  std::atomic<uint64_t> units;
  std::atomic<uint32_t> sink;  // keeps the compiler from removing the work
};

namespace {

template <typename Work>
[[noreturn]] void compute(Work& work) {
  uint32_t value = 1;
  while (true) {
    for (int i = 0; i < steps_per_unit; ++i) value = value * 1664525 + 1013904223;
    work.sink.store(value, std::memory_order_relaxed);
    work.units.fetch_add(1, std::memory_order_relaxed);
  }
}

}  // namespace

CpuLoad::CpuLoad(int threads) {
  if (threads == 0) return;
  void* memory =
      mmap(nullptr, sizeof(Work), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;
  work_ = new (memory) Work{};
  start_ = now();
  fflush(nullptr);
  const pid_t parent = getpid();
  process_ = fork();
  if (process_ != 0) return;
  // The load ends with the benchmark, however the benchmark ends.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);
  std::vector<std::thread> others;
  for (int i = 1; i < threads; ++i) others.emplace_back([this] { compute(*work_); });
  compute(*work_);
}

CpuLoad::~CpuLoad() {
  if (process_ > 0) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  if (work_) munmap(work_, sizeof(Work));
}

double CpuLoad::rate() const {
  return work_ ? static_cast<double>(work_->units) / (now() - start_) : 0;
}

}  // namespace daedalus::bench
