// SPDX-License-Identifier: MIT
#include "av1/prediction_writer.h"

#include <algorithm>
#include <bit>

#include "av1/frame_motion.h"
#include "av1/warp.h"

namespace daedalus::av1 {
namespace {

namespace head = prediction_head;

constexpr uint8_t gm_translation = 1;
constexpr uint32_t no_warp = 0xffff;

// A rectangle of a plane in samples.
struct Rectangle {
  uint32_t x, y, width, height;
};

uint32_t place_of(const Rectangle& area) {
  const auto log2_less_1 = [](uint32_t size) {
    return static_cast<uint32_t>(std::countr_zero(size)) - 1;
  };
  return area.x / 2 << prediction_place::x_shift | area.y / 2 << prediction_place::y_shift |
         log2_less_1(area.width) << prediction_place::width_shift |
         log2_less_1(area.height) << prediction_place::height_shift;
}

// Subpel_Filters' first index for a block with this many samples in the filter's direction
// (7.11.3.4).
uint32_t kernel_of(uint32_t interp_filter, uint32_t samples) {
  if (samples > 4) return interp_filter;
  constexpr std::array<uint8_t, 4> short_kernels = {4, 5, 4, bilinear};
  return short_kernels[interp_filter];
}
uint32_t kernels_of(const BlockInfo& info, uint32_t width, uint32_t height) {
  return kernel_of(info.interp_filter[1], width) << head::kernel_x_shift |
         kernel_of(info.interp_filter[0], height) << head::kernel_y_shift;
}

uint32_t reference_index(int8_t ref_frame) {
  return static_cast<uint32_t>(ref_frame - last_frame);
}

// Writes one block's predictions.
class Writer {
 public:
  Writer(const TileContext& tile, const Block& block, TilePredictions& to)
      : frame_(*tile.frame), block_(block), info_(block.info), to_(to) {}

  void write() {
    add_local_warp();
    add(0, {block_.mi_col * 4, block_.mi_row * 4, block_.width * 4, block_.height * 4}, info_);
    if (info_.has_chroma) write_chroma();
  }

 private:
  void add_local_warp();
  void write_chroma();
  bool is_chroma_whole() const;
  void write_parts();
  void add(uint32_t plane, const Rectangle& area, const BlockInfo& motion);
  void set_compound(PredictionRecord& record) const;
  bool set_warps(PredictionRecord& record) const;
  bool is_warped_globally(uint32_t list) const;
  void add_overlaps(uint32_t plane, const Rectangle& area, PredictionRecord& record);
  uint32_t add_overlaps_above(uint32_t plane, const Rectangle& area);
  uint32_t add_overlaps_left(uint32_t plane, const Rectangle& area);
  void add_overlap(const BlockInfo& neighbour, uint32_t offset, const Rectangle& area,
                   bool is_above);

  const FrameContext& frame_;
  const Block& block_;
  const BlockInfo& info_;
  TilePredictions& to_;
  uint32_t local_warp_ = no_warp;
  bool overlaps_are_scaled_ = false;
};

void Writer::add_local_warp() {
  if (info_.motion_mode != local_warp || !block_.local_warp_valid) return;
  const auto shear = setup_shear(block_.local_warp_params);
  if (!shear) return;
  local_warp_ = reference_count + to_.warps.size();
  to_.warps.add({block_.local_warp_params, *shear});
}

// compute_prediction() (5.11.33): chroma of a block that is 4 wide or high also covers the blocks
// beside it. If all of them are inter blocks, each one's part is predicted with its own motion.
void Writer::write_chroma() {
  if (is_chroma_whole()) {
    add(1,
        {block_.mi_col / 2 * 4, block_.mi_row / 2 * 4, std::max(block_.width * 2, 4u),
         std::max(block_.height * 2, 4u)},
        info_);
  } else {
    write_parts();
  }
}

// The block is at least 8x8, or someUseIntra is 1.
bool Writer::is_chroma_whole() const {
  if (block_.width > 1 && block_.height > 1) return true;
  const uint32_t row = block_.mi_row - (block_.height == 1 ? 1 : 0);
  const uint32_t column = block_.mi_col - (block_.width == 1 ? 1 : 0);
  for (const uint32_t y : {row, block_.mi_row})
    for (const uint32_t x : {column, block_.mi_col})
      if (frame_.info(y, x).ref_frame[0] <= intra_frame) return true;
  return false;
}

void Writer::write_parts() {
  const uint32_t rows = block_.height == 1 ? 2 : 1, columns = block_.width == 1 ? 2 : 1;
  const uint32_t width = block_.width * 2, height = block_.height * 2;
  for (uint32_t y = 0; y < rows; ++y)
    for (uint32_t x = 0; x < columns; ++x) {
      const uint32_t mi_row = block_.mi_row - (rows - 1) + y;
      const uint32_t mi_col = block_.mi_col - (columns - 1) + x;
      add(1, {block_.mi_col / 2 * 4 + x * width, block_.mi_row / 2 * 4 + y * height, width, height},
          frame_.info(mi_row, mi_col));
    }
}

void Writer::add(uint32_t plane, const Rectangle& area, const BlockInfo& motion) {
  const bool is_compound = motion.is_compound();
  PredictionRecord record{};
  record.place = place_of(area);
  record.head = reference_index(motion.ref_frame[0]) << head::reference_0_shift |
                (is_compound ? reference_index(motion.ref_frame[1]) : no_reference)
                    << head::reference_1_shift |
                kernels_of(motion, area.width, area.height);
  record.mv_0 = motion.mv[0].record();
  if (is_compound) record.mv_1 = motion.mv[1].record();
  record.block_size = info_.size;
  record.warp = no_warp;

  bool is_special = false;
  if (is_compound) {
    set_compound(record);
    is_special = block_.compound_type == compound_wedge || block_.compound_type == compound_diffwtd;
  }
  if (area.width >= 8 && area.height >= 8) is_special |= set_warps(record);
  overlaps_are_scaled_ = false;
  if (info_.motion_mode == obmc) {
    add_overlaps(plane, area, record);
    is_special |= (record.head & head::has_overlaps) != 0;
  }
  const bool is_scaled =
      overlaps_are_scaled_ || frame_.is_scaled[static_cast<uint32_t>(motion.ref_frame[0])] ||
      (is_compound && frame_.is_scaled[static_cast<uint32_t>(motion.ref_frame[1])]);
  const PredictionKind kind = is_scaled    ? PredictionKind::scaled
                              : is_special ? PredictionKind::special
                                           : PredictionKind::simple;
  to_.records[plane][static_cast<uint32_t>(kind)].add(record);
}

void Writer::set_compound(PredictionRecord& record) const {
  const auto set = [&](Compound compound) {
    record.head |= static_cast<uint32_t>(compound) << head::compound_shift;
  };
  switch (block_.compound_type) {
    case compound_wedge:
      set(Compound::wedge);
      record.head |= uint32_t{block_.wedge_index} << head::wedge_index_shift;
      if (block_.wedge_sign) record.head |= head::wedge_sign;
      break;
    case compound_diffwtd:
      set(Compound::difference);
      if (block_.mask_type) record.head |= head::mask_inverse;
      break;
    case compound_distance:
      set(Compound::distance);
      record.head |= forward_weight(frame_, static_cast<uint32_t>(info_.ref_frame[0]),
                                    static_cast<uint32_t>(info_.ref_frame[1]))
                     << head::weight_0_shift;
      break;
    default:
      set(Compound::average);
  }
}

// useWarp of 7.11.3.1, for areas of at least 8x8. Returns whether any list is warped.
bool Writer::set_warps(PredictionRecord& record) const {
  if (frame_.picture->force_integer_mv) return false;
  if (local_warp_ != no_warp) {
    record.head |= head::warp_0;
    record.warp = local_warp_;
    return true;
  }
  if (info_.y_mode != globalmv && info_.y_mode != global_globalmv) return false;
  if (is_warped_globally(0)) {
    record.head |= head::warp_0;
    record.warp = reference_index(info_.ref_frame[0]);
  }
  if (info_.is_compound() && is_warped_globally(1)) record.head |= head::warp_1;
  return (record.head & (head::warp_0 | head::warp_1)) != 0;
}

bool Writer::is_warped_globally(uint32_t list) const {
  const auto ref = static_cast<uint32_t>(info_.ref_frame[list]);
  return frame_.global_motion[ref].type > gm_translation && !frame_.is_scaled[ref] &&
         frame_.warp_valid[ref];
}

// The overlapped motion compensation process (7.11.3.9).
void Writer::add_overlaps(uint32_t plane, const Rectangle& area, PredictionRecord& record) {
  const uint32_t first = to_.overlaps.size();
  // get_plane_residual_size() must be at least BLOCK_8X8; 4x16 and 16x4 compare as larger.
  const bool has_above = area.width * area.height > 32;
  const uint32_t above = block_.avail_u && has_above ? add_overlaps_above(plane, area) : 0;
  const uint32_t left = block_.avail_l ? add_overlaps_left(plane, area) : 0;
  if (above + left == 0) return;
  record.head |= head::has_overlaps;
  record.overlaps = first | above << 24 | left << 28;
}

uint32_t Writer::add_overlaps_above(uint32_t plane, const Rectangle& area) {
  const uint32_t limit = std::min(4u, static_cast<uint32_t>(std::countr_zero(block_.width)));
  const uint32_t end = std::min(frame_.mi_cols, block_.mi_col + block_.width);
  const uint32_t depth = std::min(area.height / 2, 32u >> plane);
  uint32_t count = 0;
  for (uint32_t x4 = block_.mi_col; count < limit && x4 < end;) {
    const BlockInfo& above = frame_.info(block_.mi_row - 1, x4 | 1);
    const uint32_t step = std::clamp(units_wide(above.size), 2u, 16u);
    if (above.ref_frame[0] > intra_frame) {
      ++count;
      const uint32_t offset = (x4 - block_.mi_col) * 4 >> plane;
      add_overlap(above, offset, {0, 0, std::min(area.width, step * 4 >> plane), depth}, true);
    }
    x4 += step;
  }
  return count;
}

uint32_t Writer::add_overlaps_left(uint32_t plane, const Rectangle& area) {
  const uint32_t limit = std::min(4u, static_cast<uint32_t>(std::countr_zero(block_.height)));
  const uint32_t end = std::min(frame_.mi_rows, block_.mi_row + block_.height);
  const uint32_t depth = std::min(area.width / 2, 32u >> plane);
  uint32_t count = 0;
  for (uint32_t y4 = block_.mi_row; count < limit && y4 < end;) {
    const BlockInfo& left = frame_.info(y4 | 1, block_.mi_col - 1);
    const uint32_t step = std::clamp(units_high(left.size), 2u, 16u);
    if (left.ref_frame[0] > intra_frame) {
      ++count;
      const uint32_t offset = (y4 - block_.mi_row) * 4 >> plane;
      add_overlap(left, offset, {0, 0, depth, std::min(area.height, step * 4 >> plane)}, false);
    }
    y4 += step;
  }
  return count;
}

void Writer::add_overlap(const BlockInfo& neighbour, uint32_t offset, const Rectangle& area,
                         bool is_above) {
  OverlapRecord record{};
  const uint32_t length = is_above ? area.width : area.height;
  const uint32_t depth = is_above ? area.height : area.width;
  record.span = offset | length << 8 | depth << 16;
  record.head = reference_index(neighbour.ref_frame[0]) << head::reference_0_shift |
                no_reference << head::reference_1_shift |
                kernels_of(neighbour, area.width, area.height);
  record.mv = neighbour.mv[0].record();
  to_.overlaps.add(record);
  overlaps_are_scaled_ |= frame_.is_scaled[static_cast<uint32_t>(neighbour.ref_frame[0])];
}

}  // namespace

TilePredictions::Mark TilePredictions::mark() const {
  Mark mark;
  for (uint32_t plane = 0; plane < 2; ++plane)
    for (uint32_t kind = 0; kind < prediction_kind_count; ++kind)
      mark.records[plane][kind] = records[plane][kind].size();
  mark.overlaps = overlaps.size();
  mark.warps = warps.size();
  return mark;
}

void TilePredictions::return_to(const Mark& mark) {
  for (uint32_t plane = 0; plane < 2; ++plane)
    for (uint32_t kind = 0; kind < prediction_kind_count; ++kind)
      records[plane][kind].cut(mark.records[plane][kind]);
  overlaps.cut(mark.overlaps);
  warps.cut(mark.warps);
}

void add_predictions(const TileContext& tile, const Block& block, TilePredictions& to) {
  Writer(tile, block, to).write();
}

std::array<WarpRecord, reference_count> global_warps(const FrameContext& frame) {
  std::array<WarpRecord, reference_count> warps;
  constexpr WarpMatrix identity = {0, 0, 1 << 16, 0, 0, 1 << 16};
  for (uint32_t ref = last_frame; ref <= altref_frame; ++ref) {
    const auto& matrix = frame.global_motion[ref].params;
    const auto shear = frame.warp_valid[ref] ? setup_shear(matrix) : std::nullopt;
    warps[ref - 1] = shear ? WarpRecord{matrix, *shear} : WarpRecord{identity, {}};
  }
  return warps;
}

}  // namespace daedalus::av1
