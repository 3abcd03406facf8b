// SPDX-License-Identifier: MIT
// Streams of the test vectors, in the folder that DAEDALUS_VECTORS names.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace daedalus::vp9::test {

// The path of a file of the VP9 vectors; empty where it is not there.
std::string vector_file(const std::string& name);

// Its frames, superframes split. Empty where the file is not there.
std::vector<std::vector<std::byte>> frames_of(const std::string& name);

}  // namespace daedalus::vp9::test
