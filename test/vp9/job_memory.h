// SPDX-License-Identifier: MIT
// A job in ordinary memory.
#pragma once

#include <vector>

#include "daedalus/vp9/job.h"

namespace daedalus::vp9 {

class JobMemory {
 public:
  JobMemory(const JobRoom& room, uint32_t width, uint32_t height);

  PictureJob job;

 private:
  std::vector<BlockRecord> blocks_;
  std::vector<SmallBlockRecord> small_blocks_;
  std::vector<LumaTransform> luma_transforms_;
  std::vector<ChromaTransform> chroma_transforms_;
  std::vector<uint32_t> luma_intra_, chroma_intra_, coefficient_bases_, coefficients_;
  std::vector<uint32_t> luma_strips_, chroma_strips_;
};

}  // namespace daedalus::vp9
