// SPDX-License-Identifier: MIT
// daedalus_drv_video.conf, its environment variables, and the log they direct.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "settings/codec_limits.h"
#include "settings/load_settings.h"
#include "settings/log_sink.h"

namespace daedalus {

namespace {

std::map<std::string, std::string> environment;

char* get_environment(const char* name) {
  const auto found = environment.find(name);
  return found == environment.end() ? nullptr : found->second.data();
}

std::string read(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class SettingsFile : public testing::Test {
 protected:
  SettingsFile()
      : path(std::filesystem::temp_directory_path() /
             ("daedalus-settings-test-" + std::to_string(getpid()))) {
    environment.clear();
  }
  ~SettingsFile() override { std::filesystem::remove(path); }

  LoadedSettings load(const std::string& text) {
    std::ofstream(path) << text;
    return load_settings(path, get_environment);
  }
  std::string at_line(int line) const { return path.string() + ":" + std::to_string(line) + ": "; }

  std::filesystem::path path;
};

TEST_F(SettingsFile, MayBeMissing) {
  const auto loaded = load_settings(path, get_environment);
  EXPECT_TRUE(loaded.warnings.empty());
  EXPECT_EQ(loaded.settings.device, "");
  EXPECT_EQ(loaded.settings.log_level, LogLevel::none);
  EXPECT_EQ(loaded.settings.entropy_threads, 0u);
  EXPECT_EQ(loaded.settings.dispatch, DispatchStrategy::automatic);
  EXPECT_EQ(loaded.settings.profile, "");
  EXPECT_EQ(loaded.settings.profiles, CodecLimits{});
}

TEST_F(SettingsFile, SetsEveryKey) {
  const auto loaded = load(
      "# comment\n\ndevice = V3D 7.1 ; comment\nlog_level=debug\n; comment\n"
      "log_target: /var/log/x\nentropy_threads = 3\ndispatch = levels\nprofile = /tmp/x\n"
      "profiles = vp9\n");
  EXPECT_TRUE(loaded.warnings.empty());
  EXPECT_EQ(loaded.settings.device, "V3D 7.1");
  EXPECT_EQ(loaded.settings.log_level, LogLevel::debug);
  EXPECT_EQ(loaded.settings.log_target, "/var/log/x");
  EXPECT_EQ(loaded.settings.entropy_threads, 3u);
  EXPECT_EQ(loaded.settings.dispatch, DispatchStrategy::levels);
  EXPECT_EQ(loaded.settings.profile, "/tmp/x");
  EXPECT_EQ(loaded.settings.profiles, (CodecLimits{{{0, 0}, {}, {0, 0}}}));
}

TEST_F(SettingsFile, TakesValuesInAnyCase) {
  const auto loaded =
      load("log_level = Info\nlog_target = SysLog\ndispatch = LEVELS\n; as a client has it\n");
  EXPECT_TRUE(loaded.warnings.empty());
  EXPECT_EQ(loaded.settings.log_level, LogLevel::info);
  EXPECT_EQ(loaded.settings.log_target, "syslog");
  EXPECT_EQ(loaded.settings.dispatch, DispatchStrategy::levels);
}

TEST_F(SettingsFile, NamesTheLinesItIgnores) {
  const auto loaded = load(
      "log_level = loud\n"
      "# fine\n"
      "entropy_threads = -1\n"
      "entropy_threads = 65\n"
      "entropy_threads = 4x\n"
      "colour = green\n"
      "log_target = relative/path\n"
      "dispatch = waves\n"
      "log_level = info\n"
      "just some words\n"
      "[section]\n"
      "device = 1\n"
      "[]\n"
      "profiles = h264 vp8\n");
  std::size_t next = 0;
  const auto expect = [&](int line, const char* what) {
    ASSERT_LT(next, loaded.warnings.size());
    const auto& warning = loaded.warnings[next++];
    EXPECT_EQ(warning.rfind(at_line(line), 0), 0u) << warning;
    EXPECT_NE(warning.find(what), std::string::npos) << warning;
  };
  expect(1, "\"loud\" is not none, error, warning, info or debug");
  expect(3, "entropy_threads: \"-1\" is not a number");
  expect(4, "\"65\"");
  expect(5, "\"4x\"");
  expect(6, "unknown key colour");
  expect(7, "log_target: \"relative/path\"");
  expect(8, "dispatch: \"waves\"");
  expect(10, "key = value");
  expect(12, "unknown key section.device");
  expect(14, "profiles: \"h264 vp8\" is not \"none\", or some of h264, vp9 and av1");
  EXPECT_EQ(loaded.warnings.size(), 10u);
  EXPECT_EQ(loaded.settings.log_level, LogLevel::info);
  EXPECT_EQ(loaded.settings.entropy_threads, 0u);
  EXPECT_EQ(loaded.settings.device, "");
  EXPECT_EQ(loaded.settings.profiles, CodecLimits{});
}

TEST_F(SettingsFile, KeepsSemicolonsInsideValues) {
  const auto loaded = load("device = a;b ;comment\nlog_target = /a:b=c\r\n\t profile=/x\t; y");
  EXPECT_TRUE(loaded.warnings.empty());
  EXPECT_EQ(loaded.settings.device, "a;b");
  EXPECT_EQ(loaded.settings.log_target, "/a:b=c");
  EXPECT_EQ(loaded.settings.profile, "/x");
}

TEST_F(SettingsFile, LinesStayCountedBehindALongOne) {
  const auto loaded = load("# " + std::string(1000, 'x') + "\ndevice = " + std::string(1000, 'y') +
                           "\nlog_level = loud");
  ASSERT_EQ(loaded.warnings.size(), 3u);
  EXPECT_EQ(loaded.warnings[0].rfind(at_line(1), 0), 0u) << loaded.warnings[0];
  EXPECT_EQ(loaded.warnings[1].rfind(at_line(2), 0), 0u) << loaded.warnings[1];
  EXPECT_EQ(loaded.warnings[2].rfind(at_line(3), 0), 0u) << loaded.warnings[2];
}

TEST_F(SettingsFile, GivesWayToTheEnvironment) {
  environment = {{"DAEDALUS_DEVICE", "llvmpipe"},
                 {"DAEDALUS_LOG_LEVEL", "loud"},
                 {"DAEDALUS_ENTROPY_THREADS", "2"},
                 {"DAEDALUS_DISPATCH", "tickets"},
                 {"DAEDALUS_PROFILE", "relative/path"}};
  const auto loaded = load("device = 1\nlog_level = error\ndispatch = levels\n");
  EXPECT_EQ(loaded.settings.device, "llvmpipe");
  EXPECT_EQ(loaded.settings.log_level, LogLevel::error);
  EXPECT_EQ(loaded.settings.entropy_threads, 2u);
  EXPECT_EQ(loaded.settings.dispatch, DispatchStrategy::tickets);
  ASSERT_EQ(loaded.warnings.size(), 2u);
  EXPECT_EQ(loaded.warnings[0].rfind("DAEDALUS_LOG_LEVEL: \"loud\"", 0), 0u);
  EXPECT_EQ(loaded.warnings[1], "DAEDALUS_PROFILE: \"relative/path\" is not an absolute path");
}

TEST_F(SettingsFile, IsAnotherOneWhereTheEnvironmentNamesIt) {
  std::ofstream(path) << "device = other\n";
  environment = {{"DAEDALUS_CONF", path.string()}};
  EXPECT_EQ(load_settings("/nowhere", get_environment).settings.device, "other");
  environment = {{"DAEDALUS_CONF", "/nowhere/at/all"}};
  const auto loaded = load_settings(path, get_environment);
  EXPECT_EQ(loaded.settings.device, "");
  ASSERT_EQ(loaded.warnings.size(), 1u);
  EXPECT_EQ(loaded.warnings[0].rfind("/nowhere/at/all: ", 0), 0u);
}

// Uncommenting any key of the installed file gives one that the driver knows and accepts.
TEST_F(SettingsFile, ThatIsInstalledFits) {
  std::istringstream installed(read(DAEDALUS_INSTALLED_CONF));
  std::string uncommented;
  int keys = 0;
  for (std::string line; std::getline(installed, line);) {
    if (line.starts_with("#") && !line.starts_with("# ") && line.size() > 1) {
      uncommented += line.substr(1) + "\n";
      ++keys;
    }
  }
  EXPECT_EQ(keys, 7);
  for (const auto& warning : load(uncommented).warnings) ADD_FAILURE() << warning;
  EXPECT_TRUE(load(read(DAEDALUS_INSTALLED_CONF)).warnings.empty());
}

TEST(CodecLimitsOf, NamedCodecs) {
  constexpr CodecLimit all = {}, none = {0, 0};
  const std::pair<const char*, CodecLimits> right[] = {
      {"", {{all, all, all}}},
      {" \t", {{all, all, all}}},
      {"none", {{none, none, none}}},
      {"h264 vp9 av1@1280x720", {{all, all, {1280, 720}}}},
      {"AV1,H264@16X1", {{{16, 16}, none, all}}},
      {"h264@1920x1080", {{{1920, 1088}, none, none}}},
      {"vp9@65536x65536", {{none, {65536, 65536}, none}}},
  };
  for (const auto& [text, limits] : right) EXPECT_EQ(parse_codec_limits(text), limits) << text;
  for (const char* wrong : {"h265",          "h264 vp8",           "none h264",
                            "h264 none",     "h264 h264",          "h264@640x480 vp9 h264",
                            "h264@",         "h264@640",           "h264@640x",
                            "h264@x480",     "h264@0x480",         "h264@640x0",
                            "h264@-1x480",   "h264@640x480x1",     "h264@640x480p",
                            "h264@65537x16", "h264@4294967312x16", "@640x480",
                            "h264 @640x480", "h264@ 640x480",      "h264;vp9"})
    EXPECT_FALSE(parse_codec_limits(wrong)) << wrong;
}

TEST(CodecLimitsOf, SayWhatTheyLeaveOut) {
  const auto left_out = [](const char* text) {
    return describe_left_out(parse_codec_limits(text).value());
  };
  EXPECT_EQ(left_out(""), "");
  EXPECT_EQ(left_out("h264 vp9 av1"), "");
  EXPECT_EQ(left_out("none"), "h264, vp9, av1");
  EXPECT_EQ(left_out("h264@640x480 av1"), "h264 above 640x480, vp9");
}

TEST_F(SettingsFile, LogHoldsWhatItsLevelLetsThrough) {
  log(LogLevel::error, "before it is open");
  open_log({.log_level = LogLevel::warning, .log_target = path});
  EXPECT_TRUE(log_enabled(LogLevel::error));
  EXPECT_TRUE(log_enabled(LogLevel::warning));
  EXPECT_FALSE(log_enabled(LogLevel::info));
  EXPECT_FALSE(log_enabled(LogLevel::none));
  open_log({.log_level = LogLevel::debug});  // like a second display
  log(LogLevel::warning, "the answer is %d", 42);
  log(LogLevel::info, "not this");
  close_log();
  log(LogLevel::error, "still open");
  close_log();
  log(LogLevel::error, "after it was closed");
  EXPECT_FALSE(log_enabled(LogLevel::error));
  const auto text = read(path);
  EXPECT_NE(text.find("warning: the answer is 42\n"), std::string::npos) << text;
  EXPECT_NE(text.find("error: still open\n"), std::string::npos) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2) << text;
}

TEST_F(SettingsFile, LogIsSilentUnlessAskedFor) {
  testing::internal::CaptureStderr();
  open_log({});
  log(LogLevel::error, "nobody asked");
  close_log();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  testing::internal::CaptureStderr();
  open_log({.log_level = LogLevel::error});
  log(LogLevel::error, "somebody did");
  close_log();
  EXPECT_NE(testing::internal::GetCapturedStderr().find("error: somebody did\n"),
            std::string::npos);
}

TEST_F(SettingsFile, LogThatCannotBeWrittenGoesToStderr) {
  testing::internal::CaptureStderr();
  open_log({.log_level = LogLevel::error, .log_target = "/nowhere/at/all"});
  log(LogLevel::error, "here");
  close_log();
  const auto text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("/nowhere/at/all"), std::string::npos) << text;
  EXPECT_NE(text.find("error: here\n"), std::string::npos) << text;
}

// For applications that need the reason for a failure, independently of the log level.
TEST(Log, ErrorsOfAThreadCanBeKept) {
  log(LogLevel::error, "before");
  {
    ErrorLines errors;
    log(LogLevel::error, "first %d", 1);
    log(LogLevel::warning, "no error");
    std::thread([] { log(LogLevel::error, "of another thread"); }).join();
    EXPECT_EQ(errors.lines, std::vector<std::string>{"first 1"});
  }
  log(LogLevel::error, "after");
}

}  // namespace

}  // namespace daedalus
