// What daedalus-bench is asked for.
#pragma once

#include <string>
#include <vector>

namespace daedalus::bench {

struct Options {
  std::vector<std::string> files;
  bool check = false;
  bool software = false;  // libavcodec instead of the driver
  bool compare = false;   // libavcodec beside the driver
  int threads = 1;        // libavcodec's
  uint64_t pictures = 0;  // of each stream; 0: as many as the file has
  std::vector<int> streams = {1};
  int repeat = 1;
  std::string device;  // empty: as the driver's settings say
  bool model = false;  // of a GPU, instead of measuring
  std::string json, html;
};

// Ends the program where it is asked for help, or for what does not exist.
Options parse_options(int argc, char** argv);

}  // namespace daedalus::bench
