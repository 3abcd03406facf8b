// SPDX-License-Identifier: MIT
// In which order coefficients are coded (5.11.41).
#pragma once

#include <cstdint>

#include "daedalus/av1/job.h"

namespace daedalus::av1 {

// get_tx_class(): which neighbours tell how large a coefficient will be.
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

// get_scan(): positions, row << log2 of the coded width | column. Transforms of one dimension have
// sides of at most 16.
const uint16_t* scan_of(TxSize size, TxClass tx_class);

}  // namespace daedalus::av1
