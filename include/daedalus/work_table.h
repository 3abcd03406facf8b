// SPDX-License-Identifier: MIT
// How the GPU stages of VP9 and AV1 divide one dispatch among classes of records.
#pragma once

#include <array>
#include <cstdint>

namespace daedalus {

// Class c has the records [first[c], end[c]) and the dispatch's workgroups from groups[c] on.
// Shaders read this layout.
template <uint32_t classes>
struct WorkTable {
  std::array<uint32_t, classes> first, end;
  std::array<uint32_t, classes + 1> groups;
};

}  // namespace daedalus
