// SPDX-License-Identifier: MIT
// All distributions that a tile adapts (8.3.1), and their defaults (9.4). Names are the
// specification's, without Tile and Cdf.
#pragma once

#include <cstdint>

#include "av1/symbol_decoder.h"

namespace daedalus::av1 {

// One component of motion vectors.
struct MvComponentCdfs {
  Cdf<2> sign;
  Cdf<11> mv_class;
  Cdf<2> class0_bit;
  Cdf<4> class0_fr[2];
  Cdf<2> class0_hp;
  Cdf<2> bit[10];
  Cdf<4> fr;
  Cdf<2> hp;

  bool operator==(const MvComponentCdfs&) const = default;
};

struct MvCdfs {
  Cdf<4> joint;
  MvComponentCdfs component[2];  // [comp]: 0 y, 1 x

  bool operator==(const MvCdfs&) const = default;
};

// Palettes of 2 to 8 colours.
struct PaletteColorCdfs {
  Cdf<2> size_2[5];
  Cdf<3> size_3[5];
  Cdf<4> size_4[5];
  Cdf<5> size_5[5];
  Cdf<6> size_6[5];
  Cdf<7> size_7[5];
  Cdf<8> size_8[5];

  bool operator==(const PaletteColorCdfs&) const = default;
};

struct ModeCdfs {
  Cdf<13> intra_frame_y_mode[5][5];
  Cdf<13> y_mode[4];
  Cdf<13> uv_mode_cfl_not_allowed[13];
  Cdf<14> uv_mode_cfl_allowed[13];
  Cdf<7> angle_delta[8];
  Cdf<2> intrabc;
  Cdf<4> partition_w8[4];
  Cdf<10> partition_w16[4];
  Cdf<10> partition_w32[4];
  Cdf<10> partition_w64[4];
  Cdf<8> partition_w128[4];
  Cdf<2> tx_8x8[3];
  Cdf<3> tx_16x16[3];
  Cdf<3> tx_32x32[3];
  Cdf<3> tx_64x64[3];
  Cdf<2> txfm_split[21];
  Cdf<5> filter_intra_mode;
  Cdf<2> filter_intra[22];
  Cdf<8> segment_id[3];
  Cdf<2> segment_id_predicted[3];
  Cdf<2> new_mv[6];
  Cdf<2> zero_mv[2];
  Cdf<2> ref_mv[6];
  Cdf<2> drl_mode[3];
  Cdf<2> is_inter[4];
  Cdf<2> comp_mode[5];
  Cdf<2> skip_mode[3];
  Cdf<2> skip[3];
  Cdf<2> comp_ref[3][3];
  Cdf<2> comp_bwd_ref[3][2];
  Cdf<2> single_ref[3][6];
  Cdf<8> compound_mode[8];
  Cdf<3> interp_filter[16];
  Cdf<3> motion_mode[22];
  Cdf<7> palette_y_size[7];
  Cdf<7> palette_uv_size[7];
  Cdf<2> palette_y_mode[7][3];
  Cdf<2> palette_uv_mode[2];
  Cdf<4> delta_q;
  Cdf<7> intra_tx_type_set1[2][13];
  Cdf<5> intra_tx_type_set2[3][13];
  Cdf<16> inter_tx_type_set1[2];
  Cdf<12> inter_tx_type_set2;
  Cdf<2> inter_tx_type_set3[4];
  Cdf<2> compound_idx[6];
  Cdf<2> comp_group_idx[6];
  Cdf<2> compound_type[22];
  Cdf<2> inter_intra[3];
  Cdf<4> inter_intra_mode[3];
  Cdf<16> wedge_index[22];
  Cdf<2> wedge_inter_intra[22];
  Cdf<2> use_obmc[22];
  Cdf<2> comp_ref_type[5];
  Cdf<2> uni_comp_ref[3][3];
  Cdf<8> cfl_sign;
  Cdf<16> cfl_alpha[6];
  Cdf<2> use_wiener;
  Cdf<2> use_sgrproj;
  Cdf<3> restoration_type;
  Cdf<4> delta_lf;
  Cdf<4> delta_lf_multi[4];
  MvCdfs mv[2];                       // [MvCtx]: 1 for intra block copy
  PaletteColorCdfs palette_color[2];  // luma, chroma

  bool operator==(const ModeCdfs&) const = default;
};

struct CoefficientCdfs {
  Cdf<2> txb_skip[5][13];
  Cdf<5> eob_pt_16[2][2];
  Cdf<6> eob_pt_32[2][2];
  Cdf<7> eob_pt_64[2][2];
  Cdf<8> eob_pt_128[2][2];
  Cdf<9> eob_pt_256[2][2];
  Cdf<10> eob_pt_512[2];
  Cdf<11> eob_pt_1024[2];
  Cdf<2> eob_extra[5][2][9];
  Cdf<2> dc_sign[2][3];
  Cdf<3> coeff_base_eob[5][2][4];
  Cdf<4> coeff_base[5][2][42];
  Cdf<4> coeff_br[5][2][21];

  bool operator==(const CoefficientCdfs&) const = default;
};

struct CdfContext {
  ModeCdfs modes;
  CoefficientCdfs coefficients;

  bool operator==(const CdfContext&) const = default;
};

// init_non_coeff_cdfs() and init_coeff_cdfs(); the latter depends on the quantiser index.
extern const ModeCdfs default_mode_cdfs;
const CoefficientCdfs& default_coefficient_cdfs(uint32_t base_q_idx);
void set_defaults(CdfContext& cdfs, uint32_t base_q_idx);

// load_cdfs(): resets the symbol counts to 0.
void clear_counts(CdfContext& cdfs);

}  // namespace daedalus::av1
