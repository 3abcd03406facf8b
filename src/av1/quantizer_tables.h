// SPDX-License-Identifier: MIT
// Quantiser steps (7.12.2) and quantiser matrices.
#pragma once

#include <array>
#include <cstdint>

#include "daedalus/av1/job.h"

namespace daedalus::av1 {

// dc_q() and ac_q(). The index is clipped to 0..255.
uint32_t dc_q(uint32_t bit_depth, int32_t index);
uint32_t ac_q(uint32_t bit_depth, int32_t index);

// [level][is chroma][qm_offset of the size + position]
extern const uint8_t quantizer_matrices[15][2][3344];

// Qm_Offset
inline constexpr std::array<uint16_t, tx_size_count> qm_offset = {
    0,    16,  80,  336,  336,  1360, 1392, 1424, 1552, 1680,
    2192, 336, 336, 2704, 2768, 2832, 3088, 1680, 2192};

}  // namespace daedalus::av1
