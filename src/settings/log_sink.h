// SPDX-License-Identifier: MIT
// Where log() of daedalus/log.h goes.
#pragma once

#include <string>
#include <vector>

#include "daedalus/settings.h"

namespace daedalus {

// The log belongs to the process, as its displays do: the first open decides level and target, the
// last close leaves nothing behind.
void open_log(const Settings& settings);
void close_log();

// While it lives, its thread's lines of LogLevel::error are kept here too, whether they are logged
// or not. One for a thread at a time.
class ErrorLines {
 public:
  ErrorLines();
  ~ErrorLines();
  ErrorLines(const ErrorLines&) = delete;
  ErrorLines& operator=(const ErrorLines&) = delete;

  std::vector<std::string> lines;
};

}  // namespace daedalus
