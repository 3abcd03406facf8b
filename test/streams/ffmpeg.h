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

// An input for ffmpeg. Width and height are the cropped size, or 0 if unknown.
struct Stream {
  std::string path;
  uint32_t width = 0, height = 0;
  std::string options = "";  // for ffmpeg, before the input
  bool crops = false;        // the coded frames are larger than width and height
  uint32_t bit_depth = 8;    // 8 or 10
  std::string filters = "";  // applied to decoded frames; the driver's are still in surfaces
  // The ffmpeg decoder with VA-API support, if it is not the default one. The default decoder's
  // frames are then the reference.
  std::string hardware_decoder = "";
};

// Decodes with the driver, using `dispatch` ("tickets", "levels"), and with libavcodec, and
// compares each frame.
Comparison compare_with_software(const Stream& stream, const std::string& dispatch,
                                 const VirtualDisplay& display);

// A command that decodes with the driver and writes raw frames to standard output. The driver
// appends its log to the file `log`.
std::string driver_command(const Stream& stream, const std::string& dispatch,
                           const VirtualDisplay& display, const std::string& log);

// Sums up the log of such a command.
DriverReport read_report(const std::string& log);

}  // namespace daedalus::test
