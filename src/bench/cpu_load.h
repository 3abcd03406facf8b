// SPDX-License-Identifier: MIT
// Other work for the CPU while a decoder is measured.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace daedalus::bench {

// Threads that compute from construction to destruction, in their own process, whose CPU time does
// not count as the decoder's.
class CpuLoad {
 public:
  explicit CpuLoad(int threads);  // 0: none
  ~CpuLoad();
  CpuLoad(const CpuLoad&) = delete;
  CpuLoad& operator=(const CpuLoad&) = delete;

  // Units of work per second, of all threads, so far. Without threads, or if the process could not
  // be started: 0.
  double rate() const;

 private:
  struct Work;
  Work* work_ = nullptr;  // shared with the process
  pid_t process_ = -1;
  double start_ = 0;
};

}  // namespace daedalus::bench
