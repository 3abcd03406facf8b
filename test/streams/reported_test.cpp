// SPDX-License-Identifier: MIT
// Streams that reproduce reports by users of other drivers. The table in the folder's README lists
// what they decode to.
#include <gtest/gtest.h>

extern "C" {
#include <libavutil/version.h>
}

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <sstream>

#include "streams/ffmpeg.h"
#include "streams/manifest.h"

namespace daedalus::test {
namespace {

struct Case {
  std::string path;
  std::string name;  // usable as a test's name
  uint64_t least_decoded = 0;
  std::string md5;  // of all frames as yuv420p or yuv420p10le; empty if no driver can be exact
  uint32_t bit_depth = 8;
  std::string hardware_decoder = "";
};

// FFmpeg up to 7.1 asks for AV1's format once: after a sequence header with larger or deeper
// frames, they arrive in the first context, with its surfaces, and are refused.
constexpr bool ffmpeg_follows_sequences = LIBAVUTIL_VERSION_MAJOR >= 60;

void PrintTo(const Case& reported, std::ostream* out) {
  *out << reported.path;
}

// A row of the table: | files | what | frames | md5s | driver, or how it was made |
std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream row(line);
  for (std::string cell; std::getline(row, cell, '|');) cells.push_back(cell);
  return cells;
}

// The words in backquotes.
std::vector<std::string> file_names(const std::string& cell) {
  std::vector<std::string> names;
  for (auto at = cell.find('`'); at != std::string::npos; at = cell.find('`', at + 1)) {
    const auto end = cell.find('`', at + 1);
    names.push_back(cell.substr(at + 1, end - at - 1));
    at = end;
  }
  return names;
}

std::vector<std::string> words_of(std::string cell) {
  std::replace(cell.begin(), cell.end(), ',', ' ');
  std::istringstream text(cell);
  return {std::istream_iterator<std::string>(text), {}};
}

bool is_md5(const std::string& word) {
  return word.size() == 32 &&
         std::all_of(word.begin(), word.end(), [](unsigned char c) { return isxdigit(c); });
}

// The MD5 of the row's file with this number. For a single file the row lists several players'
// MD5s, ffmpeg's last.
std::string md5_of(const std::vector<std::string>& words, std::size_t number, std::size_t files) {
  std::vector<std::string> md5s;
  for (const auto& word : words)
    if (is_md5(word)) md5s.push_back(word);
  if (files == 1 && !md5s.empty()) return md5s.back();
  return number < md5s.size() ? md5s[number] : "";
}

std::vector<Case> cases(const std::string& codec) {
  const std::string folder = vectors() + "/" + codec + "/reported/";
  std::vector<Case> all;
  std::ifstream readme(folder + "README.md");
  for (std::string line; std::getline(readme, line);) {
    const auto row = cells(line);
    if (row.size() < 6 || row[1].find('`') == std::string::npos) continue;
    const auto names = file_names(row[1]);
    const auto frames = words_of(row[3]), md5s = words_of(row[4]);
    for (std::size_t i = 0; i < names.size(); ++i) {
      Case entry;
      entry.path = folder + names[i];
      for (char c : names[i]) entry.name += isalnum(static_cast<unsigned char>(c)) ? c : '_';
      // VP9 and AV1 frames may be shown again.
      if (codec != "h264")
        entry.least_decoded = 1;
      else if (i < frames.size())
        entry.least_decoded = strtoull(frames[i].c_str(), nullptr, 10);
      const bool exact = row[5].find("limit") == std::string::npos;
      if (exact) entry.md5 = md5_of(md5s, i, names.size());
      const bool is_high =
          names[i].starts_with("p2-") || names[i].find("10bit") != std::string::npos;
      if (is_high) entry.bit_depth = 10;
      if (codec == "av1") entry.hardware_decoder = codec;
      all.push_back(entry);
    }
  }
  return all;
}

class Reported : public testing::TestWithParam<Case> {
 protected:
  void decodes(const std::string& dispatch) {
    ASSERT_FALSE(display().name().empty()) << "Xvfb did not start";
    const auto& entry = GetParam();
    const TemporaryFolder folder;
    std::string path = entry.path;
    if (path.ends_with(".gz")) {
      path = folder / "unpacked";
      ASSERT_EQ(run("gunzip -c " + test::quoted(entry.path) + " > " + test::quoted(path)), 0);
    }
    // ffmpeg 5.1's SIMD code is inexact for extreme H.264 weights.
    Stream stream{path, 0, 0, "-cpuflags 0"};
    stream.bit_depth = entry.bit_depth;
    stream.hardware_decoder = entry.hardware_decoder;
    if (entry.md5.empty()) {
      const std::string log = folder / "log";
      EXPECT_EQ(run(driver_command(stream, dispatch, display(), log) + " > /dev/null"), 0);
      expect_decoded(read_report(log));
      return;
    }
    const auto result = compare_with_software(stream, dispatch, display());
    EXPECT_EQ(result.md5, entry.md5) << result.difference;
    EXPECT_EQ(result.driver_exit, 0);
    EXPECT_EQ(result.driver.damaged, 0u) << result.driver.log;
    expect_decoded(result.driver);
  }

 private:
  static void expect_decoded(const DriverReport& driver) {
    EXPECT_GE(driver.decoded, GetParam().least_decoded) << driver.log;
    EXPECT_EQ(driver.log.find("refused"), std::string::npos) << driver.log;
  }
};

TEST_P(Reported, Tickets) {
  decodes("tickets");
}
TEST_P(Reported, Levels) {
  decodes("levels");
}

// Parts with 8, 10 and 8 bits. Decoding the whole stream converts frames, so each part is selected
// in turn; the others are decoded, too.
constexpr char vp9_changing_depth[] = "bit-depth-8-10-8.ivf";
constexpr char av1_changing_depth[] = "seq-bit-depth-8-10-8.ivf";

bool is_large(const Case& entry) {
  return entry.path.ends_with("size-7680x4320.ivf");
}

std::vector<Case> vp9_cases(bool large) {
  auto all = cases("vp9");
  std::erase_if(all, [&](const Case& entry) {
    return entry.path.ends_with(vp9_changing_depth) || is_large(entry) != large;
  });
  return all;
}

bool has_sequences_that_ffmpeg_does_not_follow(const Case& entry) {
  return !ffmpeg_follows_sequences && entry.path.find("/seq-size-") != std::string::npos;
}

std::vector<Case> av1_cases() {
  auto all = cases("av1");
  std::erase_if(all, [](const Case& entry) {
    return entry.path.ends_with(av1_changing_depth) ||
           has_sequences_that_ffmpeg_does_not_follow(entry);
  });
  return all;
}

// The driver must not output wrong or broken pictures: it refuses what does not fit.
TEST(ReportedSequences, ThatFfmpegDoesNotFollowAreRefused) {
  ASSERT_FALSE(display().name().empty()) << "Xvfb did not start";
  if (ffmpeg_follows_sequences) GTEST_SKIP() << "this ffmpeg follows them";
  for (const auto& entry : cases("av1")) {
    if (!entry.path.ends_with(av1_changing_depth) &&
        !has_sequences_that_ffmpeg_does_not_follow(entry))
      continue;
    Stream stream{entry.path, 0, 0};
    stream.hardware_decoder = "av1";
    const TemporaryFolder folder;
    const std::string log = folder / "log";
    EXPECT_LT(run(driver_command(stream, "levels", display(), log) + " > /dev/null"), 128);
    const auto driver = read_report(log);
    EXPECT_GE(driver.decoded, 6u) << driver.log;
    EXPECT_EQ(driver.damaged, 0u) << driver.log;
    EXPECT_NE(driver.log.find("refused"), std::string::npos) << driver.log;
  }
}

// A part and its decoded frames.
struct Part {
  const char* frames;
  uint32_t bit_depth;
  const char* md5;
};

void decode_parts(const std::string& name, const std::string& hardware_decoder,
                  std::initializer_list<Part> parts, uint64_t decoded) {
  ASSERT_FALSE(display().name().empty()) << "Xvfb did not start";
  const std::string path = vectors() + "/" + name;
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is missing";
  for (const auto& part : parts) {
    Stream stream{path, 0, 0};
    stream.bit_depth = part.bit_depth;
    stream.filters = std::string("select=") + part.frames;
    stream.hardware_decoder = hardware_decoder;
    const auto result = compare_with_software(stream, "levels", display());
    EXPECT_EQ(result.md5, part.md5) << part.frames << ": " << result.difference;
    EXPECT_EQ(result.driver.decoded, decoded) << result.driver.log;
    EXPECT_EQ(result.driver.damaged, 0u) << result.driver.log;
  }
}

TEST(ReportedBitDepth, ChangesAtKeyFramesOfVp9) {
  decode_parts(std::string("vp9/reported/") + vp9_changing_depth, "",
               {{"between(t*30\\,-1\\,5.5)", 8, "d9f79d44ada16cf8f6393f8ca2e86aac"},
                {"between(t*30\\,5.5\\,11.5)", 10, "826bca0dfbfbea5ef71258a9aa180b78"},
                {"between(t*30\\,11.5\\,99)", 8, "d9f79d44ada16cf8f6393f8ca2e86aac"}},
               18);
}

TEST(ReportedBitDepth, ChangesAtSequencesOfAv1) {
  if (!ffmpeg_follows_sequences) GTEST_SKIP() << "this ffmpeg keeps AV1's first format";
  decode_parts(std::string("av1/reported/") + av1_changing_depth, "av1",
               {{"between(t*30\\,-1\\,7.5)", 8, "80f1aa883abf5cee6c305560825cff87"},
                {"between(t*30\\,7.5\\,15.5)", 10, "c600eec16a5ec7a03b63155a1249c4fb"},
                {"between(t*30\\,15.5\\,99)", 8, "80f1aa883abf5cee6c305560825cff87"}},
               24);
}

std::string test_name(const testing::TestParamInfo<Case>& info) {
  return info.param.name;
}
INSTANTIATE_TEST_SUITE_P(H264, Reported, testing::ValuesIn(cases("h264")), test_name);
INSTANTIATE_TEST_SUITE_P(Vp9, Reported, testing::ValuesIn(vp9_cases(false)), test_name);
INSTANTIATE_TEST_SUITE_P(Av1, Reported, testing::ValuesIn(av1_cases()), test_name);
// Twenty seconds: --gtest_also_run_disabled_tests.
INSTANTIATE_TEST_SUITE_P(DISABLED_Vp9Large, Reported, testing::ValuesIn(vp9_cases(true)),
                         test_name);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Reported);

TEST(ReportedStreams, AreThere) {
  if (cases("h264").empty() || cases("vp9").empty() || cases("av1").empty())
    GTEST_SKIP() << "no streams after reports: set DAEDALUS_VECTORS to a folder that has them";
}

}  // namespace
}  // namespace daedalus::test
