// Runs the ffmpeg program, with the driver and without it, and compares what the two decode.
#pragma once

#include <cstdint>
#include <string>

#include "programs/program.h"

namespace daedalus::test {

// What the driver's log said when its decoder closed, summed over the decoders of one run.
struct DriverReport {
  uint64_t decoders = 0;
  uint64_t decoded = 0;
  uint64_t damaged = 0;
  uint64_t picture_submits = 0;
  uint64_t dispatches = 0;
  std::string log;
};

struct Comparison {
  bool equal = false;
  uint64_t bytes = 0;  // of decoded yuv420p, the driver's
  std::string md5;     // of the same bytes
  std::string difference;
  int driver_exit = -1;
  DriverReport driver;
};

// One input as ffmpeg takes it. Width and height, after cropping, may be 0 where they are not
// known.
struct Stream {
  std::string path;
  uint32_t width = 0, height = 0;
  std::string options = "";  // for ffmpeg, before the input
  bool crops = false;        // the stream's frames are larger than width and height
  uint32_t bit_depth = 8;    // 8 or 10
};

// Decodes with `dispatch` ("tickets", "levels") through the driver and with libavcodec, frame by
// frame side by side.
Comparison compare_with_software(const Stream& stream, const std::string& dispatch,
                                 const VirtualDisplay& display);

// The command that does the driver's side of it, raw frames to its standard output. The driver
// appends to the file `log`.
std::string driver_command(const Stream& stream, const std::string& dispatch,
                           const VirtualDisplay& display, const std::string& log);

// Reads and sums up such a file.
DriverReport read_report(const std::string& log);

}  // namespace daedalus::test
