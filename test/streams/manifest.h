// SPDX-License-Identifier: MIT
// The lists of conformance streams: MANIFEST.tsv in each codec's folder below the folder named by
// DAEDALUS_VECTORS.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace daedalus::test {

struct ManifestEntry {
  std::string path;   // absolute
  std::string name;   // usable as a test's name
  std::string scope;  // H.264: progressive, interlaced, mono, fmo; VP9: profile0, profile2, other;
                      // AV1: main8, main10, other
  uint32_t width, height, frames;  // width and height are the first frame's
  bool crops;
  bool changes_size;  // frames differ in size
  bool is_monochrome;
  std::string md5;                // of all frames as yuv420p, or yuv420p10le
  std::string md5_without_grain;  // AV1: for streams with film grain, without it

  uint64_t samples;  // luma samples of all frames, each counted with the largest size
};

void PrintTo(const ManifestEntry& entry, std::ostream* out);

// Names the tests of an INSTANTIATE_TEST_SUITE_P.
constexpr auto name_of_parameter = [](const auto& info) { return info.param.name; };

// The folder with all streams.
std::string vectors();

// A codec's entries of one scope. Empty if the streams are missing.
std::vector<ManifestEntry> manifest(const std::string& codec, const std::string& scope);

// A stream decoded with one of the dispatch strategies, "tickets" or "levels".
struct ConformanceRun {
  ManifestEntry entry;
  std::string dispatch;
  std::string name;  // usable as a test's name
};

void PrintTo(const ConformanceRun& run, std::ostream* out);

// The suite's runs: each entry with at most `most_samples` in all frames, which lavapipe decodes in
// seconds, with one of the strategies. Or all other runs.
std::vector<ConformanceRun> runs_of(const std::vector<ManifestEntry>& entries,
                                    uint64_t most_samples, bool in_suite);

}  // namespace daedalus::test
