// SPDX-License-Identifier: MIT
#include "bench/recommendation.h"

#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "bench/cpu_load.h"
#include "bench/driver.h"
#include "bench/made_clip.h"
#include "bench/measuring.h"
#include "bench/v3d_model.h"

namespace daedalus::bench {

namespace {

// Long enough to decode a second of video, short enough for some hundred legs.
constexpr double seconds_per_leg = 1;

int busy_threads() {
  return static_cast<int>(std::max(std::thread::hardware_concurrency(), 1u));
}

// What the load does per second if it has the CPU to itself.
double load_rate_alone() {
  const CpuLoad load(busy_threads());
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  return load.rate();
}

// Driver and libavcodec alternately, alone and beside a load.
std::vector<Leg> legs_of(const Options& options) {
  std::vector<Leg> legs;
  for (const int load : {0, busy_threads()}) {
    if (options.model && load > 0) continue;  // that is another machine's CPU
    legs.push_back({.driver = true, .seconds = seconds_per_leg, .load = load});
    for (const int threads : {1, 0})
      legs.push_back(
          {.driver = false, .threads = threads, .seconds = seconds_per_leg, .load = load});
  }
  return legs;
}

// Whether measuring again would not change the verdict: one is far too slow, and the other is not.
bool is_clear(const FileReport& report) {
  const auto speed = [&](std::size_t row) {
    const auto& measured = report.rows[row].measured;
    return measured.empty() ? 0 : measured.front().frames_per_second();
  };
  const double driver = speed(0), software = std::max(speed(1), speed(2));
  return std::min(driver, software) < 15 && std::max(driver, software) > 60;
}

using Clock = std::chrono::steady_clock;

// Whenever this much time has passed, later clips are repeated one time fewer.
constexpr std::chrono::seconds time_to_repeat(180);

// A decoder that fails has no measurements.
FileReport measure_clip(const Options& options, const std::string& name, const Clip& clip,
                        Clock::time_point start) {
  FileReport report = describe_file(name, clip);
  for (const Leg& leg : legs_of(options)) report.rows.push_back({leg, {}});
  std::vector<bool> failed(report.rows.size());
  for (int i = 0; i < options.repeat; ++i) {
    if (i > 0 && (is_clear(report) || Clock::now() > start + (options.repeat - i) * time_to_repeat))
      break;
    for (std::size_t row = 0; row < report.rows.size(); ++row) {
      if (failed[row]) continue;
      auto measured = measure_leg(name, clip, report.rows[row].leg);
      failed[row] = !measured;
      if (measured) report.rows[row].measured.push_back(std::move(*measured));
    }
  }
  report.modelled = options.model;
  report.profiled_leg = report.rows[0].leg;
  report.profiled_leg.profiled = true;
  if (options.model) report.profiled_leg.seconds = 0;  // the whole clip, once
  if (!failed[0]) report.profiled = measure_leg(name, clip, report.profiled_leg);
  return report;
}

// Makes the clips of every codec with an encoder, and passes them to `use` one by one.
template <typename Use>
void make_clips(const Options& options, Use&& use) {
  for (std::size_t i = 0; i < codec_names.size(); ++i) {
    const auto codec = static_cast<Codec>(i);
    if (options.model && !is_modelled(codec_names[i])) {
      complain("%s: not modelled, as the costs of its shaders have not been measured",
               codec_names[i]);
      continue;
    }
    if (!encoder_for(codec)) {
      complain("%s: not measured, as libavcodec has no encoder for it; files of it would do",
               codec_names[i]);
      continue;
    }
    for (const auto& size : made_clip_sizes) {
      const std::string name =
          std::string(codec_names[i]) + " " + std::to_string(size.height) + "p";
      Clip clip;
      {
        const Progress progress(name + ": encoding with " + encoder_for(codec), "pictures");
        clip = make_clip(codec, size, [&](int done) {
          progress.show(static_cast<uint64_t>(done), static_cast<uint64_t>(size.pictures));
        });
      }
      malloc_trim(0);  // memory freed by the encoder must not count as a decoder's
      if (clip.packets.empty())
        complain("%s: %s fails", name.c_str(), encoder_for(codec));
      else
        use(name, clip);
    }
  }
}

// In its own process: after opening a driver a process should not fork, as measurements do.
bool driver_opens() {
  fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    std::string error;
    const bool opens = Driver::open(error) != nullptr;
    if (!opens) complain("%s", error.c_str());
    _exit(opens ? 0 : 1);
  }
  int status = 0;
  return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

}  // namespace

bool recommend(const Options& options, Report& report) {
  // The configuration may contain an earlier recommendation.
  setenv("DAEDALUS_PROFILES", "", 1);
  setenv("SVT_LOG", "1", 0);  // otherwise SVT-AV1 prints about itself
  if (!driver_opens()) return false;
  report.recommends = true;
  const double load_rate = load_rate_alone();
  const auto start = Clock::now();
  const auto measure = [&](const std::string& name, const Clip& clip) {
    auto measured = measure_clip(options, name, clip, start);
    measured.load_rate = load_rate;
    if (measured.profiled) report.device = measured.profiled->device;
    report.files.push_back(std::move(measured));
  };
  bool fine = true;
  for (const auto& file : options.files) {
    const auto clip = load(file);
    fine &= clip.has_value();
    if (clip) measure(file, *clip);
  }
  if (options.files.empty()) make_clips(options, measure);
  return fine && !report.files.empty();
}

}  // namespace daedalus::bench
