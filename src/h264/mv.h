// SPDX-License-Identifier: MIT
// A motion vector.
#pragma once

#include <cstdint>

namespace daedalus::h264 {

// In quarters of a luma sample. Components wrap to 16 bits. Both share a word, because a wide load
// stalls if its parts were stored separately just before.
class Mv {
 public:
  constexpr Mv() = default;
  constexpr Mv(int32_t x, int32_t y)
      : packed_((static_cast<uint32_t>(x) & 0xffff) | static_cast<uint32_t>(y) << 16) {}

  constexpr int16_t x() const { return static_cast<int16_t>(packed_); }
  constexpr int16_t y() const { return static_cast<int16_t>(packed_ >> 16); }
  // This vector where the condition holds, else zero, without a branch.
  constexpr Mv only_if(bool condition) const {
    Mv mv;
    mv.packed_ = packed_ & -uint32_t{condition};
    return mv;
  }
  // Combines only_if() results, of which at most one is not zero.
  friend constexpr Mv operator|(Mv a, Mv b) {
    a.packed_ |= b.packed_;
    return a;
  }
  friend constexpr Mv operator+(Mv a, Mv b) { return {a.x() + b.x(), a.y() + b.y()}; }
  friend constexpr bool operator==(Mv, Mv) = default;

 private:
  uint32_t packed_ = 0;
};

}  // namespace daedalus::h264
