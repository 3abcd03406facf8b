// SPDX-License-Identifier: MIT
// Constant tables of the VP9 bitstream specification.
#pragma once

#include <cstdint>

#include "vp9/syntax.h"

namespace daedalus::vp9 {

// 10.5. Of band 0 only contexts 0 to 2 exist.
extern const uint8_t default_coefficient_probs[4][2][2][6][6][3];
extern const uint8_t default_intra_mode_probs[10][10][9];  // [above][left]
extern const uint8_t default_intra_uv_mode_probs[10][9];
extern const uint8_t default_intra_partition_probs[16][3];

// Probabilities of a token beyond ONE_TOKEN, by the coefficient's third probability.
extern const uint8_t pareto_probs[256][8];

// 8 and 10 bits.
extern const int16_t dc_qlookup[2][256];
extern const int16_t ac_qlookup[2][256];

// What parsing a coefficient needs to know about its position in a scan, in one load.
struct ScanStep {
  uint16_t position;  // in the transform block, row by row
  // Positions of the two coefficients, parsed earlier, that determine its context.
  uint16_t neighbours[2];
  uint16_t contexts;  // index of its band's first context among all of them (6 a band)
};

enum ScanKind : uint8_t { default_scan, row_scan, col_scan };
// One more step than coefficients, because parsers read ahead by one.
const ScanStep* scan_steps(TransformSize tx_size, ScanKind kind);

// By intra mode: the scan (and transform) of its luma blocks below 32x32.
inline constexpr ScanKind scan_of_mode[10] = {default_scan, row_scan,    col_scan, default_scan,
                                              default_scan, row_scan,    col_scan, col_scan,
                                              row_scan,     default_scan};

// Trees: a positive element is the index of the next pair.
inline constexpr int8_t intra_mode_tree[18] = {
    -dc_pred, 2,          -tm_pred,   4,         -v_pred, 6,         8,  12,         -h_pred,
    10,       -d135_pred, -d117_pred, -d45_pred, 14,      -d63_pred, 16, -d153_pred, -d207_pred};
inline constexpr int8_t segment_tree[14] = {2, 4, 6, 8, 10, 12, 0, -1, -2, -3, -4, -5, -6, -7};
inline constexpr int8_t partition_tree[6] = {
    -partition_none, 2, -partition_horz, 4, -partition_vert, -partition_split};
// Of modes counted from nearest_mv.
inline constexpr int8_t inter_mode_tree[6] = {
    -(zero_mv - nearest_mv), 2, 0, 4, -(near_mv - nearest_mv), -(new_mv - nearest_mv)};
inline constexpr int8_t interp_filter_tree[4] = {-eighttap, 2, -eighttap_smooth, -eighttap_sharp};
inline constexpr int8_t mv_joint_tree[6] = {0, 2, -1, 4, -2, -3};
inline constexpr int8_t mv_class_tree[20] = {0,  2,  -1, 4,  6,  8,  -2, -3, 10, 12,
                                             -4, -5, -6, 14, 16, 18, -7, -8, -9, -10};
inline constexpr int8_t mv_fr_tree[6] = {0, 2, -1, 4, -2, -3};

}  // namespace daedalus::vp9
