// SPDX-License-Identifier: MIT
// Test vectors, in the folder that DAEDALUS_VECTORS names.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace daedalus::vp9::test {

// The path of a file of the VP9 vectors; empty if it does not exist.
std::string vector_file(const std::string& name);

// Its frames, with superframes split. Empty if the file does not exist.
std::vector<std::vector<std::byte>> frames_of(const std::string& name);

}  // namespace daedalus::vp9::test
