// SPDX-License-Identifier: MIT
// Decodes damaged streams with ffmpeg and the driver: neither crashes nor hangs, and the pictures
// after the damage are exact.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

#include "streams/ffmpeg.h"
#include "streams/manifest.h"

namespace daedalus::test {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

enum class Damage { flipped_bits, cut };

// Keeps the parameter sets at the beginning: without them nothing can be decoded.
std::string damaged(std::string stream, Damage damage, uint32_t seed) {
  constexpr std::size_t intact = 100, bytes_per_flip = 2000;
  std::mt19937 random(seed);
  if (damage == Damage::cut) {
    stream.resize(intact + random() % (stream.size() - intact));
    return stream;
  }
  for (std::size_t i = 0; i < 3 + stream.size() / bytes_per_flip; ++i)
    stream[intact + random() % (stream.size() - intact)] ^= static_cast<char>(1 << random() % 8);
  return stream;
}

// Minutes, for work that should take seconds.
int run_bounded(const std::string& command) {
  return run("timeout 300 sh -c " + quoted(command));
}

class Damaged : public testing::TestWithParam<ManifestEntry> {
 protected:
  // Plays the stream, its damaged copy, and the stream again. Compares only the last part.
  void recovers(Damage damage, uint32_t seed) {
    const auto& entry = GetParam();
    const TemporaryFolder folder;
    const std::string stream = read_file(entry.path);
    const std::string input = folder / "input.264", log = folder / "log", sum = folder / "md5";
    std::ofstream(input, std::ios::binary) << stream << damaged(stream, damage, seed) << stream;
    const std::size_t last = std::size_t{entry.width} * entry.height * 3 / 2 * entry.frames;
    ASSERT_EQ(run_bounded(driver_command({input}, "levels", display(), log) + " | tail -c " +
                          std::to_string(last) + " | md5sum >" + sum),
              0);
    EXPECT_EQ(read_file(sum).substr(0, 32), entry.md5) << "seed " << seed;
    EXPECT_GE(read_report(log).decoded, entry.frames * 2) << read_file(log);
  }
};

TEST_P(Damaged, FlippedBits) {
  for (uint32_t seed = 0; seed < 4; ++seed) recovers(Damage::flipped_bits, seed);
}

TEST_P(Damaged, Cut) {
  for (uint32_t seed = 0; seed < 2; ++seed) recovers(Damage::cut, seed);
}

// A few streams of every kind: both entropy coders, slices, B pictures, weights, 8x8 transforms,
// many references.
std::vector<ManifestEntry> some_streams() {
  constexpr std::array names = {"BA3_SVA_C",       "CABA3_SVA_B", "CABAST3_Sony_E",
                                "CVWP3_TOSHIBA_E", "SL1_SVA_B",   "FRExt3_Panasonic_E",
                                "HCAFR4_HHI_A",    "freh1_b"};
  auto entries = manifest("h264", "progressive");
  std::erase_if(entries, [&](const ManifestEntry& entry) {
    return std::none_of(names.begin(), names.end(), [&](const char* name) {
      return std::filesystem::path(entry.path).stem() == name;
    });
  });
  return entries;
}

std::string test_name(const testing::TestParamInfo<ManifestEntry>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Streams, Damaged, testing::ValuesIn(some_streams()), test_name);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Damaged);

// Streams that have broken other decoders.
TEST(Broken, NoneCrashesOrHangs) {
  const auto folder = std::filesystem::path(vectors()) / "h264" / "broken";
  if (!std::filesystem::exists(folder))
    GTEST_SKIP() << "no broken streams: set DAEDALUS_VECTORS to a folder that has them";
  const TemporaryFolder logs;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const std::string command =
        driver_command({file.path().string()}, "levels", display(), logs / "log");
    const int exit = run_bounded(command + " >/dev/null 2>&1");
    EXPECT_LT(exit, 124) << file.path() << ": ended by a signal, or timed out";
  }
}

}  // namespace
}  // namespace daedalus::test
