// SPDX-License-Identifier: MIT
// State shared by all tiles of a frame while they are parsed: values computed once for the frame,
// and the arrays over its units.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

#include "av1/block.h"
#include "av1/saved_frame.h"
#include "daedalus/av1/picture.h"

namespace daedalus::av1 {

// The motion field of 7.9, in motion_field.cpp.
class MotionField;

// Has room for the maximum number of blocks. Most frames use a twentieth of it: pages that were
// never written take no memory and read as zeros.
class BlockList {
 public:
  // May discard the contents.
  void resize(std::size_t count) {
    if (count > room_) {
      blocks_.reset(static_cast<BlockInfo*>(std::calloc(count, sizeof(BlockInfo))));
      room_ = blocks_ ? count : 0;
      if (!blocks_) throw std::bad_alloc();
    }
    size_ = count;
  }
  std::size_t size() const { return size_; }
  BlockInfo& operator[](std::size_t index) { return blocks_.get()[index]; }
  const BlockInfo& operator[](std::size_t index) const { return blocks_.get()[index]; }

 private:
  struct Free {
    void operator()(BlockInfo* blocks) const { std::free(blocks); }
  };
  static_assert(std::is_trivially_copyable_v<BlockInfo>);
  std::unique_ptr<BlockInfo, Free> blocks_;
  std::size_t room_ = 0, size_ = 0;
};

struct FrameContext {
  const PictureParameters* picture = nullptr;
  uint32_t mi_rows = 0, mi_cols = 0;
  uint32_t sb_units_log2 = 4;  // log2 of a superblock's side: 4 for 64x64, 5 for 128x128

  // By RefFrame - 1. Null: lost. The decoder then predicts from another picture, and the reference
  // has no motion and no order hint.
  std::array<std::shared_ptr<const SavedFrame>, reference_count> references;
  std::array<uint8_t, 8> order_hints{};  // OrderHints[refFrame], 1..7
  std::array<bool, 8> sign_bias{};       // RefFrameSignBias
  std::array<bool, 8> is_past{};         // the reference comes before this frame in output order
  std::array<bool, 8> is_scaled{};       // the reference has another size
  std::array<int8_t, 2> skip_mode_frames{};
  std::array<GlobalMotion, 8> global_motion;  // by RefFrame; [0] is the identity
  std::array<bool, 8> warp_valid{};           // for global motion's shear, by RefFrame

  // Segments.
  std::array<bool, max_segments> lossless{};                    // LosslessArray
  std::array<std::array<uint8_t, 3>, max_segments> qm_level{};  // SegQMLevel[plane]
  bool coded_lossless = false;
  bool seg_id_pre_skip = false;
  uint8_t last_active_seg_id = 0;
  // PrevSegmentIds; null: all 0.
  std::shared_ptr<const SavedFrame> previous_segment_ids;

  // The frame being written.
  std::shared_ptr<SavedFrame> saved;
  std::unique_ptr<MotionField> motion_field;  // null without use_ref_frame_mvs

  // For each unit, its block's index in `blocks`. Each tile has a range of `blocks`, one element
  // for each of its units, after the ranges of earlier tiles. The grid is rounded up to whole
  // 128x128 superblocks, because it also holds blocks that extend beyond the frame.
  std::vector<uint32_t> grid;  // rows of grid_stride
  uint32_t grid_stride = 0;
  BlockList blocks;  // mi_rows x mi_cols

  // Written while superblocks are parsed; copied to the job after all tiles.
  std::vector<uint8_t> cdef_indices;  // cdef_idx of each 64x64 square in raster order
  std::array<std::vector<RestorationUnit>, 3> restoration_units;

  const BlockInfo& info(uint32_t mi_row, uint32_t mi_col) const {
    return blocks[grid[std::size_t{mi_row} * grid_stride + mi_col]];
  }
  bool feature_enabled(uint32_t segment_id, SegmentFeature feature) const {
    return picture->segmentation.enabled &&
           (picture->segmentation.feature_mask[segment_id] >> feature & 1) != 0;
  }
  int16_t feature_data(uint32_t segment_id, SegmentFeature feature) const {
    return picture->segmentation.feature_data[segment_id][feature];
  }
};

// get_relative_dist() (5.9.3).
constexpr int32_t relative_distance(uint32_t a, uint32_t b, uint32_t order_hint_bits) {
  if (order_hint_bits == 0) return 0;
  const int32_t difference = static_cast<int32_t>(a) - static_cast<int32_t>(b);
  const int32_t m = 1 << (order_hint_bits - 1);
  return (difference & (m - 1)) - (difference & m);
}

}  // namespace daedalus::av1
