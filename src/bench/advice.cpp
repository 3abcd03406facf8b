// SPDX-License-Identifier: MIT
#include "bench/advice.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <tuple>

#include "bench/summary.h"
#include "bench/v3d_model.h"

namespace daedalus::bench {

namespace {

constexpr double real_time = 30;    // frames per second
constexpr double worthwhile = 0.2;  // of the CPU time

std::optional<Codec> codec_of(const std::string& name) {
  for (std::size_t i = 0; i < codec_names.size(); ++i)
    if (name == codec_names[i]) return static_cast<Codec>(i);
  return {};
}

const Row* find_row(const FileReport& report, bool driver, int threads, bool loaded) {
  for (const auto& row : report.rows)
    if (row.leg.driver == driver && (driver || row.leg.threads == threads) &&
        (row.leg.load > 0) == loaded && !row.measured.empty())
      return &row;
  return nullptr;
}

std::optional<Figures> figures_of(const FileReport& report, bool driver, int threads) {
  const Row* alone = find_row(report, driver, threads, false);
  if (!alone) return {};
  Figures figures = {alone->median_of(frames_per_second),
                     alone->median_of(cpu_ms_per_frame),
                     alone->median_of(peak_bytes),
                     {}};
  if (const Row* loaded = find_row(report, driver, threads, true)) {
    figures.loaded_frames_per_second = loaded->median_of(frames_per_second);
    if (report.load_rate > 0)
      figures.load_kept =
          loaded->median_of([](const Measurement& m) { return m.load_rate; }) / report.load_rate;
  }
  return figures;
}

// The GPU's time for a frame that the client gets, hidden pictures included.
std::optional<double> gpu_ms_of(const FileReport& report) {
  if (!report.profiled) return {};
  double ms = 0;
  for (const auto& picture : report.profiled->pictures) {
    if (report.modelled)
      ms += model_v3d(picture).ms;
    else
      for (const auto& stage : gpu_stages()) ms += stage.ms(picture);
  }
  return ms > 0 ? std::optional(ms / static_cast<double>(report.profiled->frames)) : std::nullopt;
}

std::optional<double> cpu_saved_of(const FileReport& report) {
  for (const auto& ratio : ratios(report))
    if (ratio.software->leg.threads == 1 && ratio.driver->leg.load == 0) return 1 - ratio.cpu;
  return {};
}

// The speeds of the driver and libavcodec in one situation.
struct Speeds {
  double driver, software;

  bool driver_keeps_up() const { return driver >= real_time; }
  bool software_keeps_up() const { return software >= real_time; }
};

std::string rate(double frames_per_second) {
  char text[32];
  snprintf(text, sizeof text, "%.3g", frames_per_second);
  return text;
}

struct Verdict {
  bool use_driver;
  std::string reason;
};

// Advises the one that keeps up if the other does not, or the faster one if neither does.
std::optional<Verdict> by_speed(const Speeds& speeds, const std::string& where) {
  const bool driver = speeds.driver_keeps_up(), software = speeds.software_keeps_up();
  if (driver && software) return {};
  if (driver)
    return Verdict{true,
                   "software is too slow" + where + ": " + rate(speeds.software) + " frames/s"};
  if (software)
    return Verdict{false,
                   "the driver is too slow" + where + ": " + rate(speeds.driver) + " frames/s"};
  const bool faster = speeds.driver > speeds.software;
  return Verdict{faster, "neither keeps up" + where + ": " + rate(speeds.driver) + " frames/s, " +
                             rate(speeds.software) + " in software"};
}

Verdict by_cpu_time(double saved) {
  const std::string percent = std::to_string(std::lround(100 * std::abs(saved))) + " %";
  if (saved < 0) return {false, "the driver takes " + percent + " more CPU time"};
  return {saved >= worthwhile, "the driver saves " + percent + " of the CPU time" +
                                   (saved >= worthwhile ? "" : ", which is too little")};
}

double fastest(const Figures& one, const Figures& other, bool loaded) {
  const auto speed = [&](const Figures& figures) {
    return loaded ? figures.loaded_frames_per_second.value_or(0) : figures.frames_per_second;
  };
  return std::max(speed(one), speed(other));
}

Verdict verdict_of(const Advice& advice) {
  const auto& [driver, one, all] = std::tie(advice.driver, advice.one_thread, advice.all_threads);
  if (!driver) return {false, "the driver does not decode it"};
  if (!one || !all) return {true, "libavcodec does not decode it"};
  if (advice.modelled) {
    // The measured CPU is not the modelled machine's; software is assumed to keep up there.
    if (driver->frames_per_second < real_time)
      return {false, "the GPU is too slow: " + rate(driver->frames_per_second) + " frames/s"};
    return by_cpu_time(advice.cpu_saved.value_or(0));
  }
  const Speeds alone = {driver->frames_per_second, fastest(*one, *all, false)};
  if (const auto verdict = by_speed(alone, "")) return *verdict;
  if (driver->loaded_frames_per_second) {
    const Speeds loaded = {*driver->loaded_frames_per_second, fastest(*one, *all, true)};
    // If both fail, this does not distinguish them.
    if (loaded.driver_keeps_up() != loaded.software_keeps_up())
      return *by_speed(loaded, " beside the load");
  }
  return by_cpu_time(advice.cpu_saved.value_or(0));
}

}  // namespace

std::optional<Advice> advise(const FileReport& report) {
  const auto codec = codec_of(report.codec);
  if (!codec || (report.modelled && !is_modelled(report.codec))) return {};
  Advice advice{*codec, report.width, report.height};
  advice.driver = figures_of(report, true, 0);
  advice.one_thread = figures_of(report, false, 1);
  advice.all_threads = figures_of(report, false, 0);
  advice.gpu_ms = gpu_ms_of(report);
  advice.cpu_saved = cpu_saved_of(report);
  advice.modelled = report.modelled;
  if (advice.modelled && advice.driver && advice.gpu_ms)
    advice.driver->frames_per_second = 1000 / *advice.gpu_ms;
  auto [use_driver, reason] = verdict_of(advice);
  advice.use_driver = use_driver;
  advice.reason = std::move(reason);
  return advice;
}

std::vector<Advice> advices_of(const Report& report) {
  std::vector<Advice> advices;
  for (const auto& file : report.files)
    if (auto advice = advise(file)) advices.push_back(std::move(*advice));
  return advices;
}

namespace {

bool is_smaller(const Advice* a, const Advice* b) {
  return int64_t{a->width} * a->height < int64_t{b->width} * b->height;
}

CodecLimit limit_of(std::vector<const Advice*> advices) {
  if (advices.empty()) return {};
  std::stable_sort(advices.begin(), advices.end(), is_smaller);
  CodecLimit limit = {0, 0};
  for (const Advice* advice : advices) {
    const bool last = advice == advices.back();
    if (advice->use_driver)
      limit = last ? CodecLimit{}
                   : CodecLimit{static_cast<uint32_t>(advice->width),
                                static_cast<uint32_t>(advice->height)};
    else if (!advice->driver || advice->driver->frames_per_second < real_time)
      break;
  }
  return limit;
}

}  // namespace

CodecLimits limits_of(std::span<const Advice> advices) {
  CodecLimits limits;
  for (std::size_t codec = 0; codec < limits.size(); ++codec) {
    std::vector<const Advice*> of_codec;
    for (const auto& advice : advices)
      if (advice.codec == static_cast<Codec>(codec)) of_codec.push_back(&advice);
    limits[codec] = limit_of(std::move(of_codec));
  }
  return limits;
}

std::string spell(const CodecLimits& limits) {
  std::string text;
  for (std::size_t codec = 0; codec < limits.size(); ++codec) {
    const auto& [width, height] = limits[codec];
    if (width == 0) continue;
    if (!text.empty()) text += ' ';
    text += codec_names[codec];
    if (limits[codec] != CodecLimit{})
      text.append("@").append(std::to_string(width)).append("x").append(std::to_string(height));
  }
  return text.empty() ? "none" : text;
}

}  // namespace daedalus::bench
