// SPDX-License-Identifier: MIT
#include "h264/cabac_syntax.h"

#include <algorithm>

namespace daedalus::h264 {

namespace context = cabac::context;

CabacSyntax::CabacSyntax(const Rbsp& rbsp, const PictureParameters& picture,
                         const SliceParameters& slice, int slice_qp, Neighbourhood& neighbourhood)
    : rbsp_(rbsp),
      slice_type_(slice.slice_type),
      monochrome_(picture.is_monochrome()),
      field_(picture.field_pic_flag),
      neighbourhood_(neighbourhood),
      decoder_(rbsp.data(), (slice.slice_data_bit_offset + 7) / 8) {  // cabac_alignment_one_bit
  broken_ = !decoder_.valid();
  cabac::initialise(contexts_, slice_type_, slice.cabac_init_idc, slice_qp,
                    field_ || picture.is_mbaff());
}

uint32_t CabacSyntax::sum_of_flags(uint16_t flag) const {
  const auto has = [flag](const MbEdge& edge) { return (edge.mb.flags & flag) != 0 ? 1u : 0u; };
  return has(neighbourhood_.left) + has(*neighbourhood_.above);
}

bool CabacSyntax::mb_skip() {
  const uint32_t offset =
      slice_type_ == SliceType::b ? context::mb_skip_flag_b : context::mb_skip_flag_p;
  return decision(offset + sum_of_flags(mb_flags::not_skipped)) != 0;
}

// The binarisations of mb_type and sub_mb_type (9.3.2.5).
uint32_t CabacSyntax::mb_type() {
  switch (slice_type_) {
    case SliceType::p:
      return mb_type_p_slice();
    case SliceType::b:
      return mb_type_b_slice();
    case SliceType::i:
      break;
  }
  return mb_type_i_slice();
}

uint32_t CabacSyntax::mb_type_i_slice() {
  constexpr uint32_t offset = context::mb_type_i;
  if (!decision(offset + sum_of_flags(mb_flags::not_i_nxn))) return 0;
  return mb_type_intra_16x16(offset + 3, offset + 4, offset + 5, offset + 6, offset + 7);
}

// The suffix of an intra macroblock's mb_type in P and B slices.
uint32_t CabacSyntax::mb_type_intra(uint32_t offset) {
  if (!decision(offset)) return 0;
  return mb_type_intra_16x16(offset + 1, offset + 2, offset + 2, offset + 3, offset + 3);
}

// I_PCM and the I_16x16 types: coded_block_pattern's luma part, its chroma part in up to two bins,
// Intra16x16PredMode in two.
uint32_t CabacSyntax::mb_type_intra_16x16(uint32_t ctx_luma, uint32_t ctx_chroma,
                                          uint32_t ctx_chroma_ac, uint32_t ctx_mode_high,
                                          uint32_t ctx_mode_low) {
  if (decoder_.terminate()) return mb_type_i_pcm;
  uint32_t mb_type = 1 + 12 * decision(ctx_luma);
  if (decision(ctx_chroma)) mb_type += 4 + 4 * decision(ctx_chroma_ac);
  mb_type += 2 * decision(ctx_mode_high);
  return mb_type + decision(ctx_mode_low);
}

uint32_t CabacSyntax::mb_type_p_slice() {
  constexpr uint32_t offset = context::mb_type_p;
  if (decision(offset)) return first_intra_mb_type_of_p + mb_type_intra(context::mb_type_i_in_p);
  if (decision(offset + 1)) return 2 - decision(offset + 3);
  return 3 * decision(offset + 2);
}

uint32_t CabacSyntax::mb_type_b_slice() {
  constexpr uint32_t offset = context::mb_type_b;
  if (!decision(offset + sum_of_flags(mb_flags::not_direct))) return 0;
  if (!decision(offset + 3)) return 1 + decision(offset + 5);
  uint32_t bins = decision(offset + 4);
  for (int i = 0; i < 3; ++i) bins = bins << 1 | decision(offset + 5);
  if (bins < 8) return 3 + bins;
  if (bins == 13) return first_intra_mb_type_of_b + mb_type_intra(context::mb_type_i_in_b);
  if (bins == 14) return 11;  // B_L1_L0_8x16
  if (bins == 15) return 22;  // B_8x8
  return (bins << 1 | decision(offset + 5)) - 4;
}

uint32_t CabacSyntax::sub_mb_type() {
  if (slice_type_ == SliceType::b) return sub_mb_type_b();
  constexpr uint32_t offset = context::sub_mb_type_p;
  if (decision(offset)) return 0;
  if (!decision(offset + 1)) return 1;
  return 3 - decision(offset + 2);
}

uint32_t CabacSyntax::sub_mb_type_b() {
  constexpr uint32_t offset = context::sub_mb_type_b;
  if (!decision(offset)) return 0;
  if (!decision(offset + 1)) return 1 + decision(offset + 3);
  uint32_t type = 3;
  if (decision(offset + 2)) {
    if (decision(offset + 3)) return 11 + decision(offset + 3);
    type = 7;
  }
  type += 2 * decision(offset + 3);
  return type + decision(offset + 3);
}

bool CabacSyntax::transform_size_8x8_flag() {
  return decision(context::transform_size_8x8_flag + sum_of_flags(mb_flags::transform_8x8)) != 0;
}

int CabacSyntax::rem_intra_pred_mode() {
  if (decision(context::prev_intra_pred_mode_flag)) return rem_pred_mode_none;
  uint32_t mode = decision(context::rem_intra_pred_mode);
  mode |= decision(context::rem_intra_pred_mode) << 1;
  mode |= decision(context::rem_intra_pred_mode) << 2;
  return static_cast<int>(mode);
}

uint32_t CabacSyntax::intra_chroma_pred_mode() {
  constexpr uint32_t offset = context::intra_chroma_pred_mode;
  if (!decision(offset + sum_of_flags(mb_flags::chroma_predicted))) return 0;
  if (!decision(offset + 3)) return 1;
  return 2 + decision(offset + 3);
}

// 9.3.3.1.1.6. Inferred values of direct prediction count as 0.
uint32_t CabacSyntax::ref_idx(uint32_t list, const BlockRect& rect, uint32_t num_ref_idx_active) {
  uint32_t inc = neighbourhood_.left.ref_idx_positive[list][rect.y / 2] +
                 2u * neighbourhood_.above->ref_idx_positive[list][rect.x / 2];
  uint32_t value = 0;
  while (decision(context::ref_idx + inc)) {
    if (++value >= num_ref_idx_active) {
      broken_ = true;
      return 0;
    }
    inc = value == 1 ? 4 : 5;
  }
  keep_ref_idx(list, rect, value > 0);
  return value;
}

void CabacSyntax::keep_ref_idx(uint32_t list, const BlockRect& rect, uint8_t positive) {
  auto& left = neighbourhood_.left.ref_idx_positive[list];
  auto& above = neighbourhood_.above->ref_idx_positive[list];
  left[rect.y / 2] = above[rect.x / 2] = positive;
  if (rect.height == 4) left[1] = positive;
  if (rect.width == 4) above[1] = positive;
}

// 9.3.2.3 with uCoff = 9, k = 3, and 9.3.3.1.1.7.
[[gnu::always_inline]] inline int32_t CabacSyntax::mvd_component(CabacDecoder& decoder,
                                                                 CabacState* contexts,
                                                                 uint32_t sum_of_neighbours) {
  const uint32_t inc = uint32_t{sum_of_neighbours > 2} + uint32_t{sum_of_neighbours > 32};
  if (!decoder.decision(contexts[inc])) return 0;
  int32_t value = 1;
  for (uint32_t bin = 3; value < 9 && decoder.decision(contexts[bin]); ++value) bin += bin < 6;
  if (value >= 9) {
    uint32_t k = 3;
    for (; decoder.bypass(); ++k) {
      value += 1 << k;
      if (k >= 20) {
        broken_ = true;
        return 0;
      }
    }
    while (k-- > 0) value += static_cast<int32_t>(decoder.bypass() << k);
  }
  return decoder.with_sign(value);
}

Mv CabacSyntax::mvd(uint32_t list, const BlockRect& rect) {
  CabacDecoder decoder = decoder_;  // a copy stays in registers
  const AbsMvd sum =
      neighbourhood_.left.abs_mvd[list][rect.y] + neighbourhood_.above->abs_mvd[list][rect.x];
  const int32_t x = mvd_component(decoder, &contexts_[context::mvd_x], sum.x());
  const int32_t y = mvd_component(decoder, &contexts_[context::mvd_y], sum.y());
  decoder_ = decoder;
  keep_abs_mvd(list, rect, {x, y});
  return {x, y};
}

void CabacSyntax::keep_abs_mvd(uint32_t list, const BlockRect& rect, AbsMvd abs_mvd) {
  fill_part(neighbourhood_.left.abs_mvd[list], rect.y, rect.height, abs_mvd);
  fill_part(neighbourhood_.above->abs_mvd[list], rect.x, rect.width, abs_mvd);
}

void CabacSyntax::no_motion() {
  for (auto* edge : {&neighbourhood_.left, neighbourhood_.above}) {
    edge->abs_mvd = {};
    edge->ref_idx_positive = {};
  }
}

// 9.3.3.1.1.4. In the luma part the condition is that the neighbouring bit is 0.
uint32_t CabacSyntax::coded_block_pattern(bool) {
  CabacDecoder decoder = decoder_;  // a copy stays in registers
  const auto decision = [&](uint32_t ctx_idx) { return decoder.decision(contexts_[ctx_idx]); };
  const uint32_t left = neighbourhood_.left.mb.coded_block_pattern;
  const uint32_t above = neighbourhood_.above->mb.coded_block_pattern;
  constexpr uint32_t luma = context::coded_block_pattern_luma;
  const auto zero = [](uint32_t pattern, uint32_t bit) { return ~pattern >> bit & 1; };
  uint32_t pattern = decision(luma + zero(left, 1) + 2 * zero(above, 2));
  pattern |= decision(luma + zero(pattern, 0) + 2 * zero(above, 3)) << 1;
  pattern |= decision(luma + zero(left, 3) + 2 * zero(pattern, 0)) << 2;
  pattern |= decision(luma + zero(pattern, 2) + 2 * zero(pattern, 1)) << 3;

  if (monochrome_) {
    decoder_ = decoder;
    return pattern;
  }
  constexpr uint32_t chroma = context::coded_block_pattern_chroma;
  const uint32_t left_chroma = left >> 4, above_chroma = above >> 4;
  if (decision(chroma + (left_chroma != 0) + 2 * (above_chroma != 0)))
    pattern |= (1 + decision(chroma + 4 + (left_chroma == 2) + 2 * (above_chroma == 2))) << 4;
  decoder_ = decoder;
  return pattern;
}

int32_t CabacSyntax::mb_qp_delta() {
  constexpr uint32_t offset = context::mb_qp_delta;
  int32_t mapped = 0;
  uint32_t inc = last_mb_qp_delta_is_zero_ ? 0 : 1;
  while (decision(offset + inc)) {
    if (++mapped > 2 * 52) {
      broken_ = true;
      return 0;
    }
    inc = mapped == 1 ? 2 : 3;
  }
  last_mb_qp_delta_is_zero_ = mapped == 0;
  return mapped & 1 ? (mapped + 1) / 2 : -(mapped / 2);
}

const uint8_t* CabacSyntax::pcm_samples() {
  const std::size_t first = (decoder_.position() + 7) / 8;
  const std::size_t end = first + pcm_samples_per_mb(monochrome_);
  if (end > rbsp_.size()) return nullptr;
  decoder_ = CabacDecoder(rbsp_.data(), end);
  broken_ |= !decoder_.valid();
  return rbsp_.data() + first;
}

void CabacSyntax::no_residual() {
  for (auto* edge : {&neighbourhood_.left, neighbourhood_.above}) {
    edge->coded = {};
    edge->mb.coded_dc = 0;
  }
}

void CabacSyntax::pcm_residual() {
  for (auto* edge : {&neighbourhood_.left, neighbourhood_.above}) {
    edge->coded.fill(1);
    edge->mb.coded_dc = 7;
  }
}

}  // namespace daedalus::h264
