// SPDX-License-Identifier: MIT
// The inverse transforms of AV1 (7.13), with the steps of the specification.
#pragma once

#include <array>
#include <cstdint>

#include "daedalus/av1/job.h"

namespace daedalus::av1::scalar {

// [row][column], up to 64x64.
using Block = std::array<std::array<int32_t, 64>, 64>;

// Transforms Dequant[][] to Residual[][], with rows and columns flipped if the type requires it.
void inverse_transform(TxSize size, TxType type, uint32_t bit_depth, Block& block);

}  // namespace daedalus::av1::scalar
