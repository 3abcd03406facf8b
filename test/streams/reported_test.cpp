// Streams made after what users of other drivers reported: the table of the folder's README says
// what they decode to.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "streams/ffmpeg.h"
#include "streams/manifest.h"

namespace daedalus::test {
namespace {

struct Case {
  std::string path;
  std::string name;  // fit for a test's name
  uint64_t frames = 0;
  std::string md5;  // of all frames as yuv420p; empty where no driver can be exact
  uint32_t bit_depth = 8;
};

void PrintTo(const Case& reported, std::ostream* out) {
  *out << reported.path;
}

// A row of the table: | files | what | frames | md5s | driver, or made by |
std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream row(line);
  for (std::string cell; std::getline(row, cell, '|');) cells.push_back(cell);
  return cells;
}

// What is in backquotes.
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
      if (i < frames.size()) entry.frames = strtoull(frames[i].c_str(), nullptr, 10);
      const bool exact = row[5].find("limit") == std::string::npos;
      if (exact && i < md5s.size() && is_md5(md5s[i])) entry.md5 = md5s[i];
      if (names[i].starts_with("p2-")) entry.bit_depth = 10;
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
    // ffmpeg 5.1's SIMD is not exact where H.264's weights are extreme.
    Stream stream{path, 0, 0, "-cpuflags 0"};
    stream.bit_depth = entry.bit_depth;
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
    EXPECT_GE(driver.decoded, GetParam().frames) << driver.log;
    EXPECT_EQ(driver.log.find("refused"), std::string::npos) << driver.log;
  }
};

TEST_P(Reported, Tickets) {
  decodes("tickets");
}
TEST_P(Reported, Levels) {
  decodes("levels");
}

std::string test_name(const testing::TestParamInfo<Case>& info) {
  return info.param.name;
}

// Those with one MD5 for the whole of the stream, as ffmpeg shows it.
std::vector<Case> vp9_cases(bool slow) {
  auto all = cases("vp9");
  std::erase_if(all, [&](const Case& entry) {
    const bool is_slow = entry.path.ends_with("size-7680x4320.ivf");
    return entry.md5.empty() || is_slow != slow;
  });
  // Frames may be shown twice, or never.
  for (auto& entry : all) entry.frames = 1;
  return all;
}

INSTANTIATE_TEST_SUITE_P(H264, Reported, testing::ValuesIn(cases("h264")), test_name);
INSTANTIATE_TEST_SUITE_P(Vp9, Reported, testing::ValuesIn(vp9_cases(false)), test_name);
INSTANTIATE_TEST_SUITE_P(DISABLED_Vp9, Reported, testing::ValuesIn(vp9_cases(true)), test_name);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Reported);

TEST(ReportedStreams, AreThere) {
  if (cases("h264").empty())
    GTEST_SKIP() << "no streams after reports: set DAEDALUS_VECTORS to a folder that has them";
}

}  // namespace
}  // namespace daedalus::test
