// SPDX-License-Identifier: MIT
// mb_pred() and sub_mb_pred() of inter macroblocks (H.264 7.3.5.1, 7.3.5.2), with the prediction of
// their motion.
#pragma once

#include "h264/direct_prediction.h"
#include "h264/motion.h"
#include "h264/neighbours.h"
#include "h264/slice_context.h"
#include "h264/syntax.h"

namespace daedalus::h264 {

template <typename Syntax>
class InterParser {
 public:
  InterParser(const SliceContext& context, Syntax& syntax, Neighbourhood& neighbourhood)
      : context_(&context), syntax_(syntax), neighbourhood_(neighbourhood) {}

  void set_context(const SliceContext& context) { context_ = &context; }

  // Parses the motion vectors and what precedes them after mb_type. `mb_type` must be an inter type
  // of this kind of slice, `mb_address` the macroblock's address in the context's picture. False if
  // the stream is broken.
  bool parse(uint32_t mb_type, uint32_t mb_address);
  // P_Skip, B_Skip.
  void skip(uint32_t mb_address);

  const MbMotion& motion() const { return motion_; }
  // Whether no part is smaller than 8x8, so that transform_size_8x8_flag may follow.
  bool may_transform_8x8() const { return may_transform_8x8_; }

 private:
  struct SubMacroblock {
    uint8_t lists_used;     // bit 0: list 0, bit 1: list 1; 0: direct
    uint8_t width, height;  // of its partitions, in blocks

    bool uses(uint32_t list) const { return (lists_used >> list & 1) != 0; }
    bool is_direct() const { return lists_used == 0; }
    bool is_whole() const { return width == 2 && height == 2; }
  };
  static const std::array<SubMacroblock, 4> p_sub_mb_types;
  static const std::array<SubMacroblock, 13> b_sub_mb_types;

  bool whole_macroblock(uint8_t lists_used);
  bool partitions(MotionShape shape, const std::array<uint8_t, 2>& lists_used);
  bool ref_idx(uint32_t list, const BlockRect& rect, int16_t& value);
  void direct(uint32_t mb_address);
  bool sub_macroblocks(uint32_t mb_address, bool ref_idx_is_zero);
  bool sub_mb_types(uint32_t mb_address);
  bool sub_ref_idx(uint32_t list, bool is_zero);
  void sub_mvs(uint32_t list);
  void collect_sub_macroblocks();

  const SliceContext* context_;
  Syntax& syntax_;
  Neighbourhood& neighbourhood_;
  MbMotion motion_;
  bool may_transform_8x8_ = false;
  std::array<SubMacroblock, 4> sub_mbs_{};
  MotionGrid grid_;
};

}  // namespace daedalus::h264
