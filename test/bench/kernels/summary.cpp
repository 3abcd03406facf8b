// SPDX-License-Identifier: MIT
#include "kernels/summary.h"

#include <algorithm>
#include <cstdio>

namespace daedalus::vulkan {

namespace {

constexpr std::string_view reference_end = "/reference";

// Cycles that dav1d's checkasm measured on a Cortex-A72 for a NEON kernel of the same kind, from
// the named dav1d commits, for one of the benchmark's items. checkasm prints cycles for a call;
// `calls` is how many calls, or what part of one, make an item. An 8x8 square includes two 4x4
// squares of chroma.
struct PublishedKernel {
  const char* benchmark;
  const char* function;
  double cycles, calls;
  const char* commit;
};
constexpr double square = 96;  // samples
constexpr PublishedKernel published[] = {
    // Heights are 2 to 32, 13 on average.
    {"av1/predict/regular/10_bits", "mc_8tap_regular_w8_hv_16bpc", 775.0, square / (8 * 13),
     "856662b4"},
    {"av1/predict/warp", "warp_8x8_8bpc", 807.0, square / 64, "a3b8157e"},
    {"av1/residual/4x4", "inv_txfm_add_4x4_dct_dct_1_8bpc", 58.7, 1, "713aa34c"},
    {"av1/residual/8x8", "inv_txfm_add_8x8_dct_dct_1_8bpc", 211.5, 1, "713aa34c"},
    {"av1/residual/16x16", "inv_txfm_add_16x16_dct_dct_2_8bpc", 1050.4, 1, "713aa34c"},
    {"av1/residual/32x32", "inv_txfm_add_32x32_dct_dct_4_8bpc", 5197.8, 1, "713aa34c"},
    {"av1/residual/64x64", "inv_txfm_add_64x64_dct_dct_4_8bpc", 18619.3, 1, "713aa34c"},
    // Plus two 4x4 squares (263.4), and the direction (cdef_dir_8bpc: 248.4, 11cb2efa).
    {"av1/cdef", "cdef_filter_8x8_8bpc", 744.6 + 2 * 263.4 + 248.4, 1, "38d4d0bd"},
    {"av1/restoration/wiener", "wiener_7tap_8bpc", 78489.0, square / (256 * 64), "2e73051c"},
    {"av1/restoration/self_guided", "sgr_mix_8bpc", 457209.7, square / (256 * 64), "c121b831"},
    // 64x32 samples of luma, and twice 32x16 of chroma (fguv_32x32xn_8bpc_420_csfl0: 2920.0).
    {"av1/film_grain", "fgy_32x32xn_8bpc", 6563.3 + 2 * 2920.0, square / (64 * 32 * 1.5),
     "c187e704"},
};
// A Raspberry Pi 5, whose cores (Cortex-A76) take fewer cycles than a Cortex-A72.
constexpr double clock_hz = 2.4e9;

const PublishedKernel* find_published(const std::string& name) {
  for (const auto& kernel : published)
    if (name == kernel.benchmark) return &kernel;
  return nullptr;
}

std::string millions(double rate) {
  char text[32];
  snprintf(text, sizeof text, "%12.3f", rate * 1e-6);
  return text;
}

std::string ratio(double value) {
  char text[32];
  snprintf(text, sizeof text, "%9.2f", value);
  return text;
}

}  // namespace

SummingReporter::SummingReporter() : shown_(benchmark::CreateDefaultDisplayReporter()) {}

bool SummingReporter::ReportContext(const Context& context) {
  return shown_->ReportContext(context);
}

void SummingReporter::Finalize() {
  shown_->Finalize();
}

void SummingReporter::ReportRuns(const std::vector<Run>& runs) {
  shown_->ReportRuns(runs);
  for (const Run& run : runs) {
    // Failed and skipped benchmarks have no counters.
    const auto rate = run.counters.find("items_per_second");
    if (run.run_type != Run::RT_Iteration || rate == run.counters.end()) continue;
    const std::string name = run.run_name.function_name;
    if (!results_.contains(name)) order_.push_back(name);
    // The reference is measured in CPU time, like its rate.
    const double seconds =
        name.ends_with(reference_end) ? run.cpu_accumulated_time : run.real_accumulated_time;
    results_[name] = {seconds / static_cast<double>(run.iterations), rate->second.value};
  }
}

// One of several shaders for the same work, or a 10-bit shader, uses that work's reference.
const SummingReporter::Result* SummingReporter::reference_of(std::string name) const {
  while (true) {
    const auto found = results_.find(name + std::string(reference_end));
    if (found != results_.end()) return &found->second;
    const auto slash = name.rfind('/');
    if (slash == name.npos) return nullptr;
    name.resize(slash);
  }
}

std::string SummingReporter::summary() const {
  std::string text =
      "\nMillions of items a second. times: the reference's time for a picture by the shader's, a "
      "part's by the\nwhole's where the work has several shaders; then by the time of one core of "
      "2.4 GHz for dav1d's kernel, as\nits checkasm counted cycles on a Cortex-A72.\n\n"
      "                                          shader   reference    times       dav1d    "
      "times\n";
  bool any = false;
  for (const auto& name : order_) {
    if (name.ends_with(reference_end)) continue;
    any = true;
    const Result& shader = results_.at(name);
    char head[64];
    snprintf(head, sizeof head, "%-36s", name.c_str());
    text += head + millions(shader.rate);
    if (const auto* reference = reference_of(name))
      text += millions(reference->rate) + ratio(reference->seconds / shader.seconds);
    else
      text += "           -        -";
    if (const auto* kernel = find_published(name)) {
      const double rate = clock_hz / (kernel->cycles * kernel->calls);
      text += millions(rate) + ratio(shader.rate / rate) + "  " + kernel->function + ", dav1d " +
              kernel->commit;
    }
    text += "\n";
  }
  return any ? text : "";
}

}  // namespace daedalus::vulkan
