// SPDX-License-Identifier: MIT
// Motion field estimation (7.9), and the motion vectors that frames save for it (7.19).
//
// MAX_OFFSET_HEIGHT is 0: a vector stays within the 64 luma rows that it comes from, and moves
// horizontally by at most one 64x64 block. So each tile projects its own rows just before it parses
// them, and needs only the same rows of its references.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "av1/frame_context.h"
#include "av1/mv.h"
#include "av1/saved_frame.h"

namespace daedalus::av1 {

// A reference's vector that passes through this 8x8 block, and how many frames it spans.
// MotionFieldMvs[ref] is computed from it on use: most places are used for one or two of the seven
// references. It is one word, ordered such that the largest of several passing vectors wins.
class TemporalMv {
 public:
  TemporalMv() = default;  // none
  TemporalMv(Mv mv, uint32_t distance, uint32_t precedence)
      : word_(std::bit_cast<uint32_t>(mv) | uint64_t{distance} << 32 |
              uint64_t{precedence} << precedence_shift) {}

  Mv mv() const { return std::bit_cast<Mv>(static_cast<uint32_t>(word_)); }
  // 1 to MAX_FRAME_DISTANCE; 0: none.
  uint32_t distance() const { return static_cast<uint32_t>(word_ >> 32) & 0xff; }

  bool is_same_vector(TemporalMv other) const {
    return (word_ ^ other.word_) << (64 - precedence_shift) == 0;
  }
  void take_larger(TemporalMv other) { word_ = std::max(word_, other.word_); }

 private:
  static constexpr uint32_t precedence_shift = 40;
  uint64_t word_ = 0;
};

// get_mv_projection() of 7.9.3; `scale` is clipped numerator * Div_Mult[clipped denominator]. A
// saved component's magnitude is below 2^12 and the scale's is at most 31 * 2^14, so the product
// fits.
inline int32_t scaled_component(int32_t component, int32_t scale) {
  const int32_t product = component * scale;
  return (product + (1 << 13) + (product >> 31)) >> 14;  // away from zero
}
inline int16_t projected_component(int32_t component, int32_t scale) {
  constexpr int32_t limit = (1 << 14) - 1;
  return static_cast<int16_t>(std::clamp(scaled_component(component, scale), -limit, limit));
}
inline Mv projected_mv(Mv mv, int32_t scale) {
  return {projected_component(mv.y, scale), projected_component(mv.x, scale)};
}
// Computes that scale.
int32_t projection_scale(int32_t numerator, int32_t denominator);

// Per-frame values: the projected references and their scales.
class MotionField {
 public:
  // Call when the frame's references and order hints are known.
  void begin(const FrameContext& frame);

  // MotionFieldMvs[ref_frame] for a stored vector.
  Mv mv_for(const TemporalMv& from, uint32_t ref_frame) const {
    return projected_mv(from.mv(), to_reference_[ref_frame][from.distance()]);
  }

  // A reference whose vectors are projected.
  struct Source {
    const SavedFrame* frame = nullptr;    // kept alive by FrameContext::references
    int32_t direction = 0;                // dstSign
    std::array<uint8_t, 8> distance{};    // refOffset by its own RefFrame; 0: not projected
    std::array<int32_t, 8> to_current{};  // projection_scale() of refToCur * dstSign
  };
  // Later sources overwrite the vectors of earlier ones.
  std::span<const Source> sources() const { return std::span(sources_).first(source_count_); }
  uint32_t width_8() const { return width_8_; }
  uint32_t height_8() const { return height_8_; }

 private:
  bool add_source(const FrameContext& frame, uint32_t ref_frame, int32_t direction);

  uint32_t width_8_ = 0, height_8_ = 0;  // in units of 8 luma samples
  std::array<Source, 3> sources_;        // MFMV_STACK_SIZE
  uint32_t source_count_ = 0;
  std::array<std::array<int32_t, 32>, 8> to_reference_{};
};

// The motion field of a tile's row of superblocks.
class TileMotionField {
 public:
  // The tile's columns in units.
  void begin(uint32_t mi_col_start, uint32_t mi_col_end);
  // Waits for the references' rows. `row64`: a row of 64 luma rows; call it for both of a 128x128
  // superblock.
  void project(const MotionField& field, uint32_t row64);

  // The place must be inside the tile, in the last projected row or the one before.
  const TemporalMv& at(uint32_t mi_row, uint32_t mi_col) const {
    return mvs_[(mi_row >> 1 & (rows - 1)) * stride_ + (mi_col >> 1) - column_begin_];
  }

 private:
  // Where vectors of a 64x64 square may move to, in units of 8 luma samples inside the tile.
  struct Reach {
    TemporalMv* first_row;  // of the square's rows
    int32_t column;         // of the square
    int32_t low, high;      // columns
    int32_t height;         // rows, from the square's first one on
    uint32_t precedence;    // of the source
  };
  void project_source(const MotionField& field, uint32_t index, uint32_t row64);
  void project_block(const MotionField::Source& source, const SavedMotion& motion,
                     const Reach& reach) const;

  static constexpr uint32_t rows = 16;  // of 8 luma samples: 128
  // Among vectors of one source, those from later places win: the ones that moved down least, then
  // right least. Later sources win over earlier ones.
  static constexpr uint32_t column_bits = 5, place_bits = 9;
  uint32_t column_begin_ = 0, column_end_ = 0, stride_ = 0;
  std::vector<TemporalMv> mvs_;
};

// Saves a block's vector (7.19). For frames that are not intra.
void save_motion(const FrameContext& frame, const BlockInfo& block, SavedFrame& saved);

}  // namespace daedalus::av1
