// SPDX-License-Identifier: MIT
// Sums up a profile in a few numbers.
#pragma once

#include <span>
#include <vector>

#include "bench/leg.h"

namespace daedalus::bench {

// A part of a picture's CPU or GPU time: the sum of some columns of its record.
struct Stage {
  const char* key;   // in JSON
  const char* name;  // for people
  std::vector<uint64_t PictureProfile::*> columns;

  double ms(const PictureProfile& picture) const;
};

// In the order in which a picture passes them.
std::span<const Stage> cpu_stages();
std::span<const Stage> gpu_stages();

// The value below which this share of the values lies.
double percentile(std::vector<double> values, double share);
double median(std::vector<double> values);
double mean(std::span<const double> values);

// Of the pictures, hidden ones included.
struct StageTime {
  const Stage* stage;
  double mean, p95;  // ms
};

// The time of all pictures, divided by the number of frames that the client got: a frame also pays
// for the hidden pictures before it.
struct StageShare {
  const Stage* stage;
  double ms;
};

struct Latency {
  double p50, p95, p99, max;  // ms from vaEndPicture until the GPU is done
};

struct Summary {
  explicit Summary(const Measurement& measured);

  // CPU ms per frame. `client` and `elsewhere` belong to no stage: the client with libavcodec, and
  // the threads of other libraries, such as the Vulkan driver's. The stages and these two add up to
  // `total`.
  double total, client, elsewhere;
  std::vector<StageShare> cpu;
  bool has_gpu_times;
  StageTime gpu_total;
  std::vector<StageTime> gpu;
  Latency latency;
};

}  // namespace daedalus::bench
