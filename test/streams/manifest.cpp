#include "streams/manifest.h"

#include <cctype>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace daedalus::test {

void PrintTo(const ManifestEntry& entry, std::ostream* out) {
  *out << entry.path;
}

std::string vectors() {
  const char* chosen = getenv("DAEDALUS_VECTORS");
  return chosen ? chosen : DEFAULT_VECTORS;
}

std::vector<ManifestEntry> manifest(const std::string& scope) {
  const std::string folder = vectors() + "/h264/";
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
    const bool wanted =
        entry.scope == scope || (scope == "refused" && entry.scope != "progressive");
    if (name == "file" || !wanted) continue;
    entry.crops = features.find("crop") != std::string::npos;
    entry.path = folder + name;
    for (char c : name) entry.name += isalnum(static_cast<unsigned char>(c)) ? c : '_';
    entry.width = static_cast<uint32_t>(strtoul(size.c_str(), nullptr, 10));
    entry.height = static_cast<uint32_t>(strtoul(size.c_str() + size.find('x') + 1, nullptr, 10));
    entry.frames = static_cast<uint32_t>(strtoul(frames.c_str(), nullptr, 10));
    entries.push_back(entry);
  }
  return entries;
}

}  // namespace daedalus::test
