// SPDX-License-Identifier: MIT
#include "bench/summary.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace daedalus::bench {

namespace {

using P = PictureProfile;

const std::array<Stage, 8> cpu_table = {{
    {"setup", "VA calls that make surfaces", {&P::cpu_setup}},
    {"va_calls", "VA calls, slice copies", {&P::cpu_calls, &P::cpu_end}},
    {"wake", "threads asleep and awake", {&P::cpu_wake}},
    {"entropy", "entropy decoding", {&P::cpu_entropy}},
    {"job", "the rest of the job", {&P::cpu_open, &P::cpu_finish}},
    {"submit", "submit to the GPU", {&P::cpu_submit}},
    {"gpu_wait", "waiting for the GPU", {&P::cpu_acquire, &P::cpu_sync}},
    {"profile", "this profile", {&P::cpu_profile}},
}};

const std::array<Stage, 11> gpu_table = {{
    {"inter", "inter prediction", {&P::gpu_inter}},
    {"residual", "residual", {&P::gpu_residual}},
    {"intra", "intra prediction", {&P::gpu_intra}},
    {"deblock_strip", "deblocking, strip", {&P::gpu_deblock_strip}},
    {"deblock_vertical", "deblocking, vertical", {&P::gpu_deblock_vertical}},
    {"deblock_horizontal", "deblocking, horizontal", {&P::gpu_deblock_horizontal}},
    {"cdef", "CDEF", {&P::gpu_cdef}},
    {"superres", "superres", {&P::gpu_superres}},
    {"restoration", "loop restoration", {&P::gpu_restoration}},
    {"film_grain", "film grain", {&P::gpu_film_grain}},
    {"copy", "copy to the client's memory", {&P::gpu_copy}},
}};

const Stage whole_gpu = {"total",
                         "all of it",
                         {&P::gpu_inter, &P::gpu_residual, &P::gpu_intra, &P::gpu_deblock_strip,
                          &P::gpu_deblock_vertical, &P::gpu_deblock_horizontal, &P::gpu_cdef,
                          &P::gpu_superres, &P::gpu_restoration, &P::gpu_film_grain, &P::gpu_copy}};

// The part of the driver's CPU time that the client's threads spend.
const Stage client_calls = {
    "calls", "calls of the driver", {&P::cpu_setup, &P::cpu_calls, &P::cpu_sync, &P::cpu_end}};

StageTime per_picture(const Stage& stage, std::span<const PictureProfile> pictures) {
  std::vector<double> values;
  for (const auto& picture : pictures) values.push_back(stage.ms(picture));
  return {&stage, mean(values), percentile(values, 0.95)};
}

double per_frame(const Stage& stage, const Measurement& measured) {
  double sum = 0;
  for (const auto& picture : measured.pictures) sum += stage.ms(picture);
  return sum / static_cast<double>(measured.frames);
}

Latency latency_of(std::span<const PictureProfile> pictures) {
  std::vector<double> values;
  for (const auto& picture : pictures)
    if (picture.completed != 0)
      values.push_back(static_cast<double>(picture.completed - picture.given) * 1e-6);
  return {percentile(values, 0.5), percentile(values, 0.95), percentile(values, 0.99),
          percentile(values, 1)};
}

}  // namespace

double Stage::ms(const PictureProfile& picture) const {
  uint64_t sum = 0;
  for (const auto column : columns) sum += picture.*column;
  return static_cast<double>(sum) * 1e-6;
}

std::span<const Stage> cpu_stages() {
  return cpu_table;
}

std::span<const Stage> gpu_stages() {
  return gpu_table;
}

double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const auto rank = std::ceil(share * static_cast<double>(values.size()));
  const auto index = std::max<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(rank) - 1, 0);
  std::nth_element(values.begin(), values.begin() + index, values.end());
  return values[static_cast<std::size_t>(index)];
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double mean(std::span<const double> values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

Summary::Summary(const Measurement& measured)
    : total(measured.cpu_ms_per_frame()),
      has_gpu_times(std::any_of(measured.pictures.begin(), measured.pictures.end(),
                                [](const P& picture) { return picture.gpu_timed != 0; })),
      gpu_total(per_picture(whole_gpu, measured.pictures)),
      latency(latency_of(measured.pictures)) {
  double driver = 0;
  for (const auto& stage : cpu_table) {
    cpu.push_back({&stage, per_frame(stage, measured)});
    driver += cpu.back().ms;
  }
  for (const auto& stage : gpu_table) gpu.push_back(per_picture(stage, measured.pictures));
  const double calls = per_frame(client_calls, measured);
  client = measured.client_cpu_seconds * 1000 / static_cast<double>(measured.frames) - calls;
  elsewhere = total - client - driver;
}

}  // namespace daedalus::bench
