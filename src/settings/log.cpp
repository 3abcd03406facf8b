// SPDX-License-Identifier: MIT
#include "daedalus/log.h"

#include <fcntl.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <new>

#include "settings/log_sink.h"

namespace daedalus {

namespace {

constexpr std::size_t max_line = 1024;

// The process's only state: constant-initialised and trivially destroyed, so that it works during
// start-up and exit.
struct Sink {
  std::atomic<LogLevel> level = LogLevel::none;
  std::mutex mutex;
  unsigned users = 0;
  int file = -1;  // STDERR_FILENO or the driver's own
  bool to_syslog = false;
};
constinit Sink sink;

constinit thread_local ErrorLines* error_lines = nullptr;

constexpr const char* names[] = {"none", "error", "warning", "info", "debug"};
constexpr int syslog_priorities[] = {LOG_DEBUG, LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG};

void write_line(LogLevel level, const char* text) {
  const auto index = static_cast<std::size_t>(level);
  if (sink.to_syslog) {
    syslog(syslog_priorities[index], "daedalus: %s: %s", names[index], text);
    return;
  }
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  char line[max_line + 64];
  const int length = snprintf(line, sizeof(line), "[%5lld.%06ld] daedalus[%d]: %s: %s\n",
                              static_cast<long long>(now.tv_sec), now.tv_nsec / 1000, getpid(),
                              names[index], text);
  // One write, so that lines of several processes do not mix. Write errors are ignored.
  if (length > 0 && write(sink.file, line, static_cast<std::size_t>(length)) < 0) return;
}

// A line is lost if there is no memory for it.
void keep(const char* text) noexcept {
  try {
    error_lines->lines.emplace_back(text);
  } catch (const std::bad_alloc&) {
  }
}

}  // namespace

void open_log(const Settings& settings) {
  std::lock_guard lock(sink.mutex);
  if (sink.users++ > 0) return;
  if (settings.log_level == LogLevel::none) return;
  const std::string& target = settings.log_target;
  sink.to_syslog = target == "syslog";
  sink.file = STDERR_FILENO;
  int error = 0;
  if (!sink.to_syslog && !target.empty() && target != "stderr") {
    const int file = open(target.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0)
      error = errno;
    else
      sink.file = file;
  }
  sink.level = settings.log_level;
  if (error != 0) {
    char text[max_line];
    snprintf(text, sizeof(text), "cannot write the log %s: %s; writing to stderr", target.c_str(),
             strerror(error));
    write_line(LogLevel::error, text);
  }
}

void close_log() {
  std::lock_guard lock(sink.mutex);
  if (sink.users == 0 || --sink.users > 0) return;
  sink.level = LogLevel::none;
  if (sink.file > STDERR_FILENO) close(sink.file);
  sink.file = -1;
  sink.to_syslog = false;
}

ErrorLines::ErrorLines() {
  error_lines = this;
}

ErrorLines::~ErrorLines() {
  error_lines = nullptr;
}

bool log_enabled(LogLevel level) {
  return level != LogLevel::none && level <= sink.level.load(std::memory_order_relaxed);
}

void log(LogLevel level, const char* format, ...) {
  const bool kept = level == LogLevel::error && error_lines;
  if (!log_enabled(level) && !kept) return;
  const int saved_errno = errno;
  char text[max_line];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  if (kept) keep(text);
  {
    std::lock_guard lock(sink.mutex);
    if (log_enabled(level)) write_line(level, text);
  }
  errno = saved_errno;
}

}  // namespace daedalus
