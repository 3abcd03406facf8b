// SPDX-License-Identifier: MIT
// The probabilities that a frame is decoded with, and the counts by which they adapt. Names are
// those of the VP9 bitstream specification.
#pragma once

#include <array>
#include <cstdint>

namespace daedalus::vp9 {

template <typename T, std::size_t... dimensions>
struct NestedArray;
template <typename T, std::size_t size>
struct NestedArray<T, size> {
  using Type = std::array<T, size>;
};
template <typename T, std::size_t size, std::size_t... dimensions>
struct NestedArray<T, size, dimensions...> {
  using Type = std::array<typename NestedArray<T, dimensions...>::Type, size>;
};
template <typename T, std::size_t... dimensions>
using Nested = typename NestedArray<T, dimensions...>::Type;

// more_coefs, "not ZERO_TOKEN", "not ONE_TOKEN"; the fourth is padding.
using CoefficientProbs = std::array<uint8_t, 4>;
inline constexpr uint32_t coefficient_contexts = 36;  // 6 bands of 6 each
using CoefficientBands = std::array<CoefficientProbs, coefficient_contexts>;

struct MvComponentProbs {
  uint8_t sign;
  std::array<uint8_t, 10> classes;
  uint8_t class0_bit;
  std::array<uint8_t, 10> bits;
  Nested<uint8_t, 2, 3> class0_fr;
  std::array<uint8_t, 3> fr;
  uint8_t class0_hp, hp;
};

struct Probabilities {
  Nested<CoefficientBands, 4, 2, 2> coef;  // [tx_size][not luma][is_inter]
  std::array<uint8_t, 3> skip;
  Nested<uint8_t, 2, 1> tx_8x8;
  Nested<uint8_t, 2, 2> tx_16x16;
  Nested<uint8_t, 2, 3> tx_32x32;
  Nested<uint8_t, 7, 3> inter_mode;
  Nested<uint8_t, 4, 2> interp_filter;
  std::array<uint8_t, 4> is_inter;
  std::array<uint8_t, 5> comp_mode;
  Nested<uint8_t, 5, 2> single_ref;
  std::array<uint8_t, 5> comp_ref;
  Nested<uint8_t, 4, 9> y_mode;
  Nested<uint8_t, 10, 9> uv_mode;
  Nested<uint8_t, 16, 3> partition;
  std::array<uint8_t, 3> mv_joint;
  std::array<MvComponentProbs, 2> mv;  // row, column
};

Probabilities default_probabilities();

struct CoefficientCounts {
  uint32_t zero, one, two, no_more, more_checked;
};

struct MvComponentCounts {
  std::array<uint32_t, 2> sign;
  std::array<uint32_t, 11> classes;
  std::array<uint32_t, 2> class0_bit;
  Nested<uint32_t, 10, 2> bits;
  Nested<uint32_t, 2, 4> class0_fr;
  std::array<uint32_t, 4> fr;
  std::array<uint32_t, 2> class0_hp, hp;
};

struct Counts {
  Nested<CoefficientCounts, 4, 2, 2, coefficient_contexts> coef;
  Nested<uint32_t, 3, 2> skip;
  // tx[n] for blocks whose largest transform is n + 1.
  Nested<uint32_t, 3, 2, 4> tx;
  Nested<uint32_t, 7, 4> inter_mode;
  Nested<uint32_t, 4, 3> interp_filter;
  Nested<uint32_t, 4, 2> is_inter;
  Nested<uint32_t, 5, 2> comp_mode;
  Nested<uint32_t, 5, 2, 2> single_ref;
  Nested<uint32_t, 5, 2> comp_ref;
  Nested<uint32_t, 4, 10> y_mode;
  Nested<uint32_t, 10, 10> uv_mode;
  Nested<uint32_t, 16, 4> partition;
  std::array<uint32_t, 4> mv_joint;
  std::array<MvComponentCounts, 2> mv;

  void add(const Counts& other);
};

}  // namespace daedalus::vp9
