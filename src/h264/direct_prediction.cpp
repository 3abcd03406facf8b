// SPDX-License-Identifier: MIT
#include "h264/direct_prediction.h"

#include <algorithm>

namespace daedalus::h264 {

namespace {

// The quarter of the block with this raster index.
constexpr uint32_t quarter_of(uint32_t block) {
  return block / 8 * 2 + block % 4 / 2;
}

// MinPositive of three: as unsigned numbers, negative ones are the largest.
int8_t min_positive(const Candidates& candidates) {
  const auto& [a, b, c] = candidates;
  return static_cast<int8_t>(
      std::min({static_cast<uint8_t>(a.ref_idx), static_cast<uint8_t>(b.ref_idx),
                static_cast<uint8_t>(c.ref_idx)}));
}

// Of one list: refIdx, and the vector where colZeroFlag is 0 (8.4.1.2.2).
Candidate spatial_motion(const Neighbourhood& neighbourhood, uint32_t list) {
  const Candidates candidates = candidates_of_mb(neighbourhood, list);
  const int8_t ref_idx = min_positive(candidates);
  if (ref_idx < 0) return {{}, ref_idx_unused};
  return {predict_mv(candidates, ref_idx), ref_idx};
}

uint32_t is_within_one(int16_t component) {
  return static_cast<uint32_t>(component + 1) <= 2 ? 1 : 0;
}

// The shape of two different motions, by a bit for each quarter.
constexpr std::array<MotionShape, 16> make_shapes_of_quarters() {
  std::array<MotionShape, 16> shapes{};
  for (uint32_t bits = 0; bits < 16; ++bits) {
    const bool rows = (bits & 5) == (bits >> 1 & 5), columns = (bits & 3) == bits >> 2;
    shapes[bits] = rows      ? columns ? MotionShape::whole : MotionShape::rows
                   : columns ? MotionShape::columns
                             : MotionShape::quarters;
  }
  return shapes;
}
constexpr auto shape_of_quarters = make_shapes_of_quarters();

}  // namespace

DirectPrediction::DirectPrediction(const SliceContext& context, const Neighbourhood& neighbourhood,
                                   uint32_t mb_address)
    : context_(context),
      spatial_(context.slice().direct_spatial_mv_pred_flag),
      inference_(context.picture().direct_8x8_inference_flag) {
  const auto* field = context.colocated();
  if (field && context.mv_scale() != MvScale::one_to_one) {
    colocated_ = &colocated_of_kind(*field, mb_address);
  } else if (field) {
    colocated_ = &field->mbs[mb_address];
    const auto& later = field->mbs[std::min<std::size_t>(mb_address + 2, field->mbs.size() - 1)];
    __builtin_prefetch(&later.mv);
    __builtin_prefetch(&later.ref_idx);
  }
  if (spatial_) derive_spatial(neighbourhood);
}

// For pictures whose colPic has macroblocks of another kind (8.4.1.2.1, Table 8-8).
const ColocatedMb& DirectPrediction::colocated_of_kind(const MotionField& motion,
                                                       uint32_t mb_address) {
  const uint32_t width = context_.picture().pic_width_in_mbs;
  const uint32_t mb_x = mb_address % width, mb_y = mb_address / width;
  const auto& colocated = context_.followed();
  const bool is_field = context_.picture().field_pic_flag;
  uint32_t row_of_field = mb_y / 2;  // where a frame macroblock follows a field
  if (colocated.scale == MvScale::by_pair) {
    const uint32_t pair_row = is_field ? mb_y * 2 : mb_y / 2 * 2;
    const uint32_t k = is_field ? context_.picture().bottom_field_flag : mb_y % 2;
    const auto* const first = &motion.mbs[pair_row * width + mb_x];
    if (first->is_field == is_field) return first[k * width];
    row_of_field = pair_row + (colocated.bottom_is_nearer ? 1 : 0);
  }
  for (uint32_t quarter = 0; quarter < 4; ++quarter) {
    const uint32_t lower = quarter / 2;
    const uint32_t row = is_field ? 2 * lower : mb_y % 2 * 2 + lower;  // yM / 4
    const uint32_t mb_row = is_field ? mb_y * 2 + lower : row_of_field;
    gather(motion.mbs[mb_row * width + mb_x], quarter, row * 4 + quarter % 2 * 3);
  }
  return gathered_;
}

// One quarter of a macroblock of the other kind. direct_8x8_inference_flag is 1 then, so only the
// corners count; their vectors stay unscaled in spatial mode.
void DirectPrediction::gather(const ColocatedMb& mb, uint32_t quarter, uint32_t block) {
  const bool to_field = context_.picture().field_pic_flag;
  const Mv mv = mb.mv[block];
  gathered_.mv[quarter / 2 * 12 + quarter % 2 * 3] = spatial_   ? mv
                                                     : to_field ? Mv{mv.x(), mv.y() / 2}
                                                                : Mv{mv.x(), mv.y() * 2};
  gathered_.ref_idx[quarter] = mb.ref_idx[quarter_of(block)];
  gathered_.ref_serial[quarter] = context_.converted_serial(mb.ref_serial[quarter_of(block)]);
}

// 8.4.1.2.2.
void DirectPrediction::derive_spatial(const Neighbourhood& neighbourhood) {
  auto l0 = spatial_motion(neighbourhood, 0), l1 = spatial_motion(neighbourhood, 1);
  if (l0.ref_idx < 0 && l1.ref_idx < 0) l0.ref_idx = l1.ref_idx = 0;
  motion_ = make_motion(l0.mv, l1.mv, l0.ref_idx, l1.ref_idx);
  motion_at_rest_ = make_motion(l0.mv.only_if(l0.ref_idx != 0), l1.mv.only_if(l1.ref_idx != 0),
                                l0.ref_idx, l1.ref_idx);
  same_everywhere_ =
      motion_at_rest_ == motion_ || !colocated_ || !context_.colocated_is_short_term();
}

void DirectPrediction::predict(MbMotion& motion) const {
  if (same_everywhere_) {
    motion.shape = MotionShape::whole;
    motion.parts[0] = motion_;
    return;
  }
  if (spatial_ && inference_) {
    predict_spatial_quarters(motion);
    return;
  }
  motion.shape = inference_ ? MotionShape::quarters : MotionShape::blocks;
  const uint32_t step = inference_ ? 2 : 1;
  uint32_t part = 0;
  for (uint32_t y = 0; y < 4; y += step)
    for (uint32_t x = 0; x < 4; x += step) motion.parts[part++] = block(x, y);
  motion.simplify();
}

// The usual case has only two motions: which quarters are at rest determines the shape.
void DirectPrediction::predict_spatial_quarters(MbMotion& motion) const {
  const uint32_t at_rest = col_zero(0) | col_zero(3) << 1 | col_zero(12) << 2 | col_zero(15) << 3;
  const auto choose = [&](uint32_t part, uint32_t quarter) {
    motion.parts[part] = at_rest >> quarter & 1 ? motion_at_rest_ : motion_;
  };
  motion.shape = shape_of_quarters[at_rest];
  choose(0, 0);
  if (motion.shape == MotionShape::whole) return;
  choose(1, motion.shape == MotionShape::rows ? 2 : 1);
  if (motion.shape != MotionShape::quarters) return;
  choose(2, 2);
  choose(3, 3);
}

void DirectPrediction::predict_quarter(uint32_t quarter, MotionGrid& grid) const {
  const uint32_t x = quarter % 2 * 2, y = quarter / 2 * 2;
  const bool once = same_everywhere_ || inference_;
  const Motion first = block(x, y);
  for (uint32_t i = 0; i < 4; ++i) {
    const uint32_t column = x + i % 2, row = y + i / 2;
    grid.set_block(column, row, once ? first : block(column, row));
  }
}

// With direct_8x8_inference_flag a quarter has the motion of the macroblock's corner in it.
Motion DirectPrediction::block(uint32_t x, uint32_t y) const {
  if (same_everywhere_) return motion_;
  const uint32_t i = inference_ ? y / 2 * 12 + x / 2 * 3 : y * 4 + x;
  if (!spatial_) return temporal_block(i);
  return col_zero(i) ? motion_at_rest_ : motion_;
}

uint32_t DirectPrediction::col_zero(uint32_t i) const {
  const Mv mv = colocated_->mv[i];
  const bool refers_to_0 = colocated_->ref_idx[quarter_of(i)] == 0;
  // Without branches: they would be hard to predict here.
  return uint32_t{refers_to_0} & is_within_one(mv.x()) & is_within_one(mv.y());
}

// 8.4.1.2.3.
Motion DirectPrediction::temporal_block(uint32_t i) const {
  if (!colocated_ || colocated_->ref_idx[quarter_of(i)] < 0) return {.mv = {}, .ref_idx = {0, 0}};
  const int ref_idx_l0 = context_.map_col_to_list0(colocated_->ref_serial[quarter_of(i)]);
  const auto [mv_l0, mv_l1] = context_.temporal_mvs(ref_idx_l0, colocated_->mv[i]);
  return make_motion(mv_l0, mv_l1, ref_idx_l0, 0);
}

}  // namespace daedalus::h264
