// SPDX-License-Identifier: MIT
// What a user may set: daedalus_drv_video.conf, each key also as an environment variable.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "daedalus/log.h"

namespace daedalus {

// How intra macroblocks, which wait for their neighbours, are ordered on the GPU.
enum class DispatchStrategy {
  automatic,  // tickets on drivers known to guarantee workgroups forward progress, else levels
  tickets,    // one dispatch; each workgroup spins until its neighbours are done
  levels,     // a dispatch per dependency level, small levels fused into one workgroup
};

enum class Codec : uint8_t { h264, vp9, av1 };

// By Codec, as settings and options spell them.
inline constexpr std::array codec_names = {"h264", "vp9", "av1"};

// The largest pictures of a codec that clients are offered, in samples; 0x0: none at all.
struct CodecLimit {
  uint32_t width = UINT32_MAX, height = UINT32_MAX;

  bool operator==(const CodecLimit&) const = default;
};

// By Codec.
using CodecLimits = std::array<CodecLimit, codec_names.size()>;

struct Settings {
  std::string device;  // part of a name, an index, or a DRM node's path; empty: see README
  LogLevel log_level = LogLevel::none;
  std::string log_target;        // "stderr" (also when empty), "syslog" or a file's path
  uint32_t entropy_threads = 0;  // 0: as many as the CPU has cores, at most 16
  std::string profile;           // a file's path, see profile.h; empty: none
  DispatchStrategy dispatch = DispatchStrategy::automatic;
  CodecLimits profiles;  // VA profiles and V4L2 formats alike
};

}  // namespace daedalus
