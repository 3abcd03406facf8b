// SPDX-License-Identifier: MIT
// Shared by tests of unmodified clients: runs a client with the driver, and reads its output.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "streams/ffmpeg.h"

namespace daedalus::test {

using Bytes = std::vector<uint8_t>;

inline Bytes contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// In decibels; 100 if they are equal. Samples of 10 bits are two bytes each, the lower one first.
inline double psnr(const Bytes& actual, const Bytes& expected, unsigned bit_depth = 8) {
  if (actual.size() != expected.size() || actual.empty()) return 0;
  const std::size_t bytes = bit_depth == 8 ? 1 : 2;
  const auto sample = [&](const Bytes& frames, std::size_t at) {
    return bytes == 1 ? frames[at] : frames[at] | frames[at + 1] << 8;
  };
  double sum = 0;
  for (std::size_t at = 0; at + bytes <= actual.size(); at += bytes) {
    const double error = sample(actual, at) - sample(expected, at);
    sum += error * error;
  }
  if (sum == 0) return 100;
  const double peak = (1 << bit_depth) - 1;
  return 10 * std::log10(peak * peak * static_cast<double>(actual.size() / bytes) / sum);
}

inline std::string ffmpeg(const std::string& arguments) {
  return "ffmpeg -nostdin -v error " + arguments;
}

inline const std::string with_vaapi =
    "-init_hw_device vaapi=va:,connection_type=x11 -hwaccel vaapi -hwaccel_device va ";
inline const std::string to_surfaces = with_vaapi + "-hwaccel_output_format vaapi ";
inline const std::string raw = " -fps_mode passthrough -f rawvideo -y ";

// One client's run.
class Client : public testing::Test {
 protected:
  void SetUp() override { ASSERT_FALSE(display().name().empty()) << "Xvfb did not start"; }

  // An environment in which any program finds the driver.
  std::string environment() const {
    return "env DISPLAY=" + display().name() + " XDG_RUNTIME_DIR=" + quoted(folder / "") +
           " LIBVA_MESSAGING_LEVEL=0 LIBVA_DRIVER_NAME=daedalus LIBVA_DRIVERS_PATH=" +
           quoted(DRIVER_DIRECTORY) +
           " DAEDALUS_CONF=/dev/null DAEDALUS_LOG_LEVEL=debug DAEDALUS_LOG_TARGET=" +
           quoted(folder / "log") + " GST_VAAPI_ALL_DRIVERS=1 GST_VA_ALL_DRIVERS=1 GST_REGISTRY=" +
           quoted(registries() / "x11") + " ";
  }
  // The same, inside drm-node.
  std::string environment_with_node() const {
    return environment() + "GST_REGISTRY=" + quoted(registries() / "drm") + " " + quoted(DRM_NODE) +
           " " + quoted(DRM_KERNEL) + " ";
  }
  // GStreamer's cached lists of what its plugins can do on a display; they are slow to build.
  static const TemporaryFolder& registries() {
    static const TemporaryFolder lists;
    return lists;
  }

  // Clients fall back to software silently, so check the driver's log.
  void expect_driver_decoded(uint64_t frames) {
    const auto report = read_report(folder / "log");
    EXPECT_GE(report.decoded, frames) << report.log;
    EXPECT_EQ(report.picture_submits, report.decoded) << report.log;
    EXPECT_EQ(report.damaged, 0u) << report.log;
  }

  std::string contents_of_log() const {
    const auto log = contents(folder / "log");
    return {log.begin(), log.end()};
  }

  TemporaryFolder folder;
};

inline std::string node_missing() {
  const std::string command = quoted(DRM_NODE) + " " + quoted(DRM_KERNEL) + " true 2>&1";
  Pipe pipe(command);
  const std::string reason = pipe.text();
  return pipe.close() == 77 ? reason : "";
}

#define NEEDS_DRM_NODE() \
  if (const auto reason = node_missing(); !reason.empty()) GTEST_SKIP() << reason

}  // namespace daedalus::test
