// SPDX-License-Identifier: MIT
// What a decoded frame leaves to those that refer to it, beside its samples (7.20): immutable once
// it is written; while it is being parsed, others follow it. It lives with the surface.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "av1/mv.h"
#include "daedalus/av1/picture.h"

namespace daedalus::av1 {

struct CdfContext;  // av1/cdf.h

// SavedMvs and SavedRefFrames of 7.19, of the unit at odd row and column of each 8x8 samples.
struct SavedMotion {
  Mv mv;
  int32_t ref_frame = 0;  // MfRefFrames: 0 (none), or LAST_FRAME to ALTREF_FRAME

  friend bool operator==(const SavedMotion& a, const SavedMotion& b) {
    return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
  }
};
static_assert(sizeof(SavedMotion) == 8);  // as one word it is saved and compared

class SavedFrame {
 public:
  // Known from the frame's header on.
  FrameType frame_type = FrameType::key;
  uint8_t bit_depth = 8;
  bool monochrome = false;
  uint32_t upscaled_width = 0, width = 0, height = 0;  // samples
  uint32_t mi_cols = 0, mi_rows = 0;
  uint8_t order_hint = 0;
  uint8_t order_hint_bits = 0;
  std::array<uint8_t, 8> saved_order_hints{};  // of its own references, by RefFrame (1..7)
  std::array<GlobalMotion, reference_count> global_motion;

  // By 64x64 row, as it is parsed: wait_for_row().
  std::vector<SavedMotion> motion;  // (mi_rows / 2) x (mi_cols / 2), in raster order
  // mi_rows x mi_cols; empty: all 0.
  std::vector<uint8_t> segment_ids;

  // The final CDFs, once cdfs_ready().
  std::shared_ptr<const CdfContext> cdfs;
  bool cdfs_ready() const { return cdfs_ready_.load(std::memory_order_acquire); }
  void set_cdfs(std::shared_ptr<const CdfContext> final_cdfs) {
    cdfs = std::move(final_cdfs);
    cdfs_ready_.store(true, std::memory_order_release);
  }

  // To be called before any other thread knows the frame. Rows are of 64 luma samples, whatever a
  // superblock's size; each counts the tile columns that have finished it.
  void begin_rows(uint32_t tile_columns) {
    tile_columns_ = tile_columns;
    cdfs.reset();
    cdfs_ready_.store(false, std::memory_order_relaxed);
    for (auto& row : parsed_) row.store(0, std::memory_order_relaxed);
    finished_.store(false, std::memory_order_relaxed);
  }
  void add_parsed(uint32_t row64) {
    auto& row = parsed_[row64];
    if (row.fetch_add(1, std::memory_order_acq_rel) + 1 == tile_columns_) row.notify_all();
  }
  // Everything is parsed, or never will be: nobody waits any more.
  void finish() {
    for (auto& row : parsed_) {
      row.store(all, std::memory_order_release);
      row.notify_all();
    }
    finished_.store(true, std::memory_order_release);
  }
  bool finished() const { return finished_.load(std::memory_order_acquire); }
  void wait_for_row(uint32_t row64) const {
    const auto& row = parsed_[row64];
    for (uint32_t count = row.load(std::memory_order_acquire); count < tile_columns_;
         count = row.load(std::memory_order_acquire))
      row.wait(count, std::memory_order_acquire);
  }

 private:
  static constexpr uint32_t all = ~0u;

  std::atomic<bool> cdfs_ready_ = false;
  uint32_t tile_columns_ = 0;
  std::array<std::atomic<uint32_t>, in_64s(max_height)> parsed_{};
  std::atomic<bool> finished_ = false;
};

}  // namespace daedalus::av1
