// SPDX-License-Identifier: MIT
#include "vp9/job_memory.h"

namespace daedalus::vp9 {

JobMemory::JobMemory(const JobRoom& room, uint32_t width, uint32_t height)
    : blocks_(room.blocks),
      small_blocks_(room.small_blocks),
      luma_transforms_(room.luma_transforms),
      chroma_transforms_(room.chroma_transforms),
      luma_intra_(room.luma_intra),
      chroma_intra_(room.chroma_intra),
      coefficient_bases_(std::size_t{in_superblocks(width)} * in_superblocks(height)),
      coefficients_(room.coefficients),
      luma_strips_(coefficient_bases_.size()),
      chroma_strips_(coefficient_bases_.size()) {
  job.blocks = blocks_;
  job.small_blocks = small_blocks_;
  job.luma_transforms = luma_transforms_;
  job.chroma_transforms = chroma_transforms_;
  job.luma_intra = luma_intra_;
  job.chroma_intra = chroma_intra_;
  job.coefficient_bases = coefficient_bases_;
  job.coefficients = coefficients_;
  job.luma_strips = luma_strips_;
  job.chroma_strips = chroma_strips_;
}

}  // namespace daedalus::vp9
