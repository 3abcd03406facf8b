// SPDX-License-Identifier: MIT
#include "h264/slice_parser.h"

#include "h264/cabac_syntax.h"
#include "h264/cavlc_syntax.h"

namespace daedalus::h264 {

uint32_t SliceParser::parse(const PictureParameters& picture, const SliceParameters& slice,
                            const PictureParser::Motion& motion, uint32_t first_weight,
                            uint32_t end_mb, SliceOutput& output) {
  if (slice.first_mb_in_slice >= end_mb) return slice.first_mb_in_slice;
  rbsp_.assign(slice.nal_unit);
  if (slice.slice_data_bit_offset > rbsp_.size() * 8) return slice.first_mb_in_slice;
  context_.assign(picture, slice, motion, first_weight);
  neighbourhood_.reset(picture.pic_width_in_mbs, picture.entropy_coding_mode_flag);
  if (picture.entropy_coding_mode_flag) {
    CabacSyntax syntax(rbsp_, picture, slice, slice_qp(picture, slice), neighbourhood_);
    return slice_data(syntax, end_mb, output);
  }
  CavlcSyntax syntax(rbsp_, picture, slice, neighbourhood_);
  return slice_data(syntax, end_mb, output);
}

template <typename Syntax>
uint32_t SliceParser::slice_data(Syntax& syntax, uint32_t end_mb, SliceOutput& output) {
  const SliceParameters& slice = context_.slice();
  MacroblockParser<Syntax> parser(context_, slice_qp(context_.picture(), slice), syntax,
                                  neighbourhood_, output);
  uint32_t address = slice.first_mb_in_slice;
  while (address < end_mb && output.job.has_room_for_mb() && parser.parse(address)) {
    ++address;
    if (syntax.end_of_slice()) break;
  }
  parser.finish();
  return address;
}

}  // namespace daedalus::h264
