// SPDX-License-Identifier: MIT
// The context variables of 4:2:0 (H.264 9.3.1.1), and the first one of each syntax element (Table
// 9-34). Field macroblocks use separate ones for some elements.
#pragma once

#include <array>
#include <cstdint>

#include "daedalus/h264/picture.h"
#include "h264/cabac_decoder.h"

namespace daedalus::h264::cabac {

namespace context {
inline constexpr uint32_t mb_type_i = 3;
inline constexpr uint32_t mb_skip_flag_p = 11;
inline constexpr uint32_t mb_type_p = 14;
inline constexpr uint32_t mb_type_i_in_p = 17;
inline constexpr uint32_t sub_mb_type_p = 21;
inline constexpr uint32_t mb_skip_flag_b = 24;
inline constexpr uint32_t mb_type_b = 27;
inline constexpr uint32_t mb_type_i_in_b = 32;
inline constexpr uint32_t sub_mb_type_b = 36;
inline constexpr uint32_t mvd_x = 40;
inline constexpr uint32_t mvd_y = 47;
inline constexpr uint32_t ref_idx = 54;
inline constexpr uint32_t mb_qp_delta = 60;
inline constexpr uint32_t intra_chroma_pred_mode = 64;
inline constexpr uint32_t prev_intra_pred_mode_flag = 68;
inline constexpr uint32_t rem_intra_pred_mode = 69;
inline constexpr uint32_t mb_field_decoding_flag = 70;
inline constexpr uint32_t coded_block_pattern_luma = 73;
inline constexpr uint32_t coded_block_pattern_chroma = 77;
inline constexpr uint32_t coded_block_flag = 85;
inline constexpr uint32_t significant_coeff_flag = 105;
inline constexpr uint32_t last_significant_coeff_flag = 166;
inline constexpr uint32_t coeff_abs_level_minus1 = 227;
inline constexpr uint32_t significant_coeff_flag_field = 277;
inline constexpr uint32_t last_significant_coeff_flag_field = 338;
inline constexpr uint32_t transform_size_8x8_flag = 399;
inline constexpr uint32_t significant_coeff_flag_8x8 = 402;
inline constexpr uint32_t last_significant_coeff_flag_8x8 = 417;
inline constexpr uint32_t coeff_abs_level_minus1_8x8 = 426;
inline constexpr uint32_t significant_coeff_flag_8x8_field = 436;
inline constexpr uint32_t last_significant_coeff_flag_8x8_field = 451;
}  // namespace context

inline constexpr uint32_t context_count = 460;
using Contexts = std::array<CabacState, context_count>;

// The start of a slice. `with_fields`: also initialises those that only field macroblocks use.
void initialise(Contexts& contexts, SliceType slice_type, uint32_t cabac_init_idc, int slice_qp,
                bool with_fields);

// Table 9-43: ctxIdxInc of significant_coeff_flag, in frame and in field macroblocks, and of
// last_significant_coeff_flag in 8x8 blocks, by levelListIdx.
extern const std::array<uint8_t, 63> significant_coeff_inc_8x8;
extern const std::array<uint8_t, 63> significant_coeff_inc_8x8_field;
extern const std::array<uint8_t, 63> last_significant_coeff_inc_8x8;

}  // namespace daedalus::h264::cabac
