// SPDX-License-Identifier: MIT
// Mode info of inter blocks and of intra block copy (5.11.23 to 5.11.32): references, vectors, and
// how predictions are combined.
#pragma once

#include <cstdint>

#include "av1/mv_prediction.h"
#include "av1/reference_contexts.h"
#include "av1/tile_context.h"

namespace daedalus::av1 {

// Reused for one tile after another; keeps its memory.
class InterModeInfo {
 public:
  // Call once the tile's limits are known.
  void begin(TileContext& tile);
  // Call before the first superblock of each row. Projects the motion field, and waits for the
  // references' rows.
  void begin_superblock_row(uint32_t mi_row);

  // inter_block_mode_info(). Earlier elements of inter_frame_mode_info() must be known. Sets all of
  // block.info, the block's members for inter prediction, y_mode and, for inter-intra, the angles
  // and filter intra.
  void inter_block(Block& block);
  // intra_frame_mode_info()'s part for use_intrabc 1. An invalid vector marks the tile as broken
  // and turns the block into an intra block (DC).
  void intrabc_block(Block& block);

 private:
  void read_ref_frames(Block& block);
  RefFrame read_single_reference(const ReferenceContexts& contexts);
  void read_compound_references(Block& block, const ReferenceContexts& contexts);
  void read_unidirectional_references(Block& block, const ReferenceContexts& contexts);
  void read_mode(Block& block);
  uint32_t read_ref_mv_idx(const Block& block);
  void assign_mvs(Block& block, uint32_t ref_mv_idx);
  Mv read_mv(Mv predicted, uint32_t mv_context, bool integer);
  int32_t read_mv_component(MvComponentCdfs& cdfs, bool integer);
  Mv bounded_mv(int32_t y, int32_t x);
  void read_interintra_mode(Block& block);
  void read_motion_mode(Block& block);
  void estimate_warp(Block& block, const WarpSamples& samples);
  void read_compound_type(Block& block);
  void read_mask(Block& block);
  void read_interp_filters(Block& block);
  bool needs_interp_filter(const Block& block) const;

  // In intra_block_copy.cpp.
  Mv default_intrabc_mv(const Block& block) const;

  TileContext* tile_ = nullptr;
  TileMotionField motion_field_;
  const TileMotionField* temporal_ = nullptr;  // null without use_ref_frame_mvs
  MvStack stack_;
};

// Whether the vector is valid for an intra block copy: it must point to samples of the tile that
// are far enough back in decoding order (is_mv_valid() of 6.10.25).
bool is_intrabc_mv_valid(const TileContext& tile, const Block& block, Mv mv);

}  // namespace daedalus::av1
