// SPDX-License-Identifier: MIT
// With lost or broken slices, the driver's pictures are on average no worse than libavcodec's,
// measured as PSNR against the undamaged stream.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "streams/ffmpeg.h"
#include "streams/manifest.h"

namespace daedalus::test {
namespace {

using namespace std::string_literals;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A byte stream's NAL units, including start codes.
std::vector<std::string> nal_units(const std::string& stream) {
  std::vector<std::string> units;
  for (std::size_t begin = stream.find("\0\0\1"s); begin != std::string::npos;) {
    const std::size_t next = stream.find("\0\0\1"s, begin + 3);
    units.push_back(stream.substr(begin, next - begin));
    begin = next;
  }
  return units;
}

int nal_unit_type(const std::string& unit) {
  return unit[3] & 31;
}
bool is_slice(const std::string& unit) {
  return nal_unit_type(unit) == 1 || nal_unit_type(unit) == 5;
}
// first_mb_in_slice is 0.
bool begins_picture(const std::string& unit) {
  return is_slice(unit) && (unit[4] & 0x80) != 0;
}

// The first picture stays intact, because nothing could conceal it. In the others each slice is
// damaged with this probability.
constexpr uint32_t damaged_percent = 8;

// Drops slices, except the first one of each picture: clients do not pass a picture without slices
// to the driver.
std::string lose_slices(const std::vector<std::string>& units, uint32_t seed) {
  std::minstd_rand random(seed);
  std::string stream;
  int pictures = 0;
  for (const auto& unit : units) {
    pictures += begins_picture(unit);
    const bool may_go = is_slice(unit) && !begins_picture(unit) && pictures > 1;
    if (!may_go || random() % 100 >= damaged_percent) stream += unit;
  }
  return stream;
}

// Flips bits in slices, after the longest possible header.
std::string break_slices(const std::vector<std::string>& units, uint32_t seed) {
  constexpr std::size_t header = 24;
  std::minstd_rand random(seed);
  std::string stream;
  int pictures = 0;
  for (std::string unit : units) {
    pictures += begins_picture(unit);
    if (is_slice(unit) && pictures > 1 && unit.size() > header && random() % 100 < damaged_percent)
      unit[header + random() % (unit.size() - header)] ^= static_cast<char>(1 << random() % 8);
    stream += unit;
  }
  return stream;
}

// Drops all but the first slice of each IDR picture, except in the first picture.
std::string lose_slices_of_idr_pictures(const std::vector<std::string>& units, uint32_t) {
  std::string stream;
  int pictures = 0;
  for (const auto& unit : units) {
    pictures += begins_picture(unit);
    if (nal_unit_type(unit) != 5 || begins_picture(unit) || pictures == 1) stream += unit;
  }
  return stream;
}

using Damage = std::string (*)(const std::vector<std::string>&, uint32_t);

double psnr(const std::string& actual, const std::string& expected) {
  double error = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double difference = static_cast<uint8_t>(actual[i]) - static_cast<uint8_t>(expected[i]);
    error += difference * difference;
  }
  return 10 * std::log10(255 * 255 * static_cast<double>(expected.size()) / std::max(error, 1.0));
}

// With one thread libavcodec's concealment is deterministic.
std::string software(const std::string& path) {
  return Pipe("exec ffmpeg -nostdin -v quiet -threads 1 -noautorotate -flags unaligned -i " +
              quoted(path) +
              " -map 0:v:0 -pix_fmt yuv420p -fps_mode passthrough -noautoscale -f rawvideo -")
      .text();
}

std::string driver(const std::string& path, const std::string& log) {
  return Pipe(driver_command({path}, "levels", display(), log)).text();
}

struct Means {
  double driver = 0, libavcodec = 0;
  int count = 0;
};

class Concealment : public testing::Test {
 protected:
  void SetUp() override { ASSERT_FALSE(display().name().empty()) << "Xvfb did not start"; }

  void compare(const std::string& path, const char* kind, Damage damage, uint32_t seed) {
    const std::string stream = read_file(path), name = std::filesystem::path(path).stem();
    const auto units = nal_units(stream);
    const std::string changed = damage(units, seed);
    if (changed == std::accumulate(units.begin(), units.end(), std::string())) return;
    if (path != intact_path_) intact_ = software(intact_path_ = path);
    const std::string damaged = folder_ / "damaged.264";
    std::ofstream(damaged, std::ios::binary) << changed;
    const std::string actual = driver(damaged, folder_ / "log"), other = software(damaged);
    ASSERT_FALSE(intact_.empty()) << name;
    ASSERT_EQ(actual.size(), other.size()) << name << ", " << kind << ", seed " << seed;
    if (actual.size() != intact_.size()) return;  // libavcodec has dropped a picture
    const double ours = psnr(actual, intact_), theirs = psnr(other, intact_);
    printf("%-20s %-6s %u: driver %5.2f dB, libavcodec %5.2f dB\n", name.c_str(), kind, seed, ours,
           theirs);
    means_.driver += ours;
    means_.libavcodec += theirs;
    ++means_.count;
  }

  void expect_no_worse(double tolerance = 0) {
    ASSERT_GT(means_.count, 0);
    const double ours = means_.driver / means_.count, theirs = means_.libavcodec / means_.count;
    printf("mean of %d: driver %.2f dB, libavcodec %.2f dB\n", means_.count, ours, theirs);
    EXPECT_GE(ours, theirs - tolerance);
  }

  // Encodes ffmpeg's input.
  std::string encode(const char* name, const std::string& input, const std::string& parameters) {
    const std::string path = folder_ / (std::string(name) + ".264");
    EXPECT_EQ(run("ffmpeg -nostdin -v error " + input +
                  " -frames:v 48 -an -pix_fmt yuv420p -c:v libx264 -preset medium -x264-params " +
                  parameters + ":threads=1:keyint=24 " + quoted(path)),
              0);
    return path;
  }

  const TemporaryFolder folder_;

 private:
  std::string intact_path_, intact_;
  Means means_;
};

// Streams for which libavcodec outputs every frame despite the damage.
std::vector<std::string> conformance_streams() {
  constexpr std::array names = {"CABAST3_Sony_E", "MR1_BT_A",        "SL1_SVA_B",
                                "SVA_Base_B",     "SVA_CL1_E",       "BA3_SVA_C",
                                "CABA3_SVA_B",    "CVWP3_TOSHIBA_E", "FRExt3_Panasonic_E",
                                "HCAFR4_HHI_A",   "freh1_b"};
  std::vector<std::string> paths;
  for (const auto& entry : manifest("h264", "progressive")) {
    const auto stem = std::filesystem::path(entry.path).stem();
    if (std::any_of(names.begin(), names.end(), [&](const char* name) { return stem == name; }))
      paths.push_back(entry.path);
  }
  return paths;
}

TEST_F(Concealment, OfConformanceStreams) {
  const auto paths = conformance_streams();
  if (paths.empty()) GTEST_SKIP() << "no streams: set DAEDALUS_VECTORS to a folder that has them";
  for (const auto& path : paths)
    for (uint32_t seed = 1; seed <= 2; ++seed) {
      compare(path, "lost", lose_slices, seed);
      compare(path, "broken", break_slices, seed);
    }
  expect_no_worse();
}

TEST_F(Concealment, OfLostSlicesInFilms) {
  const std::string folder = vectors() + "/h264/";
  const std::string pan = folder + "clips/VID_1280x720_cabac_temporal_direct.264";
  const std::string fade = folder + "clips/thezerotheorem-cut.mp4";
  const std::string mix = folder + "bench/mix_8000.264";
  if (!std::filesystem::exists(pan) || !std::filesystem::exists(fade) ||
      !std::filesystem::exists(mix))
    GTEST_SKIP() << "no streams: set DAEDALUS_VECTORS to a folder that has them";
  const auto scaled = [](const std::string& path) {
    return "-i " + quoted(path) + " -vf scale=640:360";
  };
  for (const auto& path : {encode("pan_b", scaled(pan), "slices=8:bframes=3:ref=4"),
                           encode("pan_p", scaled(pan), "slices=8:bframes=0:ref=3"),
                           encode("fade_p", scaled(fade), "slices=6:bframes=0:ref=2"),
                           encode("mix_b", scaled(mix), "slices=8:bframes=2:ref=2"),
                           encode("mix_p", scaled(mix), "slices=8:bframes=0:ref=1:cabac=0")})
    for (uint32_t seed = 1; seed <= 2; ++seed) compare(path, "lost", lose_slices, seed);
  expect_no_worse();
}

TEST_F(Concealment, OfLostSlicesInPatterns) {
  for (const auto& path :
       {encode("zoom_p", "-f lavfi -i mandelbrot=size=352x288:end_scale=0.05",
               "slices=6:bframes=0:ref=1"),
        encode("test_b", "-f lavfi -i testsrc2=size=352x288", "slices=6:bframes=3:ref=3")})
    for (uint32_t seed = 1; seed <= 4; ++seed) compare(path, "lost", lose_slices, seed);
  expect_no_worse();
}

// MBAFF frames.
TEST_F(Concealment, OfLostSlicesInInterlacedPatterns) {
  const auto interlaced = [](const std::string& source) {
    return "-f lavfi -i " + source + ",interlace=lowpass=0";
  };
  for (const auto& path :
       {encode("zoom_pairs", interlaced("mandelbrot=size=352x288:rate=50:end_scale=0.05"),
               "slices=6:bframes=0:ref=1:tff=1"),
        encode("test_pairs", interlaced("testsrc2=size=352x288:rate=50"),
               "slices=6:bframes=2:ref=3:tff=1")})
    for (uint32_t seed = 1; seed <= 3; ++seed) {
      compare(path, "lost", lose_slices, seed);
      compare(path, "broken", break_slices, seed);
    }
  expect_no_worse();
}

// The only possible reference is the previous picture. Grey would be 15 dB. libavcodec's result for
// this case was 33.4 dB in one run and 34.1 in another; the driver's was 33.0 in both.
TEST_F(Concealment, OfIdrPictures) {
  compare(encode("zoom_idr", "-f lavfi -i mandelbrot=size=352x288:end_scale=0.05",
                 "slices=4:bframes=2"),
          "idr", lose_slices_of_idr_pictures, 0);
  expect_no_worse(2);
}

}  // namespace
}  // namespace daedalus::test
