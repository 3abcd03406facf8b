// Runs the ffmpeg program, with the driver and without it, and compares what the two decode.
#pragma once

#include <cstdint>
#include <string>

namespace daedalus::test {

// An X server without a screen, which gives ffmpeg a VA display where there is no DRM node.
class VirtualDisplay {
 public:
  VirtualDisplay();
  ~VirtualDisplay();
  VirtualDisplay(const VirtualDisplay&) = delete;
  VirtualDisplay& operator=(const VirtualDisplay&) = delete;
  const std::string& name() const { return name_; }  // ":N"; empty where Xvfb did not start

 private:
  int pid_ = -1;
  std::string name_;
};

// Removed with all that is in it when it goes out of scope.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  // The path of a file in it.
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// One for all tests of a program.
const VirtualDisplay& display();

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

// Runs a shell command; its exit status, 128 + signal where one ended it.
int run(const std::string& command);

std::string quoted(const std::string& word);

}  // namespace daedalus::test
