// SPDX-License-Identifier: MIT
// One measurement: a clip through one decoder, in its own process, so that the process's CPU time
// and memory are that decoder's.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/clip.h"
#include "daedalus/profile.h"

namespace daedalus::bench {

struct Leg {
  bool driver = true;     // otherwise libavcodec alone
  std::string decoder;    // libavcodec's, by its name; empty: its first of the codec
  int threads = 1;        // libavcodec's, per stream; 0: one per core
  int streams = 1;        // how many times the clip plays at once
  uint64_t pictures = 0;  // per stream; 0: as many as the clip has
  bool profiled = false;  // also collects the driver's record of each picture
  // If not 0: instead of playing `pictures`, repeats the whole clip until this time has passed, but
  // stops in mid-clip after twice the time.
  double seconds = 0;
  int load = 0;  // threads of another process that keep the CPU busy
};

struct Measurement {
  uint64_t frames = 0;             // of all streams
  double seconds = 0;              // from opening the decoders until the last frame is decoded
  double cpu_seconds = 0;          // in that time, of the whole process
  double client_cpu_seconds = 0;   // of that, the threads that call libavcodec and the driver
  double first_frame_seconds = 0;  // from opening a decoder until its first frame is decoded
  double open_seconds = 0;         // opening the driver, before the decoders
  uint64_t peak_bytes = 0;         // of the process, the clip included
  double load_rate = 0;            // work that the load did per second
  std::string device;              // as the driver names it
  std::vector<PictureProfile> pictures;

  double frames_per_second() const { return static_cast<double>(frames) / seconds; }
  double cpu_ms_per_frame() const { return cpu_seconds * 1000 / static_cast<double>(frames); }
};

// On failure returns nothing and sets `error`. Calls `progress` from time to time with the number
// of frames so far.
std::optional<Measurement> measure(const Clip& clip, const Leg& leg,
                                   const std::function<void(uint64_t)>& progress,
                                   std::string& error);

// Compares the driver's frames with libavcodec's; prints where they differ, and counts the frames
// that do.
struct Comparison {
  uint64_t frames = 0, different = 0;
};
std::optional<Comparison> compare_frames(const Clip& clip, uint64_t pictures, std::string& error);

}  // namespace daedalus::bench
