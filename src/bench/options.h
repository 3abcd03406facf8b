// SPDX-License-Identifier: MIT
// The command line of daedalus-bench.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace daedalus::bench {

struct Options {
  std::vector<std::string> files;
  bool check = false;
  bool software = false;  // libavcodec instead of the driver
  bool compare = false;   // libavcodec as well as the driver
  std::string decoder;    // libavcodec's; empty: its first of the codec
  int threads = 1;        // libavcodec's
  uint64_t pictures = 0;  // per stream; 0: as many as the file has
  std::vector<int> streams = {1};
  int repeat = 1;
  std::string device;  // empty: the driver's settings decide
  bool model = false;  // models a GPU instead of measuring
  bool recommend = false;
  std::string write;  // a configuration file, for what is recommended
  std::string json, html;
};

// Exits after --help and --version, and if the command line is wrong.
Options parse_options(int argc, char** argv);

}  // namespace daedalus::bench
