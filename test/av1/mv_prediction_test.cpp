// SPDX-License-Identifier: MIT
// Compares the search for vectors with the specification's text, in frames of random blocks.
#include "av1/mv_prediction.h"

#include <gtest/gtest.h>

#include <random>

#include "av1/frame_motion.h"
#include "specification_mvs.h"

namespace daedalus::av1 {
namespace {

class MvPrediction : public testing::Test {
 protected:
  uint32_t below(uint32_t end) {
    return std::uniform_int_distribution<uint32_t>(0, end - 1)(random_);
  }
  int32_t around_zero(int32_t reach) {
    return std::uniform_int_distribution<int32_t>(-reach, reach)(random_);
  }

  // One of a few vectors, with the frame's precision.
  Mv any_mv() {
    if (below(3) == 0)
      pool_[below(static_cast<uint32_t>(pool_.size()))] =
          lower_mv_precision(picture_, {static_cast<int16_t>(around_zero(below(2) ? 40 : 3000)),
                                        static_cast<int16_t>(around_zero(below(2) ? 40 : 3000))});
    return pool_[below(static_cast<uint32_t>(pool_.size()))];
  }

  std::shared_ptr<SavedFrame> any_reference() {
    auto saved = std::make_shared<SavedFrame>();
    saved->frame_type = FrameType::inter;
    saved->mi_cols = frame_.mi_cols;
    saved->mi_rows = frame_.mi_rows;
    saved->order_hint = static_cast<uint8_t>(16 + around_zero(6));
    for (uint8_t& hint : saved->saved_order_hints) hint = static_cast<uint8_t>(16 + around_zero(8));
    saved->set_motion_size();
    for (uint32_t row = 0; row < saved->mi_rows / 2; ++row)
      for (uint32_t column = 0; column < saved->mi_cols / 2; ++column) {
        const Mv mv = any_mv();
        const uint32_t ref_frame = below(8);
        if (ref_frame != 0)
          saved->add_motion(row / 8, column / 8, {mv, ref_frame, row & 7, column & 7, 1, 1});
      }
    saved->finish();
    return saved;
  }

  void begin_frame() {
    picture_ = {};
    picture_.frame_type = FrameType::inter;
    picture_.order_hint_bits = 5;
    picture_.order_hint = 16;
    picture_.use_ref_frame_mvs = below(3) != 0;
    picture_.allow_high_precision_mv = below(2) == 0;
    picture_.force_integer_mv = !picture_.allow_high_precision_mv && below(3) == 0;
    frame_.picture = &picture_;
    frame_.mi_cols = 2 * (1 + below(40));
    frame_.mi_rows = 2 * (1 + below(40));
    frame_.grid_stride = frame_.mi_cols;
    picture_.upscaled_width = frame_.mi_cols * 4;
    picture_.height = frame_.mi_rows * 4;
    frame_.sb_units_log2 = 4 + below(2);
    for (auto& reference : frame_.references) reference = any_reference();
    for (GlobalMotion& motion : picture_.global_motion) {
      motion.type = static_cast<uint8_t>(below(2) ? 0 : below(4));
      for (uint32_t i = 0; i < 6; ++i) motion.params[i] += around_zero(i < 2 ? 90000 : 200);
    }
    derive_motion(frame_);
    // The grid may hold the previous frame's contents.
    frame_.grid.resize(std::size_t{frame_.mi_cols} * frame_.mi_rows, below(50));
    frame_.blocks.resize(frame_.grid.size());
    units_.assign(frame_.grid.size(), nullptr);
  }

  void begin_tile(uint32_t mi_col_start, uint32_t mi_col_end) {
    tile_ = {};
    tile_.frame = &frame_;
    tile_.mi_row_end = frame_.mi_rows;
    tile_.mi_col_start = mi_col_start;
    tile_.mi_col_end = mi_col_end;
    tile_.first_block = tile_.next_block = frame_.mi_rows * mi_col_start;
    temporal_.begin(mi_col_start, mi_col_end);
  }

  // All superblocks of the tile.
  void decode_tile() {
    const uint32_t side = 1u << frame_.sb_units_log2;
    for (uint32_t row = 0; row < frame_.mi_rows; row += side) {
      if (picture_.use_ref_frame_mvs)
        for (uint32_t part = row; part < std::min(row + side, frame_.mi_rows); part += 16)
          project(part / 16);
      for (uint32_t col = tile_.mi_col_start; col < tile_.mi_col_end; col += side)
        ASSERT_NO_FATAL_FAILURE(partition(row, col, frame_.sb_units_log2));
    }
  }
  void project(uint32_t row64) {
    temporal_.project(*frame_.motion_field, row64);
    field_.resize(std::size_t{frame_.mi_rows / 2} * (frame_.mi_cols / 2));
    for (uint32_t row = row64 * 16; row < std::min(row64 * 16 + 16, frame_.mi_rows); row += 2)
      for (uint32_t col = tile_.mi_col_start; col < tile_.mi_col_end; col += 2) {
        auto& place = field_[std::size_t{row / 2} * (frame_.mi_cols / 2) + col / 2];
        const TemporalMv from = temporal_.at(row, col);
        place.valid = from.distance() != 0;
        for (uint32_t ref = 1; ref < 8 && place.valid; ++ref)
          place.mv[ref] = frame_.motion_field->mv_for(from, ref);
      }
  }

  // A random partition of a square of 1 << size_log2 units.
  void partition(uint32_t row, uint32_t col, uint32_t size_log2) {
    if (row >= frame_.mi_rows || col >= frame_.mi_cols) return;
    const uint32_t n = 1u << size_log2, half = n / 2, quarter = n / 4;
    const uint32_t kind = below(size_log2 == 1 ? 4 : size_log2 == 5 ? 8 : 10);
    switch (size_log2 > 3 && below(3) != 0 ? 3 : kind) {
      case 0:
        return block(row, col, n, n);
      case 1:
        block(row, col, n, half);
        return block(row + half, col, n, half);
      case 2:
        block(row, col, half, n);
        return block(row, col + half, half, n);
      case 3:
        for (uint32_t i = 0; i < 4; ++i)
          if (size_log2 == 1)
            block(row + i / 2, col + i % 2, 1, 1);
          else
            partition(row + i / 2 * half, col + i % 2 * half, size_log2 - 1);
        return;
      case 4:
        block(row, col, half, half);
        block(row, col + half, half, half);
        return block(row + half, col, n, half);
      case 5:
        block(row, col, n, half);
        block(row + half, col, half, half);
        return block(row + half, col + half, half, half);
      case 6:
        block(row, col, half, half);
        block(row + half, col, half, half);
        return block(row, col + half, half, n);
      case 7:
        block(row, col, half, n);
        block(row, col + half, half, half);
        return block(row + half, col + half, half, half);
      case 8:
        for (uint32_t i = 0; i < 4; ++i) block(row + i * quarter, col, n, quarter);
        return;
      default:
        for (uint32_t i = 0; i < 4; ++i) block(row, col + i * quarter, quarter, n);
    }
  }

  std::array<int8_t, 2> any_references(bool can_be_compound) {
    const auto first = static_cast<int8_t>(1 + below(below(2) ? 2 : 7));
    if (can_be_compound && below(2) == 0) {
      if (below(4) == 0) return {last_frame, last2_frame};
      return {static_cast<int8_t>(1 + below(2)), static_cast<int8_t>(bwdref_frame + below(2))};
    }
    return {first, static_cast<int8_t>(below(6) == 0 ? intra_frame : no_ref)};
  }

  Block block_at(uint32_t row, uint32_t col, uint32_t width, uint32_t height) {
    Block block{};
    while (units_wide(block.info.size) != width || units_high(block.info.size) != height)
      ++block.info.size;
    block.mi_row = row;
    block.mi_col = col;
    block.info.mi_row = static_cast<uint16_t>(row);
    block.info.mi_col = static_cast<uint16_t>(col);
    block.width = width;
    block.height = height;
    block.avail_u = tile_.is_inside(static_cast<int32_t>(row) - 1, static_cast<int32_t>(col));
    block.avail_l = tile_.is_inside(static_cast<int32_t>(row), static_cast<int32_t>(col) - 1);
    block.above = block.avail_u ? &frame_.info(row - 1, col) : nullptr;
    block.left = block.avail_l ? &frame_.info(row, col - 1) : nullptr;
    block.info.is_inter = true;
    block.info.ref_frame = any_references(std::min(width, height) >= 2);
    block.info.mv = {any_mv(), any_mv()};
    constexpr uint8_t compound_modes[] = {nearest_nearestmv, new_newmv, global_globalmv,
                                          near_newmv};
    block.info.y_mode = block.info.is_compound() ? compound_modes[below(4)]
                                                 : static_cast<uint8_t>(nearestmv + below(4));
    return block;
  }

  void block(uint32_t row, uint32_t col, uint32_t width, uint32_t height) {
    if (row >= frame_.mi_rows || col >= frame_.mi_cols || HasFatalFailure()) return;
    Block block = block_at(row, col, width, height);
    ASSERT_NO_FATAL_FAILURE(compare(block));
    if (below(6) == 0) {
      block.info.is_inter = false;
      block.info.ref_frame = {intra_frame, no_ref};
      block.info.y_mode = dc_pred;
    }
    frame_.blocks[tile_.next_block] = block.info;
    for (uint32_t y = row; y < std::min(row + height, frame_.mi_rows); ++y)
      for (uint32_t x = col; x < std::min(col + width, frame_.mi_cols); ++x) {
        frame_.grid[std::size_t{y} * frame_.grid_stride + x] = tile_.next_block;
        units_[std::size_t{y} * frame_.mi_cols + x] = &frame_.blocks[tile_.next_block];
      }
    ++tile_.next_block;
  }

  void compare(const Block& block) {
    const bool has_temporal = picture_.use_ref_frame_mvs;
    SpecificationMvs expected(tile_, units_, has_temporal ? &field_ : nullptr, block);
    expected.find_mv_stack();
    MvStack stack;
    find_mv_stack(tile_, has_temporal ? &temporal_ : nullptr, block, stack);
    ASSERT_EQ(stack.count, expected.num_mv_found);
    ASSERT_EQ(stack.new_mv_context, expected.new_mv_context);
    ASSERT_EQ(stack.ref_mv_context, expected.ref_mv_context);
    ASSERT_EQ(stack.zero_mv_context, expected.zero_mv_context);
    const uint32_t lists = block.info.is_compound() ? 2 : 1;
    for (uint32_t list = 0; list < lists; ++list) {
      ASSERT_EQ(vector_of(stack.global_mvs[list]), expected.global_mvs[list]);
      for (uint32_t i = 0; i < std::max(stack.count, 2u); ++i)
        ASSERT_EQ(vector_of(stack.mv(i, list)), expected.ref_stack_mv[i][list]) << i;
    }
    for (uint32_t i = 0; i + 1 < stack.count; ++i)
      ASSERT_EQ(stack.drl_context(i), expected.drl_ctx_stack[i]);
    ++counts_[stack.count];

    if (std::min(block.width, block.height) < 2) return;
    ASSERT_EQ(has_overlappable_candidates(tile_, block), expected.has_overlappable_candidates());
    if (block.info.ref_frame[1] > intra_frame) return;
    expected.find_warp_samples();
    const WarpSamples samples = find_warp_samples(tile_, block);
    ASSERT_EQ(samples.count, expected.num_samples);
    for (uint32_t i = 0; i < samples.count; ++i) {
      const WarpSample& is = samples.list[i];
      ASSERT_EQ((std::array{is.source_y, is.source_x, is.destination_y, is.destination_x}),
                expected.cand_list[i]);
    }
    samples_ += samples.count;
  }
  static SpecificationMvs::Vector vector_of(Mv mv) { return {mv.y, mv.x}; }

  std::mt19937 random_{1};
  PictureParameters picture_;
  FrameContext frame_;
  TileContext tile_;
  TileMotionField temporal_;
  SpecificationMvs::Units units_;
  std::vector<SpecificationMvs::Temporal> field_;
  std::array<Mv, 5> pool_{};
  std::array<uint32_t, 9> counts_{};
  uint32_t samples_ = 0;
};

TEST_F(MvPrediction, IsTheSpecifications) {
  for (uint32_t run = 0; run < 200; ++run) {
    begin_frame();
    const uint32_t width = 16u << below(3);
    for (uint32_t col = 0; col < frame_.mi_cols;
         col += std::max(width, 1u << frame_.sb_units_log2)) {
      begin_tile(col, std::min(col + std::max(width, 1u << frame_.sb_units_log2), frame_.mi_cols));
      ASSERT_NO_FATAL_FAILURE(decode_tile());
    }
  }
  for (const uint32_t count : counts_) EXPECT_GT(count, 100u);
  EXPECT_GT(samples_, 1000u);
}

}  // namespace
}  // namespace daedalus::av1
