// SPDX-License-Identifier: MIT
// The data that do not change while the tiles of a frame are parsed, and the above contexts, of
// which each tile column uses its own part.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "daedalus/vp9/job.h"
#include "vp9/compressed_header.h"
#include "vp9/frame_field.h"
#include "vp9/job_writer.h"
#include "vp9/mv_prediction.h"
#include "vp9/probabilities.h"
#include "vp9/reference_contexts.h"
#include "vp9/segmentation.h"
#include "vp9/uncompressed_header.h"

namespace daedalus::vp9 {

// Contexts of the units above or to the left of a superblock. Each bit is a 4x4 block of a plane,
// the first in the lowest bit: whether a transform block there has coefficients.
struct EdgeContext {
  uint32_t luma = 0, cb = 0, cr = 0;
  // Set where an intra block covers the 4x4 block: its level is in IntraLevels.
  uint32_t luma_intra = 0, chroma_intra = 0;
  alignas(8) std::array<uint8_t, 8> partition{};
};

// Intra level + 1 of the 4x4 blocks along the lower or right edge of what is parsed.
struct IntraLevels {
  std::array<uint16_t, 16> luma{};
  std::array<uint16_t, 8> chroma{};
};

struct FrameContext {
  UncompressedHeader header;
  CompressedHeader compressed;
  Probabilities probabilities;  // after the compressed header
  bool after_key = false;       // the previous frame was a key frame
  uint32_t mi_rows = 0, mi_cols = 0, sb_rows = 0, sb_cols = 0;

  FrameField* field = nullptr;
  const FrameField* previous = nullptr;    // its vectors are candidates; nullptr: there are none
  const FrameField* map_before = nullptr;  // its segment ids predict this frame's; nullptr: all 0

  MvFrame mv;
  CompoundReferences compound;
  ReferenceContextTable reference_contexts;
  std::array<Dequantization, max_segments> dequantization;
  std::array<FilterLevels, max_segments> filter_levels;
  std::array<bool, 4> ref_usable{}, ref_scaled{};  // by RefFrame

  // By superblock column.
  std::vector<EdgeContext> above;
  std::vector<IntraLevels> above_levels;
  std::vector<SmallBlockMvs> above_small;  // by column of 8x8 units
  // By superblock, in raster order.
  std::vector<SuperblockEdges> edges;
  std::vector<uint32_t> coefficient_bases;
};

}  // namespace daedalus::vp9
