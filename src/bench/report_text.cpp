// SPDX-License-Identifier: MIT
// The report for a terminal.
#include <algorithm>
#include <cstdio>

#include "bench/report.h"
#include "bench/summary.h"
#include "bench/v3d_model.h"

namespace daedalus::bench {

namespace {

void print_rows(const FileReport& report) {
  printf("  %-36s %10s %13s %14s %12s\n", "", "frames/s", "CPU ms/frame", "first frame ms",
         "peak memory");
  for (const auto& row : report.rows)
    printf("  %-36s %10.1f %13.3f %14.1f %9.0f MB\n", describe(row.leg).c_str(),
           row.median_of(frames_per_second), row.median_of(cpu_ms_per_frame),
           row.median_of(first_frame_ms), row.median_of(peak_bytes) / 1e6);
}

void print_ratios(const FileReport& report) {
  for (const auto& ratio : ratios(report))
    printf("  %s by %s: %.2f times the frames/s, %.3f of the CPU time (median of %zu)\n",
           describe(ratio.driver->leg).c_str(), describe(ratio.software->leg).c_str(),
           ratio.frames_per_second, ratio.cpu, ratio.driver->measured.size());
}

void print_cpu(const Summary& summary) {
  const auto line = [&](const char* name, double ms) {
    printf("    %-36s %8.3f %6.1f %%\n", name, ms, 100 * ms / summary.total);
  };
  printf("  CPU ms per frame, with the profile on\n");
  line("the client, with libavcodec's part", summary.client);
  for (const auto& time : summary.cpu) line(time.stage->name, time.ms);
  line("other threads: the GPU's driver", summary.elsewhere);
  line("all of the process", summary.total);
}

void print_gpu(const Summary& summary) {
  if (!summary.has_gpu_times) {
    printf("  no GPU times: the device has no timestamps\n");
    return;
  }
  printf("  %-41s %5s %9s\n", "GPU ms per picture, hidden ones included", "mean", "95 %");
  const auto line = [](const StageTime& time) {
    printf("    %-36s %8.3f %8.3f\n", time.stage->name, time.mean, time.p95);
  };
  for (const auto& time : summary.gpu)
    if (time.mean > 0) line(time);
  line(summary.gpu_total);
}

void print_profile(const FileReport& report) {
  if (!report.profiled) return;
  const Summary summary(*report.profiled);
  print_cpu(summary);
  print_gpu(summary);
  printf(
      "  ms from vaEndPicture until the picture is done, at full speed: 50 %% %.1f, 95 %% %.1f, 99 "
      "%% %.1f, all "
      "%.1f\n",
      summary.latency.p50, summary.latency.p95, summary.latency.p99, summary.latency.max);
}

}  // namespace

void print(const Report& report) {
  if (!report.device.empty()) printf("%s, %u CPU cores\n", report.device.c_str(), report.cores);
  for (const auto& file : report.files) {
    printf("%s: %dx%d, %s, %llu pictures\n", file.file.c_str(), file.width, file.height,
           file.profile.c_str(), static_cast<unsigned long long>(file.pictures));
    if (file.modelled) {
      fputs(is_modelled(file.codec) ? describe_v3d(file.profiled->pictures).c_str()
                                    : "  The codec is not modelled\n",
            stdout);
      continue;
    }
    print_rows(file);
    print_ratios(file);
    print_profile(file);
  }
}

}  // namespace daedalus::bench
