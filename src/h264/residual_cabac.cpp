// SPDX-License-Identifier: MIT
// residual() in CABAC (H.264 7.3.5.3.3).
#include "h264/cabac_syntax.h"
#include "h264/scans.h"

namespace daedalus::h264 {

namespace {

namespace context = cabac::context;

// ctxIdxBlockCatOffset (Table 9-40).
constexpr std::array<uint32_t, 6> coded_block_flag_offset = {0, 4, 8, 12, 16, 0};
constexpr std::array<uint32_t, 6> significance_offset = {0, 15, 29, 44, 47, 0};
constexpr std::array<uint32_t, 6> abs_level_offset = {0, 10, 20, 30, 39, 0};

constexpr std::array<uint32_t, 6> max_num_coeff = {16, 15, 16, 4, 15, 64};

template <bool field>
constexpr const uint8_t* scan_of(BlockCat cat) {
  constexpr const Scans& scans = field ? field_scans : frame_scans;
  switch (cat) {
    case BlockCat::intra_16x16_dc:
    case BlockCat::luma_4x4:
      return scans.scan_4x4.data();
    case BlockCat::intra_16x16_ac:
    case BlockCat::chroma_ac:
      return scans.scan_4x4.data() + 1;
    case BlockCat::chroma_dc:
      return chroma_dc_scan.data();
    case BlockCat::luma_8x8:
      return scans.scan_8x8.data();
  }
  return nullptr;
}

// The first contexts of a block's significance map (Table 9-34).
template <bool field>
constexpr uint32_t significant_context(BlockCat cat) {
  if (cat == BlockCat::luma_8x8)
    return field ? context::significant_coeff_flag_8x8_field : context::significant_coeff_flag_8x8;
  return (field ? context::significant_coeff_flag_field : context::significant_coeff_flag) +
         significance_offset[static_cast<uint32_t>(cat)];
}
template <bool field>
constexpr uint32_t last_significant_context(BlockCat cat) {
  if (cat == BlockCat::luma_8x8)
    return field ? context::last_significant_coeff_flag_8x8_field
                 : context::last_significant_coeff_flag_8x8;
  return (field ? context::last_significant_coeff_flag_field
                : context::last_significant_coeff_flag) +
         significance_offset[static_cast<uint32_t>(cat)];
}

// Bits of MbSummary::coded_dc.
constexpr uint32_t dc_component(BlockCat cat, uint32_t component) {
  return cat == BlockCat::intra_16x16_dc ? 0 : 1 + component;
}

// The prefix of coeff_abs_level_minus1 ends at 14 ones; then an Exp-Golomb code of order 0 follows
// (9.3.2.3).
constexpr uint32_t abs_level_prefix_max = 14;
constexpr uint32_t abs_level_suffix_max = 20;  // bits: levels stay within 24 bits

}  // namespace

[[gnu::noinline]] uint32_t CabacSyntax::abs_level_suffix() {
  uint32_t k = 0, value = 0;
  for (; decoder_.bypass(); ++k) {
    value += 1u << k;
    if (k >= abs_level_suffix_max) {
      broken_ = true;
      return 0;
    }
  }
  while (k-- > 0) value += decoder_.bypass() << k;
  return value;
}

// Without a neighbour the flag counts as coded for intra macroblocks only (9.3.3.1.1.9). This
// macroblock overwrites the edges anyway.
void CabacSyntax::enter_residual(const ResidualShape& shape) {
  const bool intra = shape.kind != MbKind::inter;
  for (auto* edge : {&neighbourhood_.left, neighbourhood_.above}) {
    if (edge->mb.flags & mb_flags::available) continue;
    edge->coded.fill(intra ? 1 : 0);
    edge->mb.coded_dc = intra ? 7 : 0;
  }
}

bool CabacSyntax::coded_block_flag(BlockCat cat, uint32_t left, uint32_t above) {
  return decision(context::coded_block_flag + coded_block_flag_offset[static_cast<uint32_t>(cat)] +
                  left + 2 * above) != 0;
}

// Finds the positions of the non-zero levels, in scan order, and returns their number.
template <BlockCat cat, bool field>
[[gnu::always_inline]] inline uint32_t CabacSyntax::significance_map(CabacDecoder& decoder,
                                                                     uint8_t* positions) {
  constexpr auto index = static_cast<uint32_t>(cat);
  constexpr bool is_8x8 = cat == BlockCat::luma_8x8;
  constexpr uint32_t last = max_num_coeff[index] - 1;
  constexpr const uint8_t* scan = scan_of<field>(cat);
  constexpr const auto& inc_8x8 =
      field ? cabac::significant_coeff_inc_8x8_field : cabac::significant_coeff_inc_8x8;
  CabacState* const significant = contexts_.data() + significant_context<field>(cat);
  CabacState* const last_significant = contexts_.data() + last_significant_context<field>(cat);
  uint32_t count = 0;
  for (uint32_t i = 0; i < last; ++i) {
    if (!decoder.decision(significant[is_8x8 ? inc_8x8[i] : i])) continue;
    positions[count++] = scan[i];
    if (decoder.decision(last_significant[is_8x8 ? cabac::last_significant_coeff_inc_8x8[i] : i]))
      return count;
  }
  positions[count++] = scan[last];
  return count;
}

// residual_block_cabac() after coded_block_flag. Returns the end of the levels it wrote.
template <BlockCat cat, bool field>
uint32_t* CabacSyntax::block(uint32_t* levels) {
  constexpr auto index = static_cast<uint32_t>(cat);
  CabacDecoder decoder = decoder_;  // a copy stays in registers
  uint8_t positions[max_num_coeff[index]];
  uint32_t count = significance_map<cat, field>(decoder, positions);

  CabacState* const abs_level =
      contexts_.data() + (cat == BlockCat::luma_8x8
                              ? context::coeff_abs_level_minus1_8x8
                              : context::coeff_abs_level_minus1 + abs_level_offset[index]);
  // ctxIdxInc of a level's first bin and of its others (9.3.3.1.3).
  constexpr uint32_t max_others = cat == BlockCat::chroma_dc ? 8 : 9;
  uint32_t first = 1, others = 5;
  while (count > 0) {
    uint32_t value = 1;
    if (!decoder.decision(abs_level[first])) {
      first += first != 0 && first < 4;
    } else {
      CabacState& state = abs_level[others];
      value = 2;
      while (value <= abs_level_prefix_max && decoder.decision(state)) ++value;
      if (value > abs_level_prefix_max) {
        decoder_ = decoder;
        value += abs_level_suffix();
        decoder = decoder_;
      }
      first = 0;
      others += others < max_others;
    }
    *levels++ =
        coefficient_word(decoder.with_sign(static_cast<int32_t>(value)), positions[--count]);
  }
  decoder_ = decoder;
  return levels;
}

template <BlockCat cat, bool field>
bool CabacSyntax::dc_block(uint32_t component, uint32_t coded_block_bit, JobWriter& writer) {
  const uint32_t shift = dc_component(cat, component);
  const bool coded = coded_block_flag(cat, neighbourhood_.left.mb.coded_dc >> shift & 1u,
                                      neighbourhood_.above->mb.coded_dc >> shift & 1u);
  if (coded) writer.add_block(coded_block_bit, block<cat, field>(writer.levels()));
  return coded;
}

template <BlockCat cat, bool field>
void CabacSyntax::luma_quarter_4x4(uint32_t luma_8x8_blk_idx, JobWriter& writer) {
  auto& left = neighbourhood_.left.coded;
  auto& above = neighbourhood_.above->coded;
  for (uint32_t index = luma_8x8_blk_idx * 4; index < luma_8x8_blk_idx * 4 + 4; ++index) {
    const uint32_t x = luma_block_x(index), y = luma_block_y(index);
    const bool coded = coded_block_flag(cat, left[y], above[x]);
    if (coded)
      writer.add_block(coded_block::luma_block + index, block<cat, field>(writer.levels()));
    left[y] = above[x] = coded;
  }
}

// Its coded_block_flag is inferred to be 1 (7.4.5.3.3).
template <bool field>
void CabacSyntax::luma_quarter_8x8(uint32_t luma_8x8_blk_idx, JobWriter& writer) {
  auto& left = neighbourhood_.left.coded;
  auto& above = neighbourhood_.above->coded;
  const uint32_t x = luma_8x8_blk_idx % 2 * 2, y = luma_8x8_blk_idx / 2 * 2;
  left[y] = left[y + 1] = above[x] = above[x + 1] = 1;
  writer.add_block(coded_block::luma_block + luma_8x8_blk_idx * 4,
                   block<BlockCat::luma_8x8, field>(writer.levels()));
}

template <bool field>
void CabacSyntax::luma(const ResidualShape& shape, JobWriter& writer) {
  auto& left = neighbourhood_.left.coded;
  auto& above = neighbourhood_.above->coded;
  for (uint32_t quarter = 0; quarter < 4; ++quarter) {
    if (!shape.luma_coded(quarter)) {
      const uint32_t x = quarter % 2 * 2, y = quarter / 2 * 2;
      left[y] = left[y + 1] = above[x] = above[x + 1] = 0;
    } else if (shape.transform_8x8) {
      luma_quarter_8x8<field>(quarter, writer);
    } else if (shape.kind == MbKind::intra_16x16) {
      luma_quarter_4x4<BlockCat::intra_16x16_ac, field>(quarter, writer);
    } else {
      luma_quarter_4x4<BlockCat::luma_4x4, field>(quarter, writer);
    }
  }
}

template <bool field>
void CabacSyntax::chroma(const ResidualShape& shape, JobWriter& writer) {
  auto& left = neighbourhood_.left.coded;
  auto& above = neighbourhood_.above->coded;
  if (!shape.chroma_ac_coded()) {
    std::fill(left.begin() + 4, left.end(), uint8_t{0});
    std::fill(above.begin() + 4, above.end(), uint8_t{0});
    return;
  }
  for (uint32_t index = 0; index < 8; ++index) {
    const uint32_t x = chroma_on_edge(index / 4, index % 2);
    const uint32_t y = chroma_on_edge(index / 4, index / 2 % 2);
    const bool coded = coded_block_flag(BlockCat::chroma_ac, left[y], above[x]);
    if (coded)
      writer.add_block(coded_block::cb_block + index,
                       block<BlockCat::chroma_ac, field>(writer.levels()));
    left[y] = above[x] = coded;
  }
}

template <bool field>
void CabacSyntax::residual_of(const ResidualShape& shape, JobWriter& writer) {
  uint32_t coded_dc = 0;
  if (shape.kind == MbKind::intra_16x16)
    coded_dc |= dc_block<BlockCat::intra_16x16_dc, field>(0, coded_block::luma_dc, writer);
  luma<field>(shape, writer);
  if (shape.chroma_dc_coded()) {
    coded_dc |= uint32_t{dc_block<BlockCat::chroma_dc, field>(0, coded_block::cb_dc, writer)} << 1;
    coded_dc |= uint32_t{dc_block<BlockCat::chroma_dc, field>(1, coded_block::cr_dc, writer)} << 2;
  }
  chroma<field>(shape, writer);
  neighbourhood_.left.mb.coded_dc = neighbourhood_.above->mb.coded_dc =
      static_cast<uint8_t>(coded_dc);
}

void CabacSyntax::residual(const ResidualShape& shape, JobWriter& writer) {
  enter_residual(shape);
  if (field_)
    residual_of<true>(shape, writer);
  else
    residual_of<false>(shape, writer);
}

}  // namespace daedalus::h264
