// SPDX-License-Identifier: MIT
// Turns a parsed block into inter prediction records (7.11.3): which rectangles of which plane are
// predicted, and from where.
#pragma once

#include <array>
#include <cstdint>

#include "av1/tile_context.h"
#include "daedalus/av1/job.h"
#include "records/record_list.h"

namespace daedalus::av1 {

// A tile's part of the job's lists. Indices count within the tile. The code that merges tiles adds
// the number of earlier tiles' overlaps to the lower 24 bits of `overlaps` in records with
// has_overlaps, and the number of their warps to `warp` if it is at least reference_count.
struct TilePredictions {
  // [luma, chroma][PredictionKind]
  std::array<std::array<RecordList<PredictionRecord>, prediction_kind_count>, 2> records;
  RecordList<OverlapRecord> overlaps;
  RecordList<WarpRecord> warps;  // local warps, which follow the job's first reference_count

  void clear() { return_to({}); }
  // A state that return_to() restores.
  struct Mark {
    std::array<std::array<uint32_t, prediction_kind_count>, 2> records{};
    uint32_t overlaps = 0, warps = 0;
  };
  Mark mark() const;
  void return_to(const Mark& mark);
};

// Adds the records of a block with is_inter but not use_intrabc. The block and all earlier blocks
// must be in the grid.
void add_predictions(const TileContext& tile, const Block& block, TilePredictions& to);

// The first reference_count of the job's warps: gm_params with their shear.
std::array<WarpRecord, reference_count> global_warps(const FrameContext& frame);

}  // namespace daedalus::av1
