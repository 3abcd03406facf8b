// SPDX-License-Identifier: MIT
// The driver's log. Silent unless settings ask for it (see settings.h).
#pragma once

namespace daedalus {

enum class LogLevel { none, error, warning, info, debug };

// printf-style, one line without its newline. Safe to call from any thread.
[[gnu::format(printf, 2, 3)]] void log(LogLevel level, const char* format, ...);

bool log_enabled(LogLevel level);

}  // namespace daedalus
