// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdlib>

namespace daedalus::vp9 {

// In eighths of a luma sample.
struct Mv {
  int16_t row, col;
  bool operator==(const Mv& other) const {
    return std::bit_cast<uint32_t>(*this) == std::bit_cast<uint32_t>(other);
  }
  Mv operator-() const { return {static_cast<int16_t>(-row), static_cast<int16_t>(-col)}; }
};

// Upper limit, exclusive, of the magnitude of a valid vector's components.
inline constexpr int32_t mv_limit = 1 << 14;

// use_mv_hp(): whether a vector near this one may have eighths of a sample.
inline bool uses_eighths(Mv mv) {
  return std::abs(mv.row) < 64 && std::abs(mv.col) < 64;
}

// lower_mv_precision(): the magnitude of odd components decreases by one.
inline Mv lower_precision(Mv mv, bool allow_high_precision_mv) {
  if (allow_high_precision_mv && uses_eighths(mv)) return mv;
  const auto lower = [](int16_t value) {
    return static_cast<int16_t>(value & 1 ? value + (value > 0 ? -1 : 1) : value);
  };
  return {lower(mv.row), lower(mv.col)};
}

}  // namespace daedalus::vp9
