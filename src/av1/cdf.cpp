// SPDX-License-Identifier: MIT
#include "av1/cdf.h"

#include <cstddef>

#include "av1/coefficient_cdf_tables.h"

namespace daedalus::av1 {

namespace {

void clear(MvComponentCdfs& c);
void clear(MvCdfs& c);
void clear(PaletteColorCdfs& c);

template <uint32_t N>
void clear(Cdf<N>& cdf) {
  cdf.count() = 0;
}

template <typename Element, std::size_t size>
void clear(Element (&elements)[size]) {
  for (auto& element : elements) clear(element);
}

template <typename... Elements>
void clear_all(Elements&... elements) {
  (clear(elements), ...);
}

void clear(MvComponentCdfs& c) {
  clear_all(c.sign, c.mv_class, c.class0_bit, c.class0_fr, c.class0_hp, c.bit, c.fr, c.hp);
}

void clear(MvCdfs& c) {
  clear_all(c.joint, c.component);
}

void clear(PaletteColorCdfs& c) {
  clear_all(c.size_2, c.size_3, c.size_4, c.size_5, c.size_6, c.size_7, c.size_8);
}

void clear(ModeCdfs& c) {
  clear_all(c.intra_frame_y_mode, c.y_mode, c.uv_mode_cfl_not_allowed, c.uv_mode_cfl_allowed,
            c.angle_delta, c.intrabc, c.partition_w8, c.partition_w16, c.partition_w32,
            c.partition_w64, c.partition_w128, c.tx_8x8, c.tx_16x16, c.tx_32x32, c.tx_64x64,
            c.txfm_split, c.filter_intra_mode, c.filter_intra, c.segment_id, c.segment_id_predicted,
            c.new_mv, c.zero_mv, c.ref_mv, c.drl_mode, c.is_inter, c.comp_mode, c.skip_mode, c.skip,
            c.comp_ref, c.comp_bwd_ref, c.single_ref, c.compound_mode, c.interp_filter,
            c.motion_mode, c.palette_y_size, c.palette_uv_size, c.palette_y_mode, c.palette_uv_mode,
            c.delta_q, c.intra_tx_type_set1, c.intra_tx_type_set2, c.inter_tx_type_set1,
            c.inter_tx_type_set2, c.inter_tx_type_set3, c.compound_idx, c.comp_group_idx,
            c.compound_type, c.inter_intra, c.inter_intra_mode, c.wedge_index, c.wedge_inter_intra,
            c.use_obmc, c.comp_ref_type, c.uni_comp_ref, c.cfl_sign, c.cfl_alpha, c.use_wiener,
            c.use_sgrproj, c.restoration_type, c.delta_lf, c.delta_lf_multi, c.mv, c.palette_color);
}

void clear(CoefficientCdfs& c) {
  clear_all(c.txb_skip, c.eob_pt_16, c.eob_pt_32, c.eob_pt_64, c.eob_pt_128, c.eob_pt_256,
            c.eob_pt_512, c.eob_pt_1024, c.eob_extra, c.dc_sign, c.coeff_base_eob, c.coeff_base,
            c.coeff_br);
}

}  // namespace

const CoefficientCdfs& default_coefficient_cdfs(uint32_t base_q_idx) {
  if (base_q_idx <= 20) return default_coefficient_cdfs_0;
  if (base_q_idx <= 60) return default_coefficient_cdfs_1;
  if (base_q_idx <= 120) return default_coefficient_cdfs_2;
  return default_coefficient_cdfs_3;
}

void set_defaults(CdfContext& cdfs, uint32_t base_q_idx) {
  cdfs.modes = default_mode_cdfs;
  cdfs.coefficients = default_coefficient_cdfs(base_q_idx);
}

void clear_counts(CdfContext& cdfs) {
  clear(cdfs.modes);
  clear(cdfs.coefficients);
}

}  // namespace daedalus::av1
