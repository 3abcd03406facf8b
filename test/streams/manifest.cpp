// SPDX-License-Identifier: MIT
#include "streams/manifest.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace daedalus::test {

void PrintTo(const ManifestEntry& entry, std::ostream* out) {
  *out << entry.path;
}

void PrintTo(const ConformanceRun& run, std::ostream* out) {
  *out << run.dispatch << ' ' << run.entry.path;
}

std::string vectors() {
  const char* chosen = getenv("DAEDALUS_VECTORS");
  return chosen ? chosen : DEFAULT_VECTORS;
}

namespace {

struct Size {
  uint32_t width, height;
};

// WIDTHxHEIGHT
Size read_size(const char* text) {
  char* end = nullptr;
  const auto width = static_cast<uint32_t>(strtoul(text, &end, 10));
  if (*end != 'x') return {width, 0};
  return {width, static_cast<uint32_t>(strtoul(end + 1, nullptr, 10))};
}

// The value of "KEY=" in a list with commas; empty if there is none.
std::string value_of(const std::string& key, const std::string& features) {
  const auto at = features.find(key + "=");
  if (at == std::string::npos) return "";
  const auto begin = at + key.size() + 1;
  return features.substr(begin, features.find(',', begin) - begin);
}

// The largest size in the list SIZE/SIZE/... after "res-change:", or the first frame's.
uint64_t largest_frame(const std::string& features, Size first) {
  constexpr char key[] = "res-change:";
  uint64_t largest = uint64_t{first.width} * first.height;
  auto at = features.find(key);
  if (at == std::string::npos) return largest;
  std::istringstream sizes(features.substr(at + sizeof(key) - 1, features.find(',', at) - at));
  for (std::string text; std::getline(sizes, text, '/');) {
    const Size size = read_size(text.c_str());
    largest = std::max(largest, uint64_t{size.width} * size.height);
  }
  return largest;
}

}  // namespace

std::vector<ManifestEntry> manifest(const std::string& codec, const std::string& scope) {
  const std::string folder = vectors() + "/" + codec + "/";
  std::vector<ManifestEntry> entries;
  std::ifstream file(folder + "MANIFEST.tsv");
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    ManifestEntry entry{};
    std::string name, profile, size, frames, features;
    std::getline(fields, name, '\t');
    std::getline(fields, entry.scope, '\t');
    std::getline(fields, profile, '\t');
    std::getline(fields, size, '\t');
    std::getline(fields, frames, '\t');
    std::getline(fields, features, '\t');
    std::getline(fields, entry.md5, '\t');
    if (name == "file" || entry.scope != scope) continue;
    entry.crops = features.find("crop") != std::string::npos;
    entry.changes_size = features.find("res-change") != std::string::npos;
    entry.is_monochrome = ("," + features + ",").find(",mono,") != std::string::npos;
    entry.md5_without_grain = value_of("md5-nograin", features);
    entry.path = folder + name;
    for (char c : name) entry.name += isalnum(static_cast<unsigned char>(c)) ? c : '_';
    const Size first = read_size(size.c_str());
    entry.width = first.width;
    entry.height = first.height;
    entry.frames = static_cast<uint32_t>(strtoul(frames.c_str(), nullptr, 10));
    entry.samples = largest_frame(features, first) * entry.frames;
    entries.push_back(entry);
  }
  return entries;
}

std::vector<ConformanceRun> runs_of(const std::vector<ManifestEntry>& entries,
                                    uint64_t most_samples, bool in_suite) {
  std::vector<ConformanceRun> runs;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& entry = entries[i];
    // Neighbours are often variants, like 8 and 10 bits: both strategies get some of either.
    const std::string suite_dispatch = (i + i / 2) % 2 == 0 ? "tickets" : "levels";
    for (const std::string dispatch : {"tickets", "levels"}) {
      const bool is_in_suite = entry.samples <= most_samples && dispatch == suite_dispatch;
      if (is_in_suite == in_suite) runs.push_back({entry, dispatch, dispatch + "_" + entry.name});
    }
  }
  return runs;
}

}  // namespace daedalus::test
