// SPDX-License-Identifier: MIT
#include "h264/cavlc_syntax.h"

#include <algorithm>
#include <cstdlib>

namespace daedalus::h264 {

using cavlc::TokenTable;

uint32_t CavlcSyntax::coded_block_pattern(bool intra) {
  const uint32_t code = reader_.ue();
  const std::size_t codes = monochrome_ ? cavlc::intra_coded_block_pattern_luma.size()
                                        : cavlc::intra_coded_block_pattern.size();
  if (code >= codes) {
    reader_.set_broken();
    return 0;
  }
  if (monochrome_)
    return intra ? cavlc::intra_coded_block_pattern_luma[code]
                 : cavlc::inter_coded_block_pattern_luma[code];
  return intra ? cavlc::intra_coded_block_pattern[code] : cavlc::inter_coded_block_pattern[code];
}

const uint8_t* CavlcSyntax::pcm_samples() {
  const std::size_t first = (reader_.position() + 7) / 8;
  const std::size_t end = first + pcm_samples_per_mb(monochrome_);
  if (end > rbsp_.size()) return nullptr;
  reader_ = BitReader(rbsp_.data(), end * 8);
  return rbsp_.data() + first;
}

void CavlcSyntax::no_residual() {
  neighbourhood_.left.coded = {};
  neighbourhood_.above->coded = {};
}

void CavlcSyntax::pcm_residual() {
  neighbourhood_.left.coded.fill(16);
  neighbourhood_.above->coded.fill(16);
}

TokenTable CavlcSyntax::token_table(uint32_t left_block, uint32_t above_block) const {
  return cavlc::token_table_of_sum[neighbourhood_.left.coded[left_block] +
                                   uint32_t{neighbourhood_.above->coded[above_block]}];
}

// Level decoding (9.2.2), first the trailing ones; from the highest frequency down.
void CavlcSyntax::levels_of(const cavlc::CoeffToken& token, int32_t* level) {
  for (uint32_t i = 0; i < token.trailing_ones; ++i)
    level[i] = 1 - 2 * static_cast<int32_t>(reader_.take(1));

  uint32_t suffix_length = token.total_coeff > 10 && token.trailing_ones < 3 ? 1 : 0;
  // The first level is not 1 or -1 if that would have been a trailing one.
  uint32_t bias = token.trailing_ones < 3 ? 2 : 0;
  for (uint32_t i = token.trailing_ones; i < token.total_coeff; ++i) {
    reader_.refill();
    const uint32_t level_prefix = reader_.leading_zeros();
    if (level_prefix > 25) {
      reader_.set_broken();
      level[i] = 1;
      continue;
    }
    reader_.consume(level_prefix + 1);
    uint32_t level_code = (std::min(level_prefix, 15u) << suffix_length) + bias;
    uint32_t suffix_size = suffix_length;
    if (level_prefix >= 14 && suffix_length == 0) {
      suffix_size = 4;
      if (level_prefix >= 15) level_code += 15;
    }
    if (level_prefix >= 15) {
      suffix_size = level_prefix - 3;
      level_code += (1u << suffix_size) - 4096;
    }
    level_code += reader_.take(suffix_size);
    bias = 0;

    const auto magnitude = static_cast<int32_t>(level_code / 2) + 1;
    level[i] = level_code & 1 ? -magnitude : magnitude;
    suffix_length += suffix_length == 0;
    suffix_length += magnitude > (3 << (suffix_length - 1)) && suffix_length < 6;
  }
}

// Run decoding (9.2.3).
uint32_t* CavlcSyntax::place_levels(uint32_t total_coeff, uint32_t total_zeros,
                                    const int32_t* level, const uint8_t* scan, uint32_t* levels) {
  uint32_t zeros_left = total_zeros;
  for (uint32_t i = 0; i < total_coeff; ++i) {
    const uint32_t after = total_coeff - 1 - i;  // levels at lower frequencies
    *levels++ = coefficient_word(level[i], scan[after + zeros_left]);
    if (zeros_left == 0 || after == 0) continue;
    reader_.refill();
    const auto [length, run] = zeros_left > 6 ? cavlc::look_up_long_run_before(reader_.window())
                                              : cavlc::run_before[zeros_left][reader_.peek(3)];
    if (run > zeros_left) {
      reader_.set_broken();
      return levels;
    }
    reader_.consume(length);
    zeros_left -= run;
  }
  return levels;
}

// residual_block_cavlc() (7.3.5.3.2). Writes the levels and returns how many.
uint32_t CavlcSyntax::block(TokenTable table, uint32_t max_num_coeff, const uint8_t* scan,
                            uint32_t*& levels) {
  reader_.refill();
  const auto token = cavlc::look_up_coeff_token(table, reader_.window());
  if (token.length == 0 || token.total_coeff > max_num_coeff) {
    reader_.set_broken();
    return 0;
  }
  reader_.consume(token.length);
  const uint32_t total_coeff = token.total_coeff;
  if (total_coeff == 0) return 0;

  int32_t level[16];
  levels_of(token, level);

  cavlc::ShortCode total_zeros = {0, 0};
  if (total_coeff < max_num_coeff) {
    reader_.refill();
    total_zeros = table == TokenTable::chroma_dc
                      ? cavlc::chroma_dc_total_zeros[total_coeff][reader_.peek(3)]
                      : cavlc::look_up_total_zeros(total_coeff, reader_.window());
    if (total_zeros.length == 0 || total_coeff + total_zeros.value > max_num_coeff) {
      reader_.set_broken();
      return 0;
    }
    reader_.consume(total_zeros.length);
  }
  levels = place_levels(total_coeff, total_zeros.value, level, scan, levels);
  return total_coeff;
}

// The blocks of an 8x8 quarter of luma: four 4x4 ones, or the four interleaved parts of one 8x8.
void CavlcSyntax::luma_quarter(const ResidualShape& shape, uint32_t luma_8x8_blk_idx,
                               JobWriter& writer) {
  const bool is_ac = shape.kind == MbKind::intra_16x16;
  auto& left = neighbourhood_.left.coded;
  auto& above = neighbourhood_.above->coded;
  uint32_t* levels = writer.levels();
  for (uint32_t i = 0; i < 4; ++i) {
    const uint32_t index = luma_8x8_blk_idx * 4 + i;
    const uint32_t x = luma_block_x(index), y = luma_block_y(index);
    const uint8_t* scan = shape.transform_8x8 ? scans_->interleaved_8x8[i].data()
                          : is_ac             ? scans_->scan_4x4.data() + 1
                                              : scans_->scan_4x4.data();
    const auto total = block(token_table(y, x), is_ac ? 15 : 16, scan, levels);
    left[y] = above[x] = static_cast<uint8_t>(total);
    if (shape.transform_8x8) continue;
    writer.add_block(coded_block::luma_block + index, levels);
    levels = writer.levels();
  }
  if (shape.transform_8x8) writer.add_block(coded_block::luma_block + luma_8x8_blk_idx * 4, levels);
}

void CavlcSyntax::chroma(const ResidualShape& shape, JobWriter& writer) {
  auto& left = neighbourhood_.left.coded;
  auto& above = neighbourhood_.above->coded;
  if (shape.chroma_dc_coded()) {
    for (uint32_t component = 0; component < 2; ++component) {
      uint32_t* levels = writer.levels();
      block(TokenTable::chroma_dc, 4, chroma_dc_scan.data(), levels);
      writer.add_block(coded_block::cb_dc + component, levels);
    }
  }
  if (!shape.chroma_ac_coded()) {
    std::fill(left.begin() + 4, left.end(), uint8_t{0});
    std::fill(above.begin() + 4, above.end(), uint8_t{0});
    return;
  }
  for (uint32_t index = 0; index < 8; ++index) {
    const uint32_t component = index / 4;
    const uint32_t x = chroma_on_edge(component, index % 2);
    const uint32_t y = chroma_on_edge(component, index / 2 % 2);
    uint32_t* levels = writer.levels();
    const auto total = block(token_table(y, x), 15, scans_->scan_4x4.data() + 1, levels);
    left[y] = above[x] = static_cast<uint8_t>(total);
    writer.add_block(coded_block::cb_block + index, levels);
  }
}

void CavlcSyntax::residual(const ResidualShape& shape, JobWriter& writer) {
  if (shape.kind == MbKind::intra_16x16) {
    uint32_t* levels = writer.levels();
    block(token_table(0, 0), 16, scans_->scan_4x4.data(), levels);
    writer.add_block(coded_block::luma_dc, levels);
  }
  auto& left = neighbourhood_.left.coded;
  auto& above = neighbourhood_.above->coded;
  for (uint32_t quarter = 0; quarter < 4; ++quarter) {
    if (shape.luma_coded(quarter)) {
      luma_quarter(shape, quarter, writer);
    } else {
      const uint32_t x = quarter % 2 * 2, y = quarter / 2 * 2;
      left[y] = left[y + 1] = above[x] = above[x + 1] = 0;
    }
  }
  chroma(shape, writer);
}

}  // namespace daedalus::h264
