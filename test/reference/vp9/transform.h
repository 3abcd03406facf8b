// SPDX-License-Identifier: MIT
// The inverse transforms of VP9 (8.7).
#pragma once

#include <array>
#include <cstdint>

#include "daedalus/vp9/job.h"

namespace daedalus::vp9::scalar {

// A transform block of up to 32x32, in rows of 32.
using Block = std::array<std::array<int64_t, 32>, 32>;

// Transforms coefficients into the residual. All arithmetic is exact: the stream must ensure that
// numbers fit in 16 bits.
void inverse_transform(Block& block, TxSize size, TxType type, bool lossless);

}  // namespace daedalus::vp9::scalar
