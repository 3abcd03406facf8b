// SPDX-License-Identifier: MIT
// Test vectors, in the folder that DAEDALUS_VECTORS names.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace daedalus::av1::test {

// The path of a file of the AV1 vectors; empty if it does not exist.
std::string vector_file(const std::string& name);

// A file's temporal units, for any container that libavformat supports. Sequence headers that only
// the container has come first. Empty if the file does not exist.
std::vector<std::vector<std::byte>> units_of(const std::string& path);

}  // namespace daedalus::av1::test
