// SPDX-License-Identifier: MIT
// A table at the end of the kernel benchmarks: compares each shader with the scalar reference, and
// with published results of a similar CPU kernel.
#pragma once

#include <benchmark/benchmark.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace daedalus::vulkan {

// Displays the benchmarks like Google Benchmark, and collects them.
class SummingReporter : public benchmark::BenchmarkReporter {
 public:
  SummingReporter();

  bool ReportContext(const Context& context) override;
  void ReportRuns(const std::vector<Run>& runs) override;
  void Finalize() override;

  // The table; empty if no shader was measured.
  std::string summary() const;

 private:
  struct Result {
    double seconds;  // of an iteration
    double rate;     // items per second
  };
  const Result* reference_of(std::string name) const;

  const std::unique_ptr<benchmark::BenchmarkReporter> shown_;
  std::vector<std::string> order_;
  std::map<std::string, Result> results_;
};

}  // namespace daedalus::vulkan
