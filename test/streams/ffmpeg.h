// SPDX-License-Identifier: MIT
// Runs the ffmpeg program with and without the driver, and compares the output.
#pragma once

#include <cstdint>
#include <string>

#include "programs/program.h"

namespace daedalus::test {

// What the driver logged when its decoders closed, summed over the decoders of one run.
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
  uint64_t bytes = 0;  // of yuv420p that the driver decoded
  std::string md5;     // of the same bytes
  std::string difference;
  int driver_exit = -1;
  DriverReport driver;
};

// One input for ffmpeg. Width and height are those after cropping, or 0 if unknown.
struct Stream {
  std::string path;
  uint32_t width = 0, height = 0;
  std::string options = "";  // for ffmpeg, before the input
  bool crops = false;        // the stream's frames are larger than width and height
  uint32_t bit_depth = 8;    // 8 or 10
  std::string filters = "";  // for frames as they are decoded, the driver's still in surfaces
  // Which of ffmpeg's decoders uses VA-API, where another is the first; then it is the other's
  // frames that the driver's are compared with.
  std::string hardware_decoder = "";
};

// Decodes with the driver, using `dispatch` ("tickets", "levels"), and with libavcodec, and
// compares each frame.
Comparison compare_with_software(const Stream& stream, const std::string& dispatch,
                                 const VirtualDisplay& display);

// The command that decodes with the driver and writes raw frames to its standard output. The driver
// appends its log to the file `log`.
std::string driver_command(const Stream& stream, const std::string& dispatch,
                           const VirtualDisplay& display, const std::string& log);

// Sums up the log that such a command wrote.
DriverReport read_report(const std::string& log);

}  // namespace daedalus::test
