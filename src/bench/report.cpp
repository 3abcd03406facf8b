// SPDX-License-Identifier: MIT
#include "bench/report.h"

#include <algorithm>

#include "bench/summary.h"

namespace daedalus::bench {

double frames_per_second(const Measurement& measured) {
  return measured.frames_per_second();
}

double cpu_ms_per_frame(const Measurement& measured) {
  return measured.cpu_ms_per_frame();
}

double first_frame_ms(const Measurement& measured) {
  return measured.first_frame_seconds * 1000;
}

double peak_bytes(const Measurement& measured) {
  return static_cast<double>(measured.peak_bytes);
}

double Row::median_of(Value value) const {
  std::vector<double> values;
  for (const auto& measurement : measured) values.push_back(value(measurement));
  return median(std::move(values));
}

namespace {

double median_ratio(const Row& driver, const Row& software, Row::Value value) {
  std::vector<double> values;
  for (std::size_t i = 0; i < std::min(driver.measured.size(), software.measured.size()); ++i)
    values.push_back(value(driver.measured[i]) / value(software.measured[i]));
  return median(std::move(values));
}

std::string counted(int count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace

std::vector<Ratio> ratios(const FileReport& report) {
  std::vector<Ratio> result;
  for (const auto& driver : report.rows) {
    if (!driver.leg.driver || driver.measured.empty()) continue;
    for (const auto& software : report.rows) {
      if (software.leg.driver || software.leg.streams != driver.leg.streams ||
          software.leg.load != driver.leg.load || software.measured.empty())
        continue;
      result.push_back({&driver, &software, median_ratio(driver, software, frames_per_second),
                        median_ratio(driver, software, cpu_ms_per_frame)});
    }
  }
  return result;
}

std::string describe(const Leg& leg) {
  std::string text = "daedalus";
  if (!leg.driver)
    text = (leg.decoder.empty() ? "libavcodec" : leg.decoder) + ", " +
           (leg.threads == 0 ? "all threads" : counted(leg.threads, "thread"));
  if (leg.streams != 1) text += ", " + counted(leg.streams, "stream");
  if (leg.load > 0) text += " beside a busy CPU";
  return leg.profiled ? text + ", profiled" : text;
}

}  // namespace daedalus::bench
