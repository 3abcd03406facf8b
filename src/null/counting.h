// SPDX-License-Identifier: MIT
// What the counts of all codecs' work share.
#pragma once

#include <cstdint>

#include "profile/job_work.h"

namespace daedalus::null {

using Count = uint64_t JobWork::*;

inline constexpr uint32_t lanes = 16;  // in a subgroup of V3D

constexpr uint32_t bits(uint32_t word, uint32_t first, uint32_t count) {
  return word >> first & ((1u << count) - 1);
}

constexpr uint32_t divide_up(uint32_t value, uint32_t divisor) {
  return (value + divisor - 1) / divisor;
}

}  // namespace daedalus::null
