// SPDX-License-Identifier: MIT
// What a user may set: daedalus_drv_video.conf, each key also as an environment variable.
#pragma once

#include <cstdint>
#include <string>

#include "daedalus/log.h"

namespace daedalus {

// How intra macroblocks, which wait for their neighbours, are ordered on the GPU.
enum class DispatchStrategy {
  automatic,  // tickets on drivers known to keep running workgroups running, else levels
  tickets,    // one dispatch; each workgroup spins until its neighbours are done
  levels,     // a dispatch per dependency level, small levels fused into one workgroup
};

struct Settings {
  std::string device;  // part of a name, an index, or a DRM node's path; empty: see README
  LogLevel log_level = LogLevel::none;
  std::string log_target;        // "stderr" (also when empty), "syslog" or a file's path
  uint32_t entropy_threads = 0;  // 0: as many as the CPU has cores, at most 16
  std::string profile;           // a file's path, see profile.h; empty: none
  DispatchStrategy dispatch = DispatchStrategy::automatic;
};

}  // namespace daedalus
