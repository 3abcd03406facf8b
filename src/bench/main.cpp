// SPDX-License-Identifier: MIT
// daedalus-bench: measures how fast the driver is, and what it costs. options.cpp has its help
// text.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <thread>

#include "bench/advice.h"
#include "bench/measuring.h"
#include "bench/options.h"
#include "bench/recommendation.h"
#include "bench/report.h"

extern "C" {
#include <libavutil/log.h>
}

namespace daedalus::bench {

namespace {

// The legs that a file is measured with, in the order of one repetition.
std::vector<Leg> legs_of(const Options& options) {
  std::vector<Leg> legs;
  for (const int streams : options.streams) {
    const Leg leg{.driver = !options.software,
                  .decoder = options.decoder,
                  .threads = options.threads,
                  .streams = streams,
                  .pictures = options.pictures};
    legs.push_back(leg);
    if (!options.compare) continue;
    for (const int threads : {1, 0}) {
      legs.push_back(leg);
      legs.back().driver = false;
      legs.back().threads = threads;
    }
  }
  return legs;
}

class FileBenchmark {
 public:
  FileBenchmark(const Options& options, const std::string& file, const Clip& clip)
      : options_(options), clip_(clip), report_(describe_file(file, clip)) {}

  // Returns nothing if something failed, after printing what.
  std::optional<FileReport> run() { return options_.model ? model() : measure_all(); }

 private:
  // The null device counts the work that pictures give a GPU.
  std::optional<FileReport> model() {
    report_.profiled_leg = {.pictures = options_.pictures, .profiled = true};
    report_.profiled = run_leg(report_.profiled_leg);
    report_.modelled = true;
    if (!report_.profiled) return {};
    return std::move(report_);
  }

  std::optional<FileReport> measure_all() {
    for (const Leg& leg : legs_of(options_)) report_.rows.push_back({leg, {}});
    for (int i = 0; i < options_.repeat; ++i) {
      for (Row& row : report_.rows) {
        auto measured = run_leg(row.leg);
        if (!measured) return {};
        row.measured.push_back(std::move(*measured));
      }
    }
    if (!options_.software) {
      report_.profiled_leg = report_.rows.front().leg;
      report_.profiled_leg.profiled = true;
      report_.profiled = run_leg(report_.profiled_leg);
      if (!report_.profiled) return {};
    }
    return std::move(report_);
  }

  std::optional<Measurement> run_leg(const Leg& leg) const {
    return measure_leg(report_.file, clip_, leg);
  }

  const Options& options_;
  const Clip& clip_;
  FileReport report_;
};

bool check(const Options& options, const std::string& file, const Clip& clip) {
  std::string error;
  const auto compared = compare_frames(clip, options.pictures, error);
  if (!compared) {
    complain("%s: %s", file.c_str(), error.c_str());
    return false;
  }
  printf("%s: %llu frames compared, %llu differ\n", file.c_str(),
         static_cast<unsigned long long>(compared->frames),
         static_cast<unsigned long long>(compared->different));
  return compared->frames > 0 && compared->different == 0;
}

bool write_file(const std::string& path, const std::string& text) {
  FILE* file = path == "-" ? stdout : fopen(path.c_str(), "w");
  const bool written = file && fwrite(text.data(), 1, text.size(), file) == text.size();
  const bool closed = file && (file == stdout ? fflush(file) : fclose(file)) == 0;
  if (!written || !closed) complain("%s cannot be written", path.c_str());
  return written && closed;
}

std::string today() {
  const time_t now = time(nullptr);
  tm parts{};
  char text[16];
  strftime(text, sizeof text, "%Y-%m-%d", localtime_r(&now, &parts));
  return text;
}

// A file that does not exist yet is empty.
bool write_settings(const std::string& path, const Report& report) {
  std::ifstream file(path);
  const std::string old{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return write_file(path, with_settings(old, settings_of(report, today())));
}

bool write_report(const Options& options, const Report& report) {
  bool written = true;
  if (options.json != "-")
    report.recommends ? (void)fputs(describe_advice(report).c_str(), stdout) : print(report);
  if (!options.write.empty()) written &= write_settings(options.write, report);
  if (!options.json.empty()) written &= write_file(options.json, json(report));
  if (!options.html.empty()) written &= write_file(options.html, html(report));
  return written;
}

bool measure_files(const Options& options, Report& report) {
  bool fine = true;
  for (const auto& file : options.files) {
    const auto clip = load(file);
    if (!clip) {
      fine = false;
      continue;
    }
    if (options.check) {
      fine &= check(options, file, *clip);
      continue;
    }
    auto measured = FileBenchmark(options, file, *clip).run();
    fine &= measured.has_value();
    if (!measured) continue;
    if (measured->profiled) report.device = measured->profiled->device;
    report.files.push_back(std::move(*measured));
  }
  return fine;
}

int run(const Options& options) {
  const std::string device = options.model ? "null" : options.device;
  if (!device.empty()) setenv("DAEDALUS_DEVICE", device.c_str(), 1);
  Report report;
  report.cores = std::thread::hardware_concurrency();
  bool fine = options.recommend ? recommend(options, report) : measure_files(options, report);
  if (!report.files.empty()) fine &= write_report(options, report);
  return fine ? 0 : 1;
}

}  // namespace

}  // namespace daedalus::bench

int main(int argc, char** argv) {
  const auto options = daedalus::bench::parse_options(argc, argv);
  av_log_set_level(AV_LOG_FATAL);
  return daedalus::bench::run(options);
}
