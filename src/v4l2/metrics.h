// SPDX-License-Identifier: MIT
// Counts what the daemon has done since it started.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "v4l2/kernel/daedalus_v4l2.h"

namespace daedalus::v4l2 {

struct Metrics {
  std::atomic<uint64_t> streams = 0;                                   // total
  std::atomic<uint64_t> open_streams = 0;                              // now
  std::array<std::atomic<uint64_t>, DAEDALUS_V4L2_CODECS> pictures{};  // answered with DONE
  std::atomic<uint64_t> damaged = 0;  // of these, pictures with concealed parts
  std::atomic<uint64_t> refused = 0;  // of these, substitutes for refused pictures
  std::atomic<uint64_t> failed = 0;   // answered with FAILED
  std::atomic<uint64_t> buffers = 0;  // clients' buffers, imported or mapped
  std::atomic<uint64_t> copied = 0;   // pictures, by the CPU to a client's memory

  // Writes a line to the log.
  void tell() const;
};

}  // namespace daedalus::v4l2
