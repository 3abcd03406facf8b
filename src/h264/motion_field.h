// SPDX-License-Identifier: MIT
// What the direct prediction of later B pictures needs of a reference picture (H.264 8.4.1.2): its
// motion, and its own references, as they were when it was decoded.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "daedalus/decoded_state.h"
#include "daedalus/h264/job.h"
#include "h264/mv.h"

namespace daedalus::h264 {

struct alignas(16) ColocatedMb {
  // mvCol of each 4x4 block in raster order: list 0's where it predicts from list 0, else list 1's.
  std::array<Mv, 16> mv;
  // For each 8x8 quarter: refIdxCol, -1 where intra; and the picture it refers to, see
  // serial_of_frame().
  std::array<int8_t, 4> ref_idx;
  std::array<uint32_t, 4> ref_serial;
  bool is_field;  // of MBAFF frames: it is a field macroblock
};

// Names a frame, or one of its fields, by the MotionField::serial of the frame.
inline uint32_t serial_of_frame(uint32_t serial) {
  return serial * 4;
}
inline uint32_t serial_of_field(uint32_t serial, bool bottom) {
  return serial * 4 + (bottom ? 2 : 1);
}

// The motion of a frame or a field. The second field of a frame refers to the first one's.
//
// Later pictures may be parsed concurrently: they follow this one row by row. Slices may be parsed
// in any order, so each row counts its parsed macroblocks.
class MotionField final : public DecodedState {
 public:
  static constexpr Kind kind{};

  MotionField() : DecodedState(kind) {}

  uint32_t serial = 0;  // names the decoded frame; never reused
  PictureStructure structure = PictureStructure::frame;
  bool is_mbaff = false;  // the macroblocks are at their places, see PictureParameters::place_of
  std::array<int32_t, 2> field_order_cnt{};        // TopFieldOrderCnt, BottomFieldOrderCnt
  std::shared_ptr<const MotionField> first_field;  // of a second field
  std::vector<ColocatedMb> mbs;

  bool is_frame() const { return structure == PictureStructure::frame; }
  // One of the frame's fields; null if it was not decoded as a field, or not yet.
  const MotionField* field(bool bottom) const {
    const auto wanted = bottom ? PictureStructure::bottom_field : PictureStructure::top_field;
    if (structure == wanted) return this;
    return first_field ? first_field->field(bottom) : nullptr;
  }
  bool has_field(bool bottom) const { return is_frame() || field(bottom) != nullptr; }
  int32_t order_cnt_of_field(bool bottom) const {
    return (is_frame() ? this : field(bottom))->field_order_cnt[bottom ? 1 : 0];
  }

  // Whether this is the motion of a frame of this size, or of one of its fields.
  bool is_of_frame(uint32_t width_in_mbs, uint32_t frame_height_in_mbs) const {
    return width_in_mbs_ == width_in_mbs &&
           height_in_mbs_ * (is_frame() ? 1 : 2) == frame_height_in_mbs;
  }

  // Call before any other thread knows the picture. The size is that of the frame or field.
  void begin(uint32_t width_in_mbs, uint32_t height_in_mbs) {
    width_in_mbs_ = width_in_mbs;
    height_in_mbs_ = height_in_mbs;
    first_field.reset();
    mbs.resize(std::size_t{width_in_mbs} * height_in_mbs);
    for (auto& count : parsed_mbs_) count.store(0, std::memory_order_relaxed);
    set_progress(Progress::queued);
  }
  // `count` more macroblocks of this row are parsed.
  void add_parsed(uint32_t mb_y, uint32_t count) {
    auto& row = parsed_mbs_[mb_y];
    if (row.fetch_add(count, std::memory_order_acq_rel) + count == width_in_mbs_) row.notify_all();
  }
  // Every macroblock is parsed or never will be. Ends all waits.
  void finish() {
    for (auto& row : parsed_mbs_) {
      row.store(all, std::memory_order_release);
      row.notify_all();
    }
    set_progress(Progress::written);
  }

  // Waits for several rows at once, because falling asleep costs more than parsing one. The picture
  // must be running.
  void wait_for_row(uint32_t mb_y) const {
    if (is_parsed(parsed_mbs_[mb_y].load(std::memory_order_acquire))) return;
    constexpr uint32_t rows_at_once = 8;
    const uint32_t end = std::min(mb_y + rows_at_once, height_in_mbs_);
    for (uint32_t row = mb_y; row < end; ++row) {
      const auto& count = parsed_mbs_[row];
      for (uint32_t now = count.load(std::memory_order_acquire); !is_parsed(now);
           now = count.load(std::memory_order_acquire))
        count.wait(now, std::memory_order_acquire);
    }
  }

 private:
  static constexpr uint32_t all = ~0u;
  bool is_parsed(uint32_t count) const { return count >= width_in_mbs_; }

  uint32_t width_in_mbs_ = 0, height_in_mbs_ = 0;
  std::array<std::atomic<uint32_t>, max_height_in_mbs> parsed_mbs_{};
};

}  // namespace daedalus::h264
