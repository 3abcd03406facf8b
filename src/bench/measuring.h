// SPDX-License-Identifier: MIT
// Shared by measuring files and recommending: legs with a line of progress, and error messages.
#pragma once

#include <optional>
#include <string>

#include "bench/clip.h"
#include "bench/leg.h"
#include "bench/report.h"

namespace daedalus::bench {

[[gnu::format(printf, 1, 2)]] void complain(const char* format, ...);

// A status line in the terminal; prints nothing if stderr is not a terminal.
class Progress {
 public:
  Progress(std::string what, std::string unit);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `total`: 0 if it is not known.
  void show(uint64_t count, uint64_t total) const;

 private:
  const bool watched_;
  const std::string what_, unit_;
};

// Loads the clip into memory, so that the measurement does not include reading the file. Returns
// nothing if there is none, after printing why.
std::optional<Clip> load(const std::string& file);

FileReport describe_file(const std::string& file, const Clip& clip);

// Returns nothing if it fails, after printing what failed. `file` is for the status line.
std::optional<Measurement> measure_leg(const std::string& file, const Clip& clip, const Leg& leg);

}  // namespace daedalus::bench
