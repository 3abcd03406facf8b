// What a profile says in a few numbers.
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

// In the order of a picture's way.
std::span<const Stage> cpu_stages();
std::span<const Stage> gpu_stages();

// The value below which this share of the values is.
double percentile(std::vector<double> values, double share);
double median(std::vector<double> values);
double mean(std::span<const double> values);

struct StageTime {
  const Stage* stage;
  double mean, p95;  // ms
};

struct Latency {
  double p50, p95, p99, max;  // ms from vaEndPicture until the GPU is done
};

struct Summary {
  explicit Summary(const Measurement& measured);

  // CPU ms a frame. What is no stage's: the client with libavcodec, and threads of others, such as
  // those of the GPU's driver. All of it together is the process's.
  double total, client, elsewhere;
  std::vector<StageTime> cpu;
  bool has_gpu_times;
  StageTime gpu_total;
  std::vector<StageTime> gpu;
  Latency latency;
};

}  // namespace daedalus::bench
