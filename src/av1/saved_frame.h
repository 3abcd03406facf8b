// SPDX-License-Identifier: MIT
// What a decoded frame saves for frames that refer to it, besides its samples (7.20). Immutable
// once written, but other frames may read finished rows while it is being parsed. Its surface owns
// it.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "av1/mv.h"
#include "daedalus/av1/picture.h"
#include "threads/row_progress.h"

namespace daedalus::av1 {

struct CdfContext;  // av1/cdf.h

// MfMvs and MfRefFrames (7.19) of a block, or of its part in a 64x64 square. Stored once for all
// 8x8 squares whose unit at odd row and column belongs to the block. One word, assembled in a
// register, so that reading it soon afterwards does not stall.
class SavedMotion {
 public:
  SavedMotion() = default;
  // `ref_frame`: LAST_FRAME to ALTREF_FRAME. Positions and sizes are in units of 8 samples, inside
  // the 64x64 square.
  SavedMotion(Mv mv, uint32_t ref_frame, uint32_t row, uint32_t column, uint32_t height,
              uint32_t width)
      : word_(std::bit_cast<uint32_t>(mv) | uint64_t{ref_frame} << 32 | uint64_t{row} << 40 |
              uint64_t{column} << 44 | uint64_t{height} << 48 | uint64_t{width} << 52) {}

  Mv mv() const { return std::bit_cast<Mv>(static_cast<uint32_t>(word_)); }
  uint32_t ref_frame() const { return bits(32, 8); }
  uint32_t row() const { return bits(40, 4); }
  uint32_t column() const { return bits(44, 4); }
  uint32_t height() const { return bits(48, 4); }
  uint32_t width() const { return bits(52, 4); }

 private:
  uint32_t bits(uint32_t first, uint32_t count) const {
    return static_cast<uint32_t>(word_ >> first) & ((1u << count) - 1);
  }

  uint64_t word_ = 0;
};

class SavedFrame : public RowProgress<in_64s(max_height)> {
 public:
  // Known once the frame's header is parsed.
  FrameType frame_type = FrameType::key;
  uint8_t bit_depth = 8;
  bool monochrome = false;
  uint32_t upscaled_width = 0, width = 0, height = 0;  // samples
  uint32_t mi_cols = 0, mi_rows = 0;
  uint8_t order_hint = 0;
  uint8_t order_hint_bits = 0;
  std::array<uint8_t, 8> saved_order_hints{};  // of its own references, by RefFrame (1..7)
  std::array<GlobalMotion, reference_count> global_motion;

  // Vectors by 64x64 square, only where a block has one. Readers wait_for_row() first.
  void set_motion_size() { motion_.resize(in_64s(4 * mi_cols) * std::size_t{in_64s(4 * mi_rows)}); }
  bool has_motion_size() const {
    return motion_.size() == in_64s(4 * mi_cols) * std::size_t{in_64s(4 * mi_rows)};
  }
  void clear_motion(uint32_t row64, uint32_t column64) { square(row64, column64).count = 0; }
  // `row64` and `column64` select the square. Blocks do not overlap.
  void add_motion(uint32_t row64, uint32_t column64, const SavedMotion& motion) {
    MotionSquare& to = square(row64, column64);
    to.list[to.count++] = motion;
  }
  std::span<const SavedMotion> motion(uint32_t row64, uint32_t column64) const {
    const MotionSquare& from = motion_[std::size_t{row64} * in_64s(4 * mi_cols) + column64];
    return std::span(from.list).first(from.count);
  }
  // mi_rows x mi_cols. Empty: all 0.
  std::vector<uint8_t> segment_ids;

  // The final CDFs. Valid after cdfs_ready().
  std::shared_ptr<const CdfContext> cdfs;
  bool cdfs_ready() const { return cdfs_ready_.load(std::memory_order_acquire); }
  void set_cdfs(std::shared_ptr<const CdfContext> final_cdfs) {
    cdfs = std::move(final_cdfs);
    cdfs_ready_.store(true, std::memory_order_release);
  }

  // Call before another thread can see the frame. Rows are 64 luma samples high, whatever the
  // superblock size.
  void begin_rows(uint32_t tile_columns) {
    cdfs.reset();
    cdfs_ready_.store(false, std::memory_order_relaxed);
    RowProgress::begin_rows(tile_columns);
  }

 private:
  struct MotionSquare {
    uint32_t count = 0;
    std::array<SavedMotion, 64> list;
  };
  MotionSquare& square(uint32_t row64, uint32_t column64) {
    return motion_[std::size_t{row64} * in_64s(4 * mi_cols) + column64];
  }
  std::vector<MotionSquare> motion_;

  std::atomic<bool> cdfs_ready_ = false;
};

}  // namespace daedalus::av1
