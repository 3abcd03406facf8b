// SPDX-License-Identifier: MIT
// What was measured, and its presentation.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/leg.h"

namespace daedalus::bench {

// The same leg, several times.
struct Row {
  Leg leg;
  std::vector<Measurement> measured;

  using Value = double (*)(const Measurement&);
  double median_of(Value value) const;
};

struct FileReport {
  std::string file;
  int width = 0, height = 0;
  std::string codec;    // as libavcodec calls it
  std::string profile;  // of the codec
  uint64_t pictures = 0;
  std::vector<Row> rows;
  std::optional<Measurement> profiled;  // with a record of each picture
  Leg profiled_leg;
  bool modelled = false;  // the profile is for the model of a GPU that this machine does not have
  double load_rate = 0;   // what the load does per second by itself
};

struct Report {
  std::string device;  // as the driver names it; empty without the driver
  unsigned cores = 0;
  bool recommends = false;
  std::vector<FileReport> files;
};

double frames_per_second(const Measurement& measured);
double cpu_ms_per_frame(const Measurement& measured);
double first_frame_ms(const Measurement& measured);
double peak_bytes(const Measurement& measured);

// The driver's figure divided by libavcodec's in the same repetition; the median of all
// repetitions.
struct Ratio {
  const Row* driver;
  const Row* software;
  double frames_per_second, cpu;
};
std::vector<Ratio> ratios(const FileReport& report);

// For people to read: "libavcodec, 2 threads, 4 streams".
std::string describe(const Leg& leg);

void print(const Report& report);
std::string json(const Report& report);
std::string html(const Report& report);

}  // namespace daedalus::bench
