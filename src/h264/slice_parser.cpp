// SPDX-License-Identifier: MIT
#include "h264/slice_parser.h"

#include "h264/cabac_syntax.h"
#include "h264/cavlc_syntax.h"

namespace daedalus::h264 {

uint32_t SliceParser::parse(const PictureParameters& picture, const SliceParameters& slice,
                            const PictureParser::Motion& motion, uint32_t first_weight,
                            uint32_t end_mb, SliceOutput& output) {
  const uint32_t first_mb = first_mb_of(picture, slice);
  if (first_mb >= end_mb) return first_mb;
  rbsp_.assign(slice.nal_unit);
  if (slice.slice_data_bit_offset > rbsp_.size() * 8) return first_mb;
  context_.assign(picture, slice, motion, first_weight);
  neighbourhood_.reset(picture.pic_width_in_mbs, picture.entropy_coding_mode_flag);
  PairContext* const pairs = pair_context(picture, slice, motion, first_weight);
  if (picture.entropy_coding_mode_flag) {
    CabacSyntax syntax(rbsp_, picture, slice, slice_qp(picture, slice), neighbourhood_);
    return slice_data(syntax, pairs, end_mb, output);
  }
  CavlcSyntax syntax(rbsp_, picture, slice, neighbourhood_);
  return slice_data(syntax, pairs, end_mb, output);
}

PairContext* SliceParser::pair_context(const PictureParameters& picture,
                                       const SliceParameters& slice,
                                       const PictureParser::Motion& motion, uint32_t first_weight) {
  if (!picture.is_mbaff()) return nullptr;
  if (!pairs_) pairs_ = std::make_unique<Pairs>();
  for (std::size_t parity = 0; parity < 2; ++parity) {
    pairs_->views[parity].assign(picture, slice, parity == 1);
    pairs_->context.field_contexts[parity].assign(pairs_->views[parity], motion, first_weight);
  }
  pairs_->context.neighbours.reset(picture.pic_width_in_mbs, picture.entropy_coding_mode_flag,
                                   picture.constrained_intra_pred_flag);
  return &pairs_->context;
}

template <typename Syntax>
uint32_t SliceParser::slice_data(Syntax& syntax, PairContext* pair_context, uint32_t end_mb,
                                 SliceOutput& output) {
  const SliceParameters& slice = context_.slice();
  MacroblockParser<Syntax> parser(context_, pair_context, slice_qp(context_.picture(), slice),
                                  syntax, neighbourhood_, output);
  uint32_t address = first_mb_of(context_.picture(), slice);
  if (pair_context) {
    address = pairs(syntax, parser, address, end_mb);
  } else {
    while (address < end_mb && output.job.has_room_for_mb() && parser.parse(address)) {
      ++address;
      if (syntax.end_of_slice()) break;
    }
  }
  parser.finish();
  return address;
}

template <typename Syntax>
uint32_t SliceParser::pairs(Syntax& syntax, MacroblockParser<Syntax>& parser, uint32_t first_mb,
                            uint32_t end_mb) {
  uint32_t address = first_mb;
  while (address < end_mb) {
    const uint32_t parsed = parser.parse_pair();
    address += parsed;
    if (parsed < 2 || syntax.end_of_slice()) break;
  }
  return address;
}

}  // namespace daedalus::h264
