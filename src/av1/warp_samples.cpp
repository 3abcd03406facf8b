// SPDX-License-Identifier: MIT
// find_warp_samples() (7.10.4)
#include <algorithm>
#include <cstdlib>

#include "av1/mv_prediction.h"

namespace daedalus::av1 {
namespace {

class Samples {
 public:
  Samples(const TileContext& tile, const Block& block)
      : tile_(tile), frame_(*tile.frame), block_(block) {}

  WarpSamples find();

 private:
  void find_above();
  void find_left();
  void add(int32_t delta_row, int32_t delta_col);

  const TileContext& tile_;
  const FrameContext& frame_;
  const Block& block_;
  bool has_top_left_ = true, has_top_right_ = true;  // doTopLeft, doTopRight
  uint32_t scanned_ = 0;                             // NumSamplesScanned
  WarpSamples samples_;
};

WarpSamples Samples::find() {
  if (block_.avail_u) find_above();
  if (block_.avail_l) find_left();
  if (has_top_left_) add(-1, -1);
  if (has_top_right_ && std::max(block_.width, block_.height) <= 16)
    add(-1, static_cast<int32_t>(block_.width));
  if (samples_.count == 0 && scanned_ > 0) samples_.count = 1;
  return samples_;
}

void Samples::find_above() {
  const uint32_t first = units_wide(block_.above->size);
  if (block_.width <= first) {
    const uint32_t offset = block_.mi_col & (first - 1);
    if (offset > 0) has_top_left_ = false;
    if (first > block_.width + offset) has_top_right_ = false;
    add(-1, 0);
    return;
  }
  const uint32_t end = std::min(block_.width, frame_.mi_cols - block_.mi_col);
  for (uint32_t i = 0; i < end;) {
    const BlockInfo& above = frame_.info(block_.mi_row - 1, block_.mi_col + i);
    add(-1, static_cast<int32_t>(i));
    i += std::min(block_.width, units_wide(above.size));
  }
}

void Samples::find_left() {
  const uint32_t first = units_high(block_.left->size);
  if (block_.height <= first) {
    if ((block_.mi_row & (first - 1)) > 0) has_top_left_ = false;
    add(0, -1);
    return;
  }
  const uint32_t end = std::min(block_.height, frame_.mi_rows - block_.mi_row);
  for (uint32_t i = 0; i < end;) {
    const BlockInfo& left = frame_.info(block_.mi_row + i, block_.mi_col - 1);
    add(static_cast<int32_t>(i), -1);
    i += std::min(block_.height, units_high(left.size));
  }
}

// The add sample process (7.10.4.2).
void Samples::add(int32_t delta_row, int32_t delta_col) {
  if (scanned_ >= least_squares_samples_max) return;
  const int32_t row = static_cast<int32_t>(block_.mi_row) + delta_row;
  const int32_t column = static_cast<int32_t>(block_.mi_col) + delta_col;
  if (!tile_.is_inside(row, column)) return;
  const auto mi_row = static_cast<uint32_t>(row), mi_col = static_cast<uint32_t>(column);
  if (!tile_.is_decoded(mi_row, mi_col)) return;
  const BlockInfo& candidate = frame_.info(mi_row, mi_col);
  if (candidate.ref_frame[0] != block_.info.ref_frame[0] || candidate.ref_frame[1] != no_ref)
    return;

  const int32_t threshold =
      std::clamp(4 * static_cast<int32_t>(std::max(block_.width, block_.height)), 16, 112);
  const Mv own = block_.info.mv[0], mv = candidate.mv[0];
  const bool is_valid = std::abs(mv.y - own.y) + std::abs(mv.x - own.x) <= threshold;
  ++scanned_;
  if (!is_valid && scanned_ > 1) return;
  const auto mid_y =
      static_cast<int32_t>(candidate.mi_row * 4 + units_high(candidate.size) * 2 - 1);
  const auto mid_x =
      static_cast<int32_t>(candidate.mi_col * 4 + units_wide(candidate.size) * 2 - 1);
  samples_.list[samples_.count] = {mid_y * 8, mid_x * 8, mid_y * 8 + mv.y, mid_x * 8 + mv.x};
  if (is_valid) ++samples_.count;
}

}  // namespace

WarpSamples find_warp_samples(const TileContext& tile, const Block& block) {
  return Samples(tile, block).find();
}

}  // namespace daedalus::av1
