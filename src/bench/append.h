// SPDX-License-Identifier: MIT
// Lines of formatted text, one after another.
#pragma once

#include <stdarg.h>

#include <cstdio>
#include <string>

namespace daedalus::bench {

// Appends at most 255 characters.
[[gnu::format(printf, 2, 3)]] inline void append(std::string& text, const char* format, ...) {
  char line[256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  text += line;
}

}  // namespace daedalus::bench
