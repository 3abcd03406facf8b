// SPDX-License-Identifier: MIT
// A motion vector in one word, so that it compares and copies as one.
#pragma once

#include <bit>
#include <cstdint>

#include "daedalus/av1/job.h"

namespace daedalus::av1 {

// In eighths of a luma sample. mv[0] is y, mv[1] is x, as in the specification.
struct Mv {
  int16_t y = 0, x = 0;

  friend bool operator==(Mv a, Mv b) {
    return std::bit_cast<uint32_t>(a) == std::bit_cast<uint32_t>(b);
  }
  MotionVector record() const { return {y, x}; }
};
static_assert(sizeof(Mv) == 4);

}  // namespace daedalus::av1
