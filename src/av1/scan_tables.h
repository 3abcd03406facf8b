// SPDX-License-Identifier: MIT
// The order in which coefficients are coded (5.11.41).
#pragma once

#include <cstdint>

#include "daedalus/av1/job.h"

namespace daedalus::av1 {

// get_tx_class(): which neighbours indicate how large a coefficient will be.
enum class TxClass : uint32_t { two_dimensional = 0, horizontal = 1, vertical = 2 };

constexpr TxClass tx_class_of(TxType type) {
  switch (type) {
    case TxType::v_dct:
    case TxType::v_adst:
    case TxType::v_flipadst:
      return TxClass::vertical;
    case TxType::h_dct:
    case TxType::h_adst:
    case TxType::h_flipadst:
      return TxClass::horizontal;
    default:
      return TxClass::two_dimensional;
  }
}

// A coefficient in a scan's order, and the parts of its contexts that depend only on its position.
namespace scan_step {
inline constexpr uint32_t position_shift = 0;  // 10 bits: row << log2 of the coded width | column
// 6 bits: what the context of coeff_base adds to that of its neighbours.
inline constexpr uint32_t base_context_shift = 10;
// 1 bit. The context of coeff_br: 14 is added to that of its neighbours, else 7.
inline constexpr uint32_t is_far_shift = 16;
inline constexpr uint32_t level_shift = 21;  // 11 bits: row * level_stride + column

constexpr uint32_t position(uint32_t step) {
  return step & 1023;
}
constexpr uint32_t level(uint32_t step) {
  return step >> level_shift;
}
constexpr uint32_t base_context(uint32_t step) {
  return step >> base_context_shift & 63;
}
constexpr uint32_t range_context(uint32_t step) {
  return 7 + (step >> is_far_shift & 1) * 7;
}
}  // namespace scan_step

// Of a map of levels. Rows of up to 32 and four more: neighbours are looked at without asking where
// they are.
inline constexpr uint32_t level_stride = 32 + 4;

// get_scan(): a step for each coefficient. Transforms of one dimension have sides of at most 16.
const uint32_t* scan_of(TxSize size, TxClass tx_class);

}  // namespace daedalus::av1
