// SPDX-License-Identifier: MIT
// slice_data() (H.264 7.3.4).
#pragma once

#include <array>
#include <memory>

#include "h264/macroblock_parser.h"
#include "h264/neighbours.h"
#include "h264/rbsp.h"
#include "h264/slice_context.h"

namespace daedalus::h264 {

// SliceQP_Y (7.4.3).
inline int slice_qp(const PictureParameters& picture, const SliceParameters& slice) {
  return 26 + picture.pic_init_qp_minus26 + slice.slice_qp_delta;
}

// mbAddr of the slice's first macroblock.
inline uint32_t first_mb_of(const PictureParameters& picture, const SliceParameters& slice) {
  return slice.first_mb_in_slice * (picture.is_mbaff() ? 2 : 1);
}

// Memory for parsing a slice. One slice at a time; keep it for the next.
class SliceParser {
 public:
  // Parses macroblocks from first_mb_in_slice on, up to `end_mb`, and returns the address after the
  // last one that is in the job.
  uint32_t parse(const PictureParameters& picture, const SliceParameters& slice,
                 const PictureParser::Motion& motion, uint32_t first_weight, uint32_t end_mb,
                 SliceOutput& output);

 private:
  template <typename Syntax>
  uint32_t slice_data(Syntax& syntax, PairContext* pair_context, uint32_t end_mb,
                      SliceOutput& output);
  template <typename Syntax>
  uint32_t pairs(Syntax& syntax, MacroblockParser<Syntax>& parser, uint32_t first_mb,
                 uint32_t end_mb);
  PairContext* pair_context(const PictureParameters& picture, const SliceParameters& slice,
                            const PictureParser::Motion& motion, uint32_t first_weight);

  Rbsp rbsp_;
  SliceContext context_;
  Neighbourhood neighbourhood_;
  struct Pairs {
    std::array<FieldView, 2> views;
    PairContext context;
  };
  std::unique_ptr<Pairs> pairs_;  // created for the first MBAFF frame
};

}  // namespace daedalus::h264
