// SPDX-License-Identifier: MIT
// Advice in words: a table for a terminal, and lines for a configuration file.
#include <algorithm>
#include <cstdio>
#include <string_view>

#include "bench/advice.h"
#include "bench/append.h"

namespace daedalus::bench {

namespace {

constexpr std::string_view first_line =
    "# From daedalus-bench --recommend; the next one replaces it.\n";
constexpr std::string_view last_line = "# End of what daedalus-bench --recommend wrote.\n";

// A number in a column of that width; "-" where there is none.
std::string cell(const std::optional<double>& value, int width, int digits) {
  char text[32];
  if (value)
    snprintf(text, sizeof text, "%*.*f", width, digits, *value);
  else
    snprintf(text, sizeof text, "%*s", width, "-");
  return text;
}

template <typename Value>
std::optional<double> of(const std::optional<Figures>& figures, Value Figures::*value) {
  return figures ? std::optional<double>((*figures).*value) : std::nullopt;
}

std::optional<double> loaded(const std::optional<Figures>& figures) {
  return figures ? figures->loaded_frames_per_second : std::nullopt;
}

// The frame rates that a decoder keeps up with.
const char* real_time_of(const std::optional<double>& frames_per_second) {
  if (!frames_per_second || *frames_per_second < 30) return "no";
  return *frames_per_second < 60 ? "30" : "60";
}

std::optional<double> fastest(const Advice& advice) {
  const auto one = of(advice.one_thread, &Figures::frames_per_second);
  const auto all = of(advice.all_threads, &Figures::frames_per_second);
  return std::max(one, all);
}

std::string frame_rates(const Advice& advice) {
  std::string text;
  for (const auto* figures : {&advice.driver, &advice.one_thread, &advice.all_threads})
    text += cell(of(*figures, &Figures::frames_per_second), 8, 1);
  for (const auto* figures : {&advice.driver, &advice.one_thread, &advice.all_threads})
    text += cell(loaded(*figures), 8, 1);
  return text;
}

// A line of the table, without its verdict.
std::string figures_of(const Advice& advice) {
  char head[64];
  snprintf(head, sizeof head, "%-4s %9s", codec_names[static_cast<std::size_t>(advice.codec)],
           (std::to_string(advice.width) + "x" + std::to_string(advice.height)).c_str());
  std::string text = head + frame_rates(advice);
  text += cell(of(advice.driver, &Figures::cpu_ms), 8, 1) +
          cell(of(advice.one_thread, &Figures::cpu_ms), 8, 1) + cell(advice.gpu_ms, 8, 1);
  append(text, "  %6s %8s", real_time_of(of(advice.driver, &Figures::frames_per_second)),
         real_time_of(fastest(advice)));
  if (advice.cpu_saved && *advice.cpu_saved < -1)
    append(text, "%9s", "< -100 %");
  else if (advice.cpu_saved)
    append(text, "%7.0f %%", 100 * *advice.cpu_saved);
  else
    append(text, "%9s", "-");
  const auto megabytes = [](const std::optional<Figures>& figures) {
    const auto bytes = of(figures, &Figures::peak_bytes);
    return bytes ? std::optional(*bytes / 1e6) : std::nullopt;
  };
  return text + cell(megabytes(advice.driver), 7, 0) + cell(megabytes(advice.one_thread), 7, 0);
}

constexpr const char head[] =
    "                             frames/s     beside a busy CPU  CPU ms per frame  GPU ms    real "
    "time    CPU       memory, MB\n"
    "codec    size   driver 1 thrd     all  driver  1 thrd     all  driver  1 thrd   frame  driver "
    "software  saved  driver  1 thrd  verdict\n";

std::string verdict(const Advice& advice) {
  return (advice.use_driver ? "driver: " : "software: ") + advice.reason;
}

std::string table(std::span<const Advice> advices, const char* margin) {
  std::string text;
  for (const std::string_view line :
       {std::string_view(head).substr(0, std::string_view(head).find('\n') + 1),
        std::string_view(head).substr(std::string_view(head).find('\n') + 1)})
    text += margin + std::string(line);
  for (const auto& advice : advices)
    text += margin + figures_of(advice) + "  " + verdict(advice) + "\n";
  return text;
}

bool is_modelled(std::span<const Advice> advices) {
  return !advices.empty() && advices.front().modelled;
}

constexpr const char model_note[] =
    "Modelled, not measured, for the GPU of a Raspberry Pi 5 (V3D 7.1): GPU ms, and from them the "
    "driver's frames/s.\nCPU times are this machine's; what counts is their ratio.\n";

// Lists the codecs that the setting offers without measurements; empty if there are none.
std::string not_measured(std::span<const Advice> advices) {
  std::string text;
  for (std::size_t i = 0; i < codec_names.size(); ++i) {
    const bool measured = std::any_of(advices.begin(), advices.end(), [&](const Advice& advice) {
      return advice.codec == static_cast<Codec>(i);
    });
    if (!measured) text += (text.empty() ? "" : ", ") + std::string(codec_names[i]);
  }
  return text.empty() ? "" : "Offered without having been measured: " + text + "\n";
}

bool sets_profiles(std::string_view line) {
  const auto first = line.find_first_not_of(" \t");
  if (first == line.npos || !line.substr(first).starts_with("profiles")) return false;
  const auto next = line.find_first_not_of(" \t", first + std::string_view("profiles").size());
  return next != line.npos && (line[next] == '=' || line[next] == ':');
}

}  // namespace

std::string describe_advice(const Report& report) {
  const auto advices = advices_of(report);
  std::string text = is_modelled(advices) ? model_note : "";
  text += table(advices, "");
  return text + "\n" + not_measured(advices) + "profiles = " + spell(limits_of(advices)) + "\n";
}

std::string settings_of(const Report& report, const std::string& date) {
  const auto advices = advices_of(report);
  std::string text(first_line);
  text += "# " + date + ", " + report.device + ", " + std::to_string(report.cores) + " CPU cores";
  text += is_modelled(advices) ? "; modelled for a Raspberry Pi 5\n" : "\n";
  text += table(advices, "# ");
  if (const auto line = not_measured(advices); !line.empty()) text += "# " + line;
  return text + "profiles = " + spell(limits_of(advices)) + "\n" + std::string(last_line);
}

std::string with_settings(const std::string& file, const std::string& settings) {
  std::string kept = file;
  const auto first = kept.find(first_line);
  if (const auto last = kept.find(last_line, first); first != kept.npos && last != kept.npos)
    kept.erase(first, last + last_line.size() - first);
  std::string text;
  for (std::size_t at = 0; at < kept.size();) {
    const auto end = std::min(kept.find('\n', at), kept.size());
    const auto line = std::string_view(kept).substr(at, end - at);
    if (sets_profiles(line)) text += '#';
    text.append(line) += '\n';
    at = end + 1;
  }
  return text + settings;
}

}  // namespace daedalus::bench
