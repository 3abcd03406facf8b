// SPDX-License-Identifier: MIT
#include "bench/measuring.h"

#include <stdarg.h>
#include <unistd.h>

#include <cstdio>

namespace daedalus::bench {

void complain(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("daedalus-bench: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
}

Progress::Progress(std::string what, std::string unit)
    : watched_(isatty(STDERR_FILENO)), what_(std::move(what)), unit_(std::move(unit)) {}

Progress::~Progress() {
  if (watched_) fputs("\r\033[K", stderr);
}

void Progress::show(uint64_t count, uint64_t total) const {
  if (!watched_) return;
  const std::string of = total ? " of " + std::to_string(total) : "";
  fprintf(stderr, "\r\033[K%s: %llu%s %s", what_.c_str(), static_cast<unsigned long long>(count),
          of.c_str(), unit_.c_str());
  fflush(stderr);
}

std::optional<Clip> load(const std::string& file) {
  Clip clip = load_clip(file);
  if (!clip.packets.empty()) return clip;
  complain("%s: %s", file.c_str(),
           access(file.c_str(), R_OK) == 0 ? "there is no video in it" : "it cannot be read");
  return {};
}

FileReport describe_file(const std::string& file, const Clip& clip) {
  const auto& parameters = *clip.parameters;
  const char* profile = avcodec_profile_name(parameters.codec_id, parameters.profile);
  FileReport report;
  report.file = file;
  report.width = parameters.width;
  report.height = parameters.height;
  report.codec = avcodec_get_name(parameters.codec_id);
  report.profile = profile ? profile : avcodec_get_name(parameters.codec_id);
  report.pictures = clip.packets.size();
  return report;
}

std::optional<Measurement> measure_leg(const std::string& file, const Clip& clip, const Leg& leg) {
  const uint64_t pictures = leg.seconds > 0 ? 0 : leg.pictures ? leg.pictures : clip.packets.size();
  std::optional<Measurement> measured;
  std::string error;
  {
    const Progress progress(file + ": " + describe(leg), "frames");
    measured = measure(
        clip, leg,
        [&](uint64_t frames) {
          progress.show(frames, pictures * static_cast<uint64_t>(leg.streams));
        },
        error);
  }
  if (!measured) complain("%s: %s: %s", file.c_str(), describe(leg).c_str(), error.c_str());
  return measured;
}

}  // namespace daedalus::bench
