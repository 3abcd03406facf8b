// SPDX-License-Identifier: MIT
// The machine's DRM render nodes.
#pragma once

#include <string>
#include <vector>

namespace daedalus::va {

// The paths of those in the folder that this process may not open. Opens none of them.
std::vector<std::string> closed_render_nodes(const std::string& folder);

}  // namespace daedalus::va
