// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>

namespace daedalus::av1 {

// Gaussian_Sequence (7.18.3.3).
extern const std::array<int16_t, 2048> gaussian_sequence;

}  // namespace daedalus::av1
