// SPDX-License-Identifier: MIT
#include "settings/load_settings.h"

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>

#include "settings/codec_limits.h"
#include "settings/words.h"

namespace daedalus {

const char default_settings_path[] = DAEDALUS_SYSCONFDIR "/daedalus_drv_video.conf";

namespace {

constexpr uint32_t max_entropy_threads = 64;

template <typename Choice, std::size_t count, typename Value>
bool choose(std::string_view text, const std::pair<std::string_view, Choice> (&choices)[count],
            Value& value) {
  for (const auto& [name, choice] : choices)
    if (same_word(text, name)) {
      value = choice;
      return true;
    }
  return false;
}

bool set_device(Settings& settings, std::string_view text) {
  settings.device = text;
  return true;
}

bool set_log_level(Settings& settings, std::string_view text) {
  static constexpr std::pair<std::string_view, LogLevel> choices[] = {
      {"none", LogLevel::none}, {"error", LogLevel::error}, {"warning", LogLevel::warning},
      {"info", LogLevel::info}, {"debug", LogLevel::debug},
  };
  return choose(text, choices, settings.log_level);
}

bool set_log_target(Settings& settings, std::string_view text) {
  static constexpr std::pair<std::string_view, const char*> choices[] = {
      {"", ""}, {"stderr", "stderr"}, {"syslog", "syslog"}};
  if (!text.starts_with('/')) return choose(text, choices, settings.log_target);
  settings.log_target = text;
  return true;
}

bool set_entropy_threads(Settings& settings, std::string_view text) {
  uint32_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end != text.data() + text.size() || count > max_entropy_threads)
    return false;
  settings.entropy_threads = count;
  return true;
}

bool set_dispatch(Settings& settings, std::string_view text) {
  static constexpr std::pair<std::string_view, DispatchStrategy> choices[] = {
      {"automatic", DispatchStrategy::automatic},
      {"tickets", DispatchStrategy::tickets},
      {"levels", DispatchStrategy::levels},
  };
  return choose(text, choices, settings.dispatch);
}

bool set_profile(Settings& settings, std::string_view text) {
  if (!text.empty() && text.front() != '/') return false;
  settings.profile = text;
  return true;
}

bool set_profiles(Settings& settings, std::string_view text) {
  const auto limits = parse_codec_limits(text);
  if (limits) settings.profiles = *limits;
  return limits.has_value();
}

struct Key {
  std::string_view name;
  const char* variable;
  bool (*set)(Settings& settings, std::string_view text);  // false: the value is invalid
  const char* expected;
};

constexpr Key keys[] = {
    {"device", "DAEDALUS_DEVICE", set_device, "a device"},
    {"log_level", "DAEDALUS_LOG_LEVEL", set_log_level, "none, error, warning, info or debug"},
    {"log_target", "DAEDALUS_LOG_TARGET", set_log_target, "stderr, syslog or an absolute path"},
    {"entropy_threads", "DAEDALUS_ENTROPY_THREADS", set_entropy_threads, "a number from 0 to 64"},
    {"dispatch", "DAEDALUS_DISPATCH", set_dispatch, "automatic, tickets or levels"},
    {"profile", "DAEDALUS_PROFILE", set_profile, "an absolute path"},
    {"profiles", "DAEDALUS_PROFILES", set_profiles,
     "\"none\", or some of h264, vp9 and av1, each once, with @WIDTHxHEIGHT or without"},
};

struct CloseFile {
  void operator()(FILE* file) const { fclose(file); }
};

constexpr std::string_view blanks = " \t\r\n\f\v";

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// A ; starts a comment after a blank only, so that a value may contain one.
std::string_view without_comment(std::string_view text) {
  for (auto at = text.find(';'); at != std::string_view::npos; at = text.find(';', at + 1))
    if (at == 0 || blanks.find(text[at - 1]) != std::string_view::npos) return text.substr(0, at);
  return text;
}

// Reads a settings file line by line. The format is described in daedalus_drv_video.conf.
class SettingsFile {
 public:
  SettingsFile(const std::string& path, FILE* file, LoadedSettings& loaded)
      : path_(path), file_(file), loaded_(loaded) {}

  void read() {
    char text[256];
    while (fgets(text, sizeof text, file_.get())) {
      ++line_;
      if (!strchr(text, '\n') && !feof(file_.get())) skip_rest_of_line();
      take_line(trim(text));
    }
  }

 private:
  void skip_rest_of_line() {
    warn("the line is too long and was cut");
    for (int c = 0; c != '\n' && c != EOF;) c = fgetc(file_.get());
  }

  void take_line(std::string_view text) {
    if (text.empty() || text.front() == '#' || text.front() == ';') return;
    if (text.front() == '[' && text.find(']') != std::string_view::npos) {
      section_ = text.substr(1, text.find(']') - 1);
      return;
    }
    const auto separator = text.find_first_of("=:");
    if (separator == std::string_view::npos)
      warn("neither a comment nor of the form key = value");
    else
      take(trim(text.substr(0, separator)), trim(without_comment(text.substr(separator + 1))));
  }

  // Keys in sections are unknown.
  void take(std::string_view name, std::string_view value) {
    for (const auto& key : keys) {
      if (!section_.empty() || name != key.name) continue;
      if (!key.set(loaded_.settings, value))
        warn(std::string(name) + ": \"" + std::string(value) + "\" is not " + key.expected);
      return;
    }
    warn("unknown key " + (section_.empty() ? "" : section_ + '.') + std::string(name));
  }

  void warn(const std::string& what) {
    loaded_.warnings.push_back(path_ + ":" + std::to_string(line_) + ": " + what);
  }

  const std::string& path_;
  std::unique_ptr<FILE, CloseFile> file_;
  LoadedSettings& loaded_;
  std::string section_;
  int line_ = 0;
};

}  // namespace

LoadedSettings load_settings(const std::string& path, GetEnvironment get_environment) {
  LoadedSettings loaded;
  const char* other = get_environment("DAEDALUS_CONF");
  const std::string chosen = other ? other : path;
  if (FILE* file = fopen(chosen.c_str(), "re"))
    SettingsFile(chosen, file, loaded).read();
  else if (other || errno != ENOENT)
    loaded.warnings.push_back(chosen + ": " + strerror(errno));

  for (const auto& key : keys) {
    const char* value = get_environment(key.variable);
    if (value && !key.set(loaded.settings, value))
      loaded.warnings.push_back(std::string(key.variable) + ": \"" + value + "\" is not " +
                                key.expected);
  }
  return loaded;
}

}  // namespace daedalus
