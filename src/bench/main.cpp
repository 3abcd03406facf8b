// SPDX-License-Identifier: MIT
// daedalus-bench: measures how fast the driver is, and what it costs. options.cpp has its help
// text.
#include <stdarg.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <thread>

#include "bench/options.h"
#include "bench/report.h"

extern "C" {
#include <libavutil/log.h>
}

namespace daedalus::bench {

namespace {

[[gnu::format(printf, 1, 2)]] void complain(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("daedalus-bench: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
}

// A status line in the terminal; prints nothing if stderr is not a terminal.
class Progress {
 public:
  Progress(std::string what, uint64_t frames) : what_(std::move(what)), frames_(frames) {}
  ~Progress() {
    if (watched_) fputs("\r\033[K", stderr);
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(uint64_t frames) const {
    if (!watched_) return;
    fprintf(stderr, "\r\033[K%s: %llu of %llu frames", what_.c_str(),
            static_cast<unsigned long long>(frames), static_cast<unsigned long long>(frames_));
    fflush(stderr);
  }

 private:
  const bool watched_ = isatty(STDERR_FILENO);
  const std::string what_;
  const uint64_t frames_;
};

// The legs that a file is measured with, in the order of one repetition.
std::vector<Leg> legs_of(const Options& options) {
  std::vector<Leg> legs;
  for (const int streams : options.streams) {
    const Leg leg{.driver = !options.software,
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

FileReport describe_file(const std::string& file, const Clip& clip) {
  const auto& parameters = *clip.parameters;
  const char* profile = avcodec_profile_name(parameters.codec_id, parameters.profile);
  FileReport report;
  report.file = file;
  report.width = parameters.width;
  report.height = parameters.height;
  report.profile = profile ? profile : avcodec_get_name(parameters.codec_id);
  report.pictures = clip.packets.size();
  return report;
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
    const uint64_t pictures = leg.pictures ? leg.pictures : clip_.packets.size();
    std::optional<Measurement> measured;
    std::string error;
    {
      const Progress progress(report_.file + ": " + describe(leg),
                              pictures * static_cast<uint64_t>(leg.streams));
      measured = measure(
          clip_, leg, [&](uint64_t frames) { progress.show(frames); }, error);
    }
    if (!measured)
      complain("%s: %s: %s", report_.file.c_str(), describe(leg).c_str(), error.c_str());
    return measured;
  }

  const Options& options_;
  const Clip& clip_;
  FileReport report_;
};

// Loads the clip into memory, so that the measurement does not include reading the file.
std::optional<Clip> load(const std::string& file) {
  Clip clip = load_clip(file);
  if (!clip.packets.empty()) return clip;
  complain("%s: %s", file.c_str(),
           access(file.c_str(), R_OK) == 0 ? "there is no video in it" : "it cannot be read");
  return {};
}

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

bool write_report(const Options& options, const Report& report) {
  bool written = true;
  if (options.json != "-") print(report);
  if (!options.json.empty()) written &= write_file(options.json, json(report));
  if (!options.html.empty()) written &= write_file(options.html, html(report));
  return written;
}

int run(const Options& options) {
  const std::string device = options.model ? "null" : options.device;
  if (!device.empty()) setenv("DAEDALUS_DEVICE", device.c_str(), 1);
  Report report;
  report.cores = std::thread::hardware_concurrency();
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
