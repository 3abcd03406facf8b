// SPDX-License-Identifier: MIT
// From measurements to advice: for which codecs and sizes this driver is worth it on this machine.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/report.h"
#include "daedalus/settings.h"

namespace daedalus::bench {

// One decoder's figures for a clip; empty if it does not decode the clip.
struct Figures {
  double frames_per_second, cpu_ms, peak_bytes;
  std::optional<double> loaded_frames_per_second;  // beside the load
  double load_kept = 0;                            // of the load's own speed
};

struct Advice {
  Codec codec;
  int width, height;
  std::optional<Figures> driver, one_thread, all_threads;
  std::optional<double> gpu_ms;     // per frame that the client gets
  std::optional<double> cpu_saved;  // by the driver, of libavcodec's time with one thread
  bool modelled = false;            // the driver's frames per second are the modelled GPU's
  bool use_driver = false;
  std::string reason;  // for people
};

// Nothing if the driver, or the model, does not know the file's codec.
std::optional<Advice> advise(const FileReport& report);
// For each file whose codec the driver knows.
std::vector<Advice> advices_of(const Report& report);

// The resulting setting: a codec is offered up to the largest size for which the driver is advised,
// if the driver keeps up with 30 frames per second at all smaller ones; without a limit if that is
// the largest size measured. Codecs that were not measured keep their setting.
CodecLimits limits_of(std::span<const Advice> advices);

// In the form of the setting `profiles`.
std::string spell(const CodecLimits& limits);

// The setting and, as comments, its reasons, for a configuration file.
std::string settings_of(const Report& report, const std::string& date);

// The text of a configuration file with these settings in place of those of an earlier call. Other
// lines that set the same key become comments.
std::string with_settings(const std::string& file, const std::string& settings);

// The table, with a line for each clip, and the setting.
std::string describe_advice(const Report& report);

}  // namespace daedalus::bench
