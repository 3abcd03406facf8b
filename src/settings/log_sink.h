// SPDX-License-Identifier: MIT
// The implementation of log() in daedalus/log.h.
#pragma once

#include <string>
#include <vector>

#include "daedalus/settings.h"

namespace daedalus {

// The log belongs to the process, like its displays: the first open sets level and target, and the
// last close frees everything.
void open_log(const Settings& settings);
void close_log();

// While it exists, it also collects its thread's lines of LogLevel::error, whether or not they are
// logged. At most one per thread at a time.
class ErrorLines {
 public:
  ErrorLines();
  ~ErrorLines();
  ErrorLines(const ErrorLines&) = delete;
  ErrorLines& operator=(const ErrorLines&) = delete;

  std::vector<std::string> lines;
};

}  // namespace daedalus
