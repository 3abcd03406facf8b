// The lists of conformance streams: MANIFEST.tsv in each codec's folder below the one that
// DAEDALUS_VECTORS names.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace daedalus::test {

struct ManifestEntry {
  std::string path;   // absolute
  std::string name;   // fit for a test's name
  std::string scope;  // H.264: progressive, interlaced, mono, fmo; VP9: profile0, profile2, other
  uint32_t width, height, frames;  // width and height are the first frame's
  bool crops;
  bool changes_size;  // not all frames are of the same size
  std::string md5;    // of all frames as yuv420p, or yuv420p10le

  uint64_t samples;  // of luma in all frames, were each of the largest size
};

void PrintTo(const ManifestEntry& entry, std::ostream* out);

// The folder of all vectors.
std::string vectors();

// A codec's entries of one scope. Empty where there are no vectors.
std::vector<ManifestEntry> manifest(const std::string& codec, const std::string& scope);

}  // namespace daedalus::test
