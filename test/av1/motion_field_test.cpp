// SPDX-License-Identifier: MIT
// Compares the motion field, by rows and tiles, with a literal version of 7.9: whole frames, one
// field for each reference.
#include "av1/motion_field.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <random>

#include "av1/frame_motion.h"

namespace daedalus::av1 {
namespace {

constexpr uint32_t order_hint_bits = 5;
using Place = std::optional<Mv>;
using Field = std::array<std::vector<Place>, 8>;  // MotionFieldMvs[ref][y * w8 + x]

int32_t round2_signed(int64_t value, uint32_t bits) {
  const int64_t half = int64_t{1} << (bits - 1);
  return static_cast<int32_t>(value < 0 ? -((-value + half) >> bits) : (value + half) >> bits);
}

Mv expected_projection(Mv mv, int32_t numerator, int32_t denominator) {
  // Div_Mult is 2^14 / n, rounded down.
  const int32_t factor = std::clamp(numerator, -31, 31) * ((1 << 14) / std::min(denominator, 31));
  const auto scaled = [&](int16_t component) {
    return static_cast<int16_t>(
        std::clamp(round2_signed(int64_t{component} * factor, 14), -(1 << 14) + 1, (1 << 14) - 1));
  };
  return {scaled(mv.y), scaled(mv.x)};
}

std::optional<int32_t> expected_position(int32_t v8, int32_t delta, int32_t sign, int32_t max8,
                                         int32_t reach) {
  const int32_t base8 = v8 / 8 * 8;
  v8 += sign * (delta / 64);
  if (v8 < 0 || v8 >= max8 || v8 < base8 - reach || v8 >= base8 + 8 + reach) return std::nullopt;
  return v8;
}

class MotionFieldTest : public testing::Test {
 protected:
  void SetUp() override {
    frame_.picture = &picture_;
    picture_.order_hint_bits = order_hint_bits;
    picture_.enable_order_hint = true;
  }

  uint32_t between(uint32_t low, uint32_t high) {
    return std::uniform_int_distribution<uint32_t>(low, high)(random_);
  }
  Mv any_mv(int32_t limit) {
    std::uniform_int_distribution<int32_t> component(-limit, limit);
    return {static_cast<int16_t>(component(random_)), static_cast<int16_t>(component(random_))};
  }

  // MfMvs and MfRefFrames of each 8x8.
  struct PlaceMotion {
    Mv mv;
    int32_t ref_frame = 0;
  };
  static std::vector<PlaceMotion> by_place(const SavedFrame& saved) {
    const uint32_t width = saved.mi_cols / 2, height = saved.mi_rows / 2;
    std::vector<PlaceMotion> places(std::size_t{width} * height);
    for (uint32_t y64 = 0; y64 * 8 < height; ++y64)
      for (uint32_t x64 = 0; x64 * 8 < width; ++x64)
        for (const SavedMotion& motion : saved.motion(y64, x64))
          for (uint32_t y = 0; y < motion.height(); ++y)
            for (uint32_t x = 0; x < motion.width(); ++x) {
              PlaceMotion& place = places[std::size_t{y64 * 8 + motion.row() + y} * width +
                                          x64 * 8 + motion.column() + x];
              EXPECT_EQ(place.ref_frame, 0) << "blocks overlap";
              place = {motion.mv(), static_cast<int32_t>(motion.ref_frame())};
            }
    return places;
  }

  void any_blocks(SavedFrame& saved, uint32_t row64, uint32_t column64) {
    const uint32_t height = std::min(saved.mi_rows / 2 - row64 * 8, 8u);
    const uint32_t width = std::min(saved.mi_cols / 2 - column64 * 8, 8u);
    const uint32_t side = 1u << between(0, 3);
    for (uint32_t y = 0; y < height; y += side)
      for (uint32_t x = 0; x < width; x += side) {
        const Mv mv = any_mv(between(0, 1) == 0 ? 300 : 4095);
        const uint32_t ref_frame = between(0, 7);
        if (ref_frame == 0) continue;
        saved.add_motion(
            row64, column64,
            {mv, ref_frame, y, x, std::min(height - y, side), std::min(width - x, side)});
      }
  }

  std::shared_ptr<SavedFrame> any_reference() {
    auto saved = std::make_shared<SavedFrame>();
    saved->frame_type = between(0, 7) == 0 ? FrameType::key : FrameType::inter;
    saved->mi_cols = frame_.mi_cols;
    saved->mi_rows = between(0, 9) == 0 ? frame_.mi_rows + 2 : frame_.mi_rows;
    for (uint8_t& hint : saved->saved_order_hints) hint = any_hint();
    saved->set_motion_size();
    for (uint32_t y64 = 0; y64 * 16 < saved->mi_rows; ++y64)
      for (uint32_t x64 = 0; x64 * 16 < saved->mi_cols; ++x64) any_blocks(*saved, y64, x64);
    saved->begin_rows(1);
    saved->finish();
    return saved;
  }
  uint8_t any_hint() { return static_cast<uint8_t>(between(0, 31)); }

  void any_frame() {
    frame_.mi_cols = 2 * between(1, 60);
    frame_.mi_rows = 2 * between(1, 30);
    picture_.order_hint = any_hint();
    for (uint32_t ref = last_frame; ref <= altref_frame; ++ref) {
      frame_.order_hints[ref] = any_hint();
      frame_.references[ref - 1] = between(0, 9) == 0 ? nullptr : any_reference();
    }
  }

  static int32_t distance(uint32_t a, uint32_t b) {
    return relative_distance(a, b, order_hint_bits);
  }

  bool project(uint32_t src, int32_t sign, Field& field) const {
    const auto& saved = frame_.references[src - 1];
    if (!saved || saved->mi_rows != frame_.mi_rows || saved->frame_type == FrameType::key)
      return false;
    const auto w8 = static_cast<int32_t>(frame_.mi_cols / 2);
    const auto h8 = static_cast<int32_t>(frame_.mi_rows / 2);
    const int32_t to_current = distance(frame_.order_hints[src], picture_.order_hint);
    const auto places = by_place(*saved);
    for (int32_t y8 = 0; y8 < h8; ++y8)
      for (int32_t x8 = 0; x8 < w8; ++x8) {
        const PlaceMotion& motion = places[static_cast<std::size_t>(y8 * w8 + x8)];
        if (motion.ref_frame <= intra_frame) continue;
        const int32_t offset =
            distance(frame_.order_hints[src],
                     saved->saved_order_hints[static_cast<std::size_t>(motion.ref_frame)]);
        if (std::abs(to_current) > 31 || std::abs(offset) > 31 || offset <= 0) continue;
        const Mv mv = expected_projection(motion.mv, to_current * sign, offset);
        const auto y = expected_position(y8, mv.y, sign, h8, 0);
        const auto x = expected_position(x8, mv.x, sign, w8, 8);
        if (!y || !x) continue;
        for (uint32_t dst = last_frame; dst <= altref_frame; ++dst)
          field[dst][static_cast<std::size_t>(*y * w8 + *x)] = expected_projection(
              motion.mv, distance(picture_.order_hint, frame_.order_hints[dst]), offset);
      }
    return true;
  }

  Field expected() const {
    Field field;
    for (auto& places : field)
      places.resize(std::size_t{frame_.mi_cols / 2} * (frame_.mi_rows / 2));
    const auto& last = frame_.references[0];
    if (last && last->saved_order_hints[altref_frame] != frame_.order_hints[golden_frame])
      project(last_frame, -1, field);
    int32_t stamp = 1;
    const auto is_later = [&](uint32_t ref) {
      return distance(frame_.order_hints[ref], picture_.order_hint) > 0;
    };
    if (is_later(bwdref_frame) && project(bwdref_frame, 1, field)) --stamp;
    if (is_later(altref2_frame) && project(altref2_frame, 1, field)) --stamp;
    if (is_later(altref_frame) && stamp >= 0 && project(altref_frame, 1, field)) --stamp;
    if (stamp >= 0) project(last2_frame, -1, field);
    return field;
  }

  // Projects each tile of this width separately.
  void compare(const Field& field, uint32_t tile_width) {
    MotionField motion;
    motion.begin(frame_);
    TileMotionField tile;
    for (uint32_t column = 0; column < frame_.mi_cols; column += tile_width) {
      const uint32_t end = std::min(column + tile_width, frame_.mi_cols);
      tile.begin(column, end);
      for (uint32_t row64 = 0; row64 * 16 < frame_.mi_rows; ++row64) {
        tile.project(motion, row64);
        compare_row(field, motion, tile, row64, column, end);
      }
    }
  }
  void compare_row(const Field& field, const MotionField& motion, const TileMotionField& tile,
                   uint32_t row64, uint32_t begin, uint32_t end) {
    for (uint32_t row = row64 * 16 + 1; row < std::min(row64 * 16 + 16, frame_.mi_rows); row += 2)
      for (uint32_t column = begin + 1; column < end; column += 2) {
        const std::size_t place = std::size_t{row / 2} * (frame_.mi_cols / 2) + column / 2;
        const TemporalMv from = tile.at(row, column);
        ASSERT_EQ(from.distance() != 0, field[last_frame][place].has_value());
        if (from.distance() == 0) continue;
        ++projected_;
        for (uint32_t ref = last_frame; ref <= altref_frame; ++ref)
          ASSERT_EQ(motion.mv_for(from, ref), *field[ref][place]);
      }
  }

  std::mt19937 random_{1};
  PictureParameters picture_;
  FrameContext frame_;
  uint32_t projected_ = 0;
};

TEST_F(MotionFieldTest, IsTheSpecifications) {
  for (uint32_t run = 0; run < 300; ++run) {
    any_frame();
    const Field field = expected();
    for (const uint32_t tile_width : {16u, 32u, 128u})
      ASSERT_NO_FATAL_FAILURE(compare(field, tile_width));
  }
  EXPECT_GT(projected_, 10000u);
}

TEST_F(MotionFieldTest, BothRowsOfALargeSuperblockStay) {
  any_frame();
  frame_.mi_cols = 32;
  frame_.mi_rows = 32;
  for (auto& reference : frame_.references) reference = any_reference();
  const Field field = expected();
  MotionField motion;
  motion.begin(frame_);
  TileMotionField tile;
  tile.begin(0, 32);
  tile.project(motion, 0);
  tile.project(motion, 1);
  compare_row(field, motion, tile, 0, 0, 32);
  compare_row(field, motion, tile, 1, 0, 32);
}

// Applies 7.19 to every unit, then compares the values that are used.
TEST_F(MotionFieldTest, BlocksSaveTheirVectors) {
  uint32_t kept = 0;
  for (uint32_t run = 0; run < 5000; ++run) {
    any_frame();
    SavedFrame saved;
    saved.mi_cols = frame_.mi_cols = 36;
    saved.mi_rows = frame_.mi_rows = 22;
    saved.set_motion_size();
    for (uint32_t ref = last_frame; ref <= altref_frame; ++ref)
      frame_.is_past[ref] = distance(frame_.order_hints[ref], picture_.order_hint) < 0;
    BlockInfo block;
    block.size = static_cast<uint8_t>(between(0, block_size_count - 1));
    const uint32_t wide = units_wide(block.size), high = units_high(block.size);
    block.mi_col = static_cast<uint16_t>(between(0, (saved.mi_cols - 1) / wide) * wide);
    block.mi_row = static_cast<uint16_t>(between(0, (saved.mi_rows - 1) / high) * high);
    block.is_inter = between(0, 3) != 0;
    if (block.is_inter)
      block.ref_frame = {static_cast<int8_t>(between(1, 7)),
                         static_cast<int8_t>(static_cast<int32_t>(between(0, 8)) - 1)};
    block.mv = {any_mv(5000), any_mv(5000)};
    PlaceMotion expected;
    for (uint32_t list = 0; list < 2 && block.is_inter; ++list) {
      const int32_t ref = block.ref_frame[list];
      if (ref <= intra_frame || !frame_.is_past[static_cast<uint32_t>(ref)] ||
          std::abs(block.mv[list].y) > 4095 || std::abs(block.mv[list].x) > 4095)
        continue;
      expected = {block.mv[list], block.ref_frame[list]};
    }
    save_motion(frame_, block, saved);
    kept += expected.ref_frame > 0;
    const auto places = by_place(saved);
    for (uint32_t row = 1; row < saved.mi_rows; row += 2)
      for (uint32_t column = 1; column < saved.mi_cols; column += 2) {
        const bool covered = row >= block.mi_row && row < block.mi_row + high &&
                             column >= block.mi_col && column < block.mi_col + wide;
        const PlaceMotion& is = places[std::size_t{row / 2} * 18 + column / 2];
        const PlaceMotion should = covered ? expected : PlaceMotion{};
        ASSERT_EQ(is.ref_frame, should.ref_frame);
        ASSERT_EQ(is.mv, should.mv);
      }
  }
  EXPECT_GT(kept, 500u);
}

TEST_F(MotionFieldTest, WithoutOrderHintsNothingIsSaved) {
  picture_.order_hint_bits = 0;
  picture_.frame_type = FrameType::inter;
  frame_.mi_cols = frame_.mi_rows = 2;
  derive_motion(frame_);
  SavedFrame saved;
  saved.mi_cols = saved.mi_rows = 2;
  saved.set_motion_size();
  BlockInfo block;
  block.size = block_8x8;
  block.is_inter = true;
  block.ref_frame = {last_frame, no_ref};
  save_motion(frame_, block, saved);
  EXPECT_TRUE(saved.motion(0, 0).empty());
}

}  // namespace
}  // namespace daedalus::av1
