// SPDX-License-Identifier: MIT
#include "va/render_nodes.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

namespace daedalus::va {

std::vector<std::string> closed_render_nodes(const std::string& folder) {
  std::vector<std::string> closed;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const auto& path = entry->path();
    if (!path.filename().string().starts_with("renderD")) continue;
    if (faccessat(AT_FDCWD, path.c_str(), R_OK | W_OK, AT_EACCESS) != 0 && errno == EACCES)
      closed.push_back(path);
  }
  std::sort(closed.begin(), closed.end());
  return closed;
}

}  // namespace daedalus::va
