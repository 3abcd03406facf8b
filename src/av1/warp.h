// SPDX-License-Identifier: MIT
// Warped motion: the matrix fitted to a block's neighbours (7.11.3.8), and the two shears that the
// GPU applies instead of a matrix (7.11.3.6).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "av1/mv.h"

namespace daedalus::av1 {

using WarpMatrix = std::array<int32_t, 6>;  // LocalWarpParams, gm_params[ref]
using WarpShear = std::array<int16_t, 4>;   // alpha, beta, gamma, delta

// An element of CandList: a neighbour's centre and the position it is predicted from, in eighths of
// a luma sample.
struct WarpSample {
  int32_t source_y, source_x, destination_y, destination_x;
};

inline constexpr uint32_t least_squares_samples_max = 8;

// The warped block: its centre in luma samples (midX, midY) and its vector.
struct WarpBlock {
  int32_t mid_y, mid_x;
  Mv mv;
};

// LocalWarpParams; nullopt if LocalValid is 0. Takes at most least_squares_samples_max samples, no
// further from the block than its neighbours can be.
std::optional<WarpMatrix> warp_estimation(const WarpBlock& block,
                                          std::span<const WarpSample> samples);

// nullopt if warpValid is 0 or the matrix is not bounded.
std::optional<WarpShear> setup_shear(const WarpMatrix& matrix);

// Whether the matrix is valid in a stream: its 2x2 part differs from the identity by at most 2^13,
// its translation is at most 2^23. The GPU's positions then fit in 32 bits.
bool is_bounded(const WarpMatrix& matrix);

}  // namespace daedalus::av1
