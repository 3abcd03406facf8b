// SPDX-License-Identifier: MIT
#include "h264/inter_parser.h"

#include "h264/cabac_syntax.h"
#include "h264/cavlc_syntax.h"

namespace daedalus::h264 {

namespace {

// Lists that a partition is predicted from.
constexpr uint8_t l0 = 1, l1 = 2, bi = 3;

struct MbType {
  MotionShape shape;
  std::array<uint8_t, 2> lists_used;  // by partition
};

// Table 7-14 from B_L0_16x16 to B_Bi_Bi_8x16.
constexpr auto whole = MotionShape::whole, rows = MotionShape::rows, columns = MotionShape::columns;
constexpr std::array<MbType, 21> b_mb_types = {{
    {whole, {l0, 0}},    {whole, {l1, 0}}, {whole, {bi, 0}},    {rows, {l0, l0}},
    {columns, {l0, l0}}, {rows, {l1, l1}}, {columns, {l1, l1}}, {rows, {l0, l1}},
    {columns, {l0, l1}}, {rows, {l1, l0}}, {columns, {l1, l0}}, {rows, {l0, bi}},
    {columns, {l0, bi}}, {rows, {l1, bi}}, {columns, {l1, bi}}, {rows, {bi, l0}},
    {columns, {bi, l0}}, {rows, {bi, l1}}, {columns, {bi, l1}}, {rows, {bi, bi}},
    {columns, {bi, bi}},
}};
constexpr uint32_t p_8x8 = 3, p_8x8ref0 = 4, b_8x8 = 22;

BlockRect rect_of(MotionShape shape, uint32_t part) {
  return shape == MotionShape::rows ? BlockRect{0, part * 2, 4, 2} : BlockRect{part * 2, 0, 2, 4};
}

BlockRect rect_of_quarter(uint32_t quarter) {
  return {quarter % 2 * 2, quarter / 2 * 2, 2, 2};
}

}  // namespace

// Table 7-17.
template <typename Syntax>
constexpr std::array<typename InterParser<Syntax>::SubMacroblock, 4>
    InterParser<Syntax>::p_sub_mb_types = {{{l0, 2, 2}, {l0, 2, 1}, {l0, 1, 2}, {l0, 1, 1}}};

// Table 7-18.
template <typename Syntax>
constexpr std::array<typename InterParser<Syntax>::SubMacroblock, 13>
    InterParser<Syntax>::b_sub_mb_types = {{{0, 1, 1},
                                            {l0, 2, 2},
                                            {l1, 2, 2},
                                            {bi, 2, 2},
                                            {l0, 2, 1},
                                            {l0, 1, 2},
                                            {l1, 2, 1},
                                            {l1, 1, 2},
                                            {bi, 2, 1},
                                            {bi, 1, 2},
                                            {l0, 1, 1},
                                            {l1, 1, 1},
                                            {bi, 1, 1}}};

template <typename Syntax>
bool InterParser<Syntax>::parse(uint32_t mb_type, uint32_t mb_address) {
  may_transform_8x8_ = true;
  if (!context_->is_b()) {
    if (mb_type >= p_8x8) return sub_macroblocks(mb_address, mb_type == p_8x8ref0);
    static constexpr std::array<MotionShape, 3> shapes = {whole, rows, columns};
    return partitions(shapes[mb_type], {l0, l0});
  }
  if (mb_type == 0) {
    direct(mb_address);
    syntax_.no_motion();
    return true;
  }
  if (mb_type == b_8x8) return sub_macroblocks(mb_address, false);
  const auto& [shape, lists_used] = b_mb_types[mb_type - 1];
  return partitions(shape, lists_used);
}

template <typename Syntax>
void InterParser<Syntax>::skip(uint32_t mb_address) {
  syntax_.no_motion();
  if (context_->is_b()) {
    direct(mb_address);
    return;
  }
  motion_.shape = MotionShape::whole;
  motion_.parts[0] = predict_p_skip(neighbourhood_);
}

template <typename Syntax>
void InterParser<Syntax>::direct(uint32_t mb_address) {
  DirectPrediction(*context_, neighbourhood_, mb_address).predict(motion_);
  may_transform_8x8_ = context_->picture().direct_8x8_inference_flag;
}

template <typename Syntax>
bool InterParser<Syntax>::ref_idx(uint32_t list, const BlockRect& rect, int16_t& value) {
  const uint32_t count = context_->num_ref_idx_active(list);
  if (count == 1) {
    syntax_.no_ref_idx(list, rect);
    value = 0;
    return true;
  }
  const uint32_t parsed = syntax_.ref_idx(list, rect, count);
  value = static_cast<int16_t>(parsed < count ? parsed : 0);
  return parsed < count;
}

// 16x16.
template <typename Syntax>
bool InterParser<Syntax>::whole_macroblock(uint8_t lists_used) {
  constexpr BlockRect rect = {0, 0, 4, 4};
  const uint32_t list_count = context_->is_b() ? 2 : 1;
  motion_.shape = MotionShape::whole;
  Motion& motion = motion_.parts[0];
  motion = {};
  for (uint32_t list = 0; list < list_count; ++list) {
    if (!(lists_used >> list & 1))
      syntax_.no_ref_idx(list, rect);
    else if (!ref_idx(list, rect, motion.ref_idx[list]))
      return false;
  }
  for (uint32_t list = 0; list < list_count; ++list) {
    if (lists_used >> list & 1)
      motion.mv[list] = predict_mv(candidates_of_mb(neighbourhood_, list), motion.ref_idx[list]) +
                        syntax_.mvd(list, rect);
    else
      syntax_.no_mvd(list, rect);
  }
  return true;
}

// 16x8, 8x16.
template <typename Syntax>
bool InterParser<Syntax>::partitions(MotionShape shape, const std::array<uint8_t, 2>& lists_used) {
  if (shape == MotionShape::whole) return whole_macroblock(lists_used[0]);
  const uint32_t list_count = context_->is_b() ? 2 : 1;
  motion_.shape = shape;
  motion_.parts[0] = motion_.parts[1] = {};
  for (uint32_t list = 0; list < list_count; ++list) {
    for (uint32_t part = 0; part < 2; ++part) {
      const BlockRect rect = rect_of(shape, part);
      if (!(lists_used[part] >> list & 1))
        syntax_.no_ref_idx(list, rect);
      else if (!ref_idx(list, rect, motion_.parts[part].ref_idx[list]))
        return false;
    }
  }
  for (uint32_t list = 0; list < list_count; ++list) {
    for (uint32_t part = 0; part < 2; ++part) {
      const BlockRect rect = rect_of(shape, part);
      if (!(lists_used[part] >> list & 1)) {
        syntax_.no_mvd(list, rect);
        continue;
      }
      auto& motion = motion_.parts[part];
      motion.mv[list] = predict_partition(neighbourhood_, shape, part, list, motion.ref_idx[list],
                                          motion_.parts[0]) +
                        syntax_.mvd(list, rect);
    }
  }
  return true;
}

// P_8x8, P_8x8ref0, B_8x8.
template <typename Syntax>
bool InterParser<Syntax>::sub_macroblocks(uint32_t mb_address, bool ref_idx_is_zero) {
  const uint32_t list_count = context_->is_b() ? 2 : 1;
  if (!sub_mb_types(mb_address)) return false;
  for (uint32_t list = 0; list < list_count; ++list)
    if (!sub_ref_idx(list, ref_idx_is_zero)) return false;
  for (uint32_t list = 0; list < list_count; ++list) sub_mvs(list);
  collect_sub_macroblocks();
  return true;
}

template <typename Syntax>
bool InterParser<Syntax>::sub_mb_types(uint32_t mb_address) {
  const bool is_b = context_->is_b();
  bool any_direct = false;
  for (auto& sub_mb : sub_mbs_) {
    const uint32_t type = syntax_.sub_mb_type();
    if (type >= (is_b ? b_sub_mb_types.size() : p_sub_mb_types.size())) return false;
    sub_mb = is_b ? b_sub_mb_types[type] : p_sub_mb_types[type];
    any_direct |= sub_mb.is_direct();
    may_transform_8x8_ &=
        sub_mb.is_direct() ? context_->picture().direct_8x8_inference_flag : sub_mb.is_whole();
  }
  if (!any_direct) return true;
  const DirectPrediction prediction(*context_, neighbourhood_, mb_address);
  for (uint32_t quarter = 0; quarter < 4; ++quarter)
    if (sub_mbs_[quarter].is_direct()) prediction.predict_quarter(quarter, grid_);
  return true;
}

template <typename Syntax>
bool InterParser<Syntax>::sub_ref_idx(uint32_t list, bool is_zero) {
  for (uint32_t quarter = 0; quarter < 4; ++quarter) {
    const SubMacroblock& sub_mb = sub_mbs_[quarter];
    const BlockRect rect = rect_of_quarter(quarter);
    if (!sub_mb.uses(list) || is_zero) {
      syntax_.no_ref_idx(list, rect);
      if (!sub_mb.is_direct())
        grid_.set_quarter_ref_idx(quarter, list, sub_mb.uses(list) ? 0 : ref_idx_unused);
      continue;
    }
    int16_t value = 0;
    if (!ref_idx(list, rect, value)) return false;
    grid_.set_quarter_ref_idx(quarter, list, value);
  }
  return true;
}

template <typename Syntax>
void InterParser<Syntax>::sub_mvs(uint32_t list) {
  grid_.enter(neighbourhood_, list);
  for (uint32_t quarter = 0; quarter < 4; ++quarter) {
    const SubMacroblock& sub_mb = sub_mbs_[quarter];
    const BlockRect rect = rect_of_quarter(quarter);
    if (!sub_mb.uses(list)) {
      syntax_.no_mvd(list, rect);
      if (!sub_mb.is_direct()) grid_.set(rect, list, {});
      continue;
    }
    for (uint32_t y = rect.y; y < rect.y + 2; y += sub_mb.height) {
      for (uint32_t x = rect.x; x < rect.x + 2; x += sub_mb.width) {
        const BlockRect part = {x, y, sub_mb.width, sub_mb.height};
        grid_.set(part, list, grid_.predict(part, list) + syntax_.mvd(list, part));
      }
    }
  }
}

template <typename Syntax>
void InterParser<Syntax>::collect_sub_macroblocks() {
  // Without finer sub-macroblocks quarters are the only partitions.
  motion_.shape = may_transform_8x8_ ? MotionShape::quarters : MotionShape::blocks;
  const uint32_t step = may_transform_8x8_ ? 2 : 1;
  uint32_t part = 0;
  for (uint32_t y = 0; y < 4; y += step)
    for (uint32_t x = 0; x < 4; x += step) motion_.parts[part++] = grid_.block(x, y);
  motion_.simplify();
}

template class InterParser<CavlcSyntax>;
template class InterParser<CabacSyntax>;

}  // namespace daedalus::h264
