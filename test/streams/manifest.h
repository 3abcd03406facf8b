// The list of conformance streams, MANIFEST.tsv in the folder that DAEDALUS_VECTORS names.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace daedalus::test {

struct ManifestEntry {
  std::string path;   // absolute
  std::string name;   // fit for a test's name
  std::string scope;  // progressive, interlaced, mono, fmo
  uint32_t width, height, frames;
  bool crops;
  std::string md5;  // of all frames as yuv420p
};

void PrintTo(const ManifestEntry& entry, std::ostream* out);

// The folder of all vectors.
std::string vectors();

// Entries of one scope (or of all but progressive, for "refused"). Empty where there are no
// vectors.
std::vector<ManifestEntry> manifest(const std::string& scope);

}  // namespace daedalus::test
