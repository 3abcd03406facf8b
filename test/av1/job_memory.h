// SPDX-License-Identifier: MIT
// A job in ordinary memory.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "daedalus/av1/job.h"

namespace daedalus::av1 {

class JobMemory {
 public:
  // For a picture of this coded size.
  JobMemory(const JobRoom& room, uint32_t width, uint32_t height, uint32_t upscaled_width);
  JobMemory(const JobMemory&) = delete;
  JobMemory& operator=(const JobMemory&) = delete;

  PictureJob job;

 private:
  std::vector<BlockRecord> blocks_;
  std::vector<TxSplit> tx_splits_;
  std::array<std::vector<PredictionRecord>, 2> predictions_;
  std::vector<OverlapRecord> overlaps_;
  std::vector<WarpRecord> warps_;
  std::array<std::vector<IntraRecord>, 2> intra_;
  std::vector<IntraRecord> intra_slots_;
  std::vector<TransformRecord> transforms_;
  std::vector<uint32_t> palettes_, coefficients_;
  std::vector<uint8_t> cdef_indices_;
  std::array<std::vector<RestorationUnit>, 3> restoration_units_;
};

}  // namespace daedalus::av1
