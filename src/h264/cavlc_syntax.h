// SPDX-License-Identifier: MIT
// Reads slice data coded with Exp-Golomb codes and CAVLC (H.264 9.1, 9.2).
#pragma once

#include "daedalus/h264/picture.h"
#include "h264/bit_reader.h"
#include "h264/cavlc_tables.h"
#include "h264/job_writer.h"
#include "h264/neighbours.h"
#include "h264/rbsp.h"
#include "h264/scans.h"
#include "h264/syntax.h"

namespace daedalus::h264 {

class CavlcSyntax {
 public:
  CavlcSyntax(const Rbsp& rbsp, const PictureParameters& picture, const SliceParameters& slice,
              Neighbourhood& neighbourhood)
      : rbsp_(rbsp),
        monochrome_(picture.is_monochrome()),
        scans_(picture.field_pic_flag ? &field_scans : &frame_scans),
        neighbourhood_(neighbourhood),
        reader_(rbsp.data(), slice.slice_data_bit_offset) {}

  // Whether everything read so far can occur in a valid stream.
  bool intact() const { return !reader_.broken() && reader_.position() <= rbsp_.stop_bit(); }
  // After a macroblock.
  bool end_of_slice() { return mb_skip_run_ <= 0 && reader_.position() >= rbsp_.stop_bit(); }

  bool mb_skip() {
    if (mb_skip_run_ < 0) mb_skip_run_ = static_cast<int32_t>(reader_.ue());
    return mb_skip_run_-- > 0;
  }
  bool mb_field_decoding_flag(uint32_t) { return reader_.flag(); }
  void set_field(bool field) { scans_ = field ? &field_scans : &frame_scans; }
  uint32_t mb_type() { return reader_.ue(); }
  uint32_t sub_mb_type() { return reader_.ue(); }
  bool transform_size_8x8_flag() { return reader_.flag(); }
  int rem_intra_pred_mode() {
    reader_.refill();
    return reader_.take(1) ? rem_pred_mode_none : static_cast<int>(reader_.take(3));
  }
  uint32_t intra_chroma_pred_mode() { return reader_.ue(); }
  uint32_t ref_idx(uint32_t, const BlockRect&, uint32_t num_ref_idx_active) {
    return reader_.te(num_ref_idx_active - 1);
  }
  Mv mvd(uint32_t, const BlockRect&) {
    const int32_t x = reader_.se();
    const int32_t y = reader_.se();
    return {x, y};
  }
  uint32_t coded_block_pattern(bool intra);
  int32_t mb_qp_delta() { return reader_.se(); }
  void residual(const ResidualShape& shape, JobWriter& writer);
  // The samples of an I_PCM macroblock; nullptr if the slice ends before the last one.
  const uint8_t* pcm_samples();

  // Only CABAC's contexts depend on absent syntax elements.
  void no_ref_idx(uint32_t, const BlockRect&) {}
  void no_mvd(uint32_t, const BlockRect&) {}
  void no_motion() {}
  void no_mb_qp_delta() {}
  void no_residual();
  void pcm_residual();

 private:
  uint32_t block(cavlc::TokenTable table, uint32_t max_num_coeff, const uint8_t* scan,
                 uint32_t*& levels);
  void levels_of(const cavlc::CoeffToken& token, int32_t* level);
  uint32_t* place_levels(uint32_t total_coeff, uint32_t total_zeros, const int32_t* level,
                         const uint8_t* scan, uint32_t* levels);
  void luma_quarter(const ResidualShape& shape, uint32_t luma_8x8_blk_idx, JobWriter& writer);
  void chroma(const ResidualShape& shape, JobWriter& writer);
  cavlc::TokenTable token_table(uint32_t left_block, uint32_t above_block) const;

  const Rbsp& rbsp_;
  const bool monochrome_;
  const Scans* scans_;
  Neighbourhood& neighbourhood_;
  BitReader reader_;
  int32_t mb_skip_run_ = -1;  // skipped macroblocks to come; -1: read it
};

}  // namespace daedalus::h264
