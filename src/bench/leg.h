// One measurement: a clip through one decoder, in a process of its own, whose CPU time and memory
// are then that decoder's.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/clip.h"
#include "daedalus/profile.h"

namespace daedalus::bench {

struct Leg {
  bool driver = true;     // else libavcodec alone
  int threads = 1;        // libavcodec's, for a stream; 0: as many as there are cores
  int streams = 1;        // the clip so many times beside itself
  uint64_t pictures = 0;  // of each stream; 0: as many as the clip has
  bool profiled = false;  // the driver's own record of each picture, too
};

struct Measurement {
  uint64_t frames = 0;     // of all streams
  double seconds = 0;      // from opening the decoders until the last frame's samples are there
  double cpu_seconds = 0;  // meanwhile, of the whole process
  double client_cpu_seconds = 0;   // of that, the threads that call libavcodec and the driver
  double first_frame_seconds = 0;  // from opening a decoder until its first frame is there
  double open_seconds = 0;         // opening the driver, before all that
  uint64_t peak_bytes = 0;         // of the process, the clip included
  std::string device;              // as the driver names it
  std::vector<PictureProfile> pictures;

  double frames_per_second() const { return static_cast<double>(frames) / seconds; }
  double cpu_ms_per_frame() const { return cpu_seconds * 1000 / static_cast<double>(frames); }
};

// Why there is no measurement, in `error`. `progress` is told the frames so far, now and then.
std::optional<Measurement> measure(const Clip& clip, const Leg& leg,
                                   const std::function<void(uint64_t)>& progress,
                                   std::string& error);

// Compares the driver's frames with libavcodec's, and says where they differ. How many do.
struct Comparison {
  uint64_t frames = 0, different = 0;
};
std::optional<Comparison> compare_frames(const Clip& clip, uint64_t pictures, std::string& error);

}  // namespace daedalus::bench
