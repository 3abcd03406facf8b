// SPDX-License-Identifier: MIT
// Reads slice data coded with CABAC (H.264 9.3).
#pragma once

#include "daedalus/h264/picture.h"
#include "h264/cabac_contexts.h"
#include "h264/cabac_decoder.h"
#include "h264/job_writer.h"
#include "h264/neighbours.h"
#include "h264/rbsp.h"
#include "h264/syntax.h"

namespace daedalus::h264 {

// Block categories (Table 9-42).
enum class BlockCat : uint32_t {
  intra_16x16_dc = 0,
  intra_16x16_ac = 1,
  luma_4x4 = 2,
  chroma_dc = 3,
  chroma_ac = 4,
  luma_8x8 = 5,
};

class CabacSyntax {
 public:
  CabacSyntax(const Rbsp& rbsp, const PictureParameters& picture, const SliceParameters& slice,
              int slice_qp, Neighbourhood& neighbourhood);

  // Whether everything read so far can occur in a valid stream.
  bool intact() const { return !broken_ && decoder_.position() <= rbsp_.size() * 8; }
  // After a macroblock.
  bool end_of_slice() { return decoder_.terminate(); }

  bool mb_skip();
  // MBAFF frames: `inc` is ctxIdxInc.
  bool mb_field_decoding_flag(uint32_t inc) {
    return decision(cabac::context::mb_field_decoding_flag + inc) != 0;
  }
  void set_field(bool field) { field_ = field; }
  uint32_t mb_type();
  uint32_t sub_mb_type();
  bool transform_size_8x8_flag();
  int rem_intra_pred_mode();
  uint32_t intra_chroma_pred_mode();
  uint32_t ref_idx(uint32_t list, const BlockRect& rect, uint32_t num_ref_idx_active);
  Mv mvd(uint32_t list, const BlockRect& rect);
  uint32_t coded_block_pattern(bool intra);
  int32_t mb_qp_delta();
  void residual(const ResidualShape& shape, JobWriter& writer);
  // The samples of an I_PCM macroblock; nullptr if the slice ends before the last one.
  const uint8_t* pcm_samples();

  // Sets what later contexts see of absent syntax elements.
  void no_ref_idx(uint32_t list, const BlockRect& rect) { keep_ref_idx(list, rect, 0); }
  void no_mvd(uint32_t list, const BlockRect& rect) { keep_abs_mvd(list, rect, {}); }
  void no_motion();
  void no_mb_qp_delta() { last_mb_qp_delta_is_zero_ = true; }
  void no_residual();
  void pcm_residual();

 private:
  uint32_t decision(uint32_t ctx_idx) { return decoder_.decision(contexts_[ctx_idx]); }
  uint32_t sum_of_flags(uint16_t flag) const;
  uint32_t mb_type_i_slice();
  uint32_t mb_type_p_slice();
  uint32_t mb_type_b_slice();
  uint32_t mb_type_intra(uint32_t ctx_idx_offset);
  uint32_t mb_type_intra_16x16(uint32_t ctx_luma, uint32_t ctx_chroma, uint32_t ctx_chroma_ac,
                               uint32_t ctx_mode_high, uint32_t ctx_mode_low);
  uint32_t sub_mb_type_b();
  int32_t mvd_component(CabacDecoder& decoder, CabacState* contexts, uint32_t sum_of_neighbours);
  void keep_ref_idx(uint32_t list, const BlockRect& rect, uint8_t positive);
  void keep_abs_mvd(uint32_t list, const BlockRect& rect, AbsMvd abs_mvd);

  void enter_residual(const ResidualShape& shape);
  template <bool field>
  void residual_of(const ResidualShape& shape, JobWriter& writer);
  bool coded_block_flag(BlockCat cat, uint32_t left, uint32_t above);
  uint32_t abs_level_suffix();
  template <BlockCat cat, bool field>
  uint32_t* block(uint32_t* levels);
  template <BlockCat cat, bool field>
  uint32_t significance_map(CabacDecoder& decoder, uint8_t* positions);
  template <BlockCat cat, bool field>
  bool dc_block(uint32_t component, uint32_t coded_block_bit, JobWriter& writer);
  template <BlockCat cat, bool field>
  void luma_quarter_4x4(uint32_t luma_8x8_blk_idx, JobWriter& writer);
  template <bool field>
  void luma_quarter_8x8(uint32_t luma_8x8_blk_idx, JobWriter& writer);
  template <bool field>
  void luma(const ResidualShape& shape, JobWriter& writer);
  template <bool field>
  void chroma(const ResidualShape& shape, JobWriter& writer);

  const Rbsp& rbsp_;
  const SliceType slice_type_;
  const bool monochrome_;
  bool field_;  // this is a field macroblock
  Neighbourhood& neighbourhood_;
  CabacDecoder decoder_;
  cabac::Contexts contexts_;
  bool last_mb_qp_delta_is_zero_ = true;
  bool broken_ = false;
};

}  // namespace daedalus::h264
